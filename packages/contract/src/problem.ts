import { z } from 'zod';

/** What a sentence with a code names, so that it can be said in any language. */
export const sentenceValues = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .meta({ description: 'what detail names, for who says the code in another language, such as { "plan": "free" }' });

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
      .array(
        z.object({
          pointer: z.string().meta({ description: 'RFC 6901, with a leading #' }),
          detail: z.string(),
          code: z.string().optional().meta({
            description: 'a constant, such as ip.host-bits, where the field was understood and cannot be had',
          }),
          values: sentenceValues.optional(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.output<typeof problem>;
