import { z } from 'zod';

/** Who changed what, or tried to. */
export const auditEntry = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    actor: z.object({
      kind: z.enum(['user', 'api-key', 'customer', 'nobody', 'system']),
      id: z.string().nullable(),
      name: z.string().meta({ description: 'an e-mail address, or the name of a key' }),
    }),
    action: z.string().meta({ description: "the route's name in the description of the API", example: 'restartSite' }),
    target: z.string().nullable().meta({ description: 'what the path names', example: 'customer_123' }),
    status: z.int().nullable().meta({ description: 'the answer; null when the process ended before it was known' }),
    before: z.unknown().meta({ description: 'as it was, where that is known; never with secrets' }),
    after: z.unknown().meta({ description: 'what was asked for, or as it is now; never with secrets' }),
    requestId: z.string().nullable(),
    ipAddress: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' });

export type AuditEntry = z.output<typeof auditEntry>;
