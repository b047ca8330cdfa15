import { z } from 'zod';

/** A line that a site's container or tunnel wrote. */
export const logLine = z
  .object({
    id: z.string().meta({ description: 'grows with each line of a site' }),
    at: z.iso.datetime(),
    source: z.enum(['container', 'tunnel']),
    stream: z.enum(['stdout', 'stderr', 'systemd', 'berth']).meta({
      description: 'systemd: what it says of the tunnel; berth: a remark of ours, such as how many lines were left out',
    }),
    line: z.string(),
  })
  .meta({ id: 'LogLine' });

/** Which lines are wanted. */
export const logQuery = z.strictObject({
  tail: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'so many of the last ones' }),
  since: z.iso.datetime({ offset: true }).optional(),
  after: z
    .string()
    .regex(/^\d{1,18}$/, 'must be the id of a line')
    .optional()
    .meta({ description: 'the lines after this one, in place of the last ones' }),
  source: z.enum(['container', 'tunnel']).optional(),
  search: z.string().min(1).max(200).optional().meta({ description: 'lines that hold this text, in whatever case' }),
  follow: z.enum(['0', '1']).default('0').meta({ description: '1: also the lines to come, as Server-Sent Events' }),
});

export type LogLine = z.output<typeof logLine>;
export type LogQuery = z.output<typeof logQuery>;
