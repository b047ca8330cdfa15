import { z } from 'zod';

const status = z.enum(['ok', 'warn', 'fail']).meta({
  id: 'CheckStatus',
  description: 'warn: works for now; fail: is why something does not work, or will not',
});

/** One thing that an installation stands on. */
export const check = z
  .object({
    id: z.string().meta({ description: 'a constant', example: 'docker.live-restore' }),
    title: z.string(),
    status,
    detail: z.string().meta({ description: 'what was found, or what is wrong' }),
    fix: z.string().meta({ description: 'what to do; empty when there is nothing to be done' }),
  })
  .meta({ id: 'Check' });

/** What one service looked at. */
export const checkGroup = z
  .object({
    scope: z.enum(['installation', 'cloudflare', 'host']),
    subject: z.string().meta({ description: "a host's id, or the Cloudflare account's; empty for the installation" }),
    service: z.string().meta({ description: 'which service looked' }),
    checkedAt: z.iso.datetime(),
    status,
    checks: z.array(check),
  })
  .meta({ id: 'CheckGroup' });

/** How an installation is, with everything that it stands on. */
export const doctorReport = z
  .object({ status, checkedAt: z.iso.datetime(), groups: z.array(checkGroup) })
  .meta({ id: 'DoctorReport' });

export type CheckGroup = z.output<typeof checkGroup>;
export type DoctorReport = z.output<typeof doctorReport>;
