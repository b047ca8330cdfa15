import { z } from 'zod';

/** An error by RFC 9457. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'a constant, such as domain.in-use' }),
    requestId: z.string(),
    errors: z
      .array(z.object({ pointer: z.string().meta({ description: 'RFC 6901, with a leading #' }), detail: z.string() }))
      .optional(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.output<typeof problem>;
