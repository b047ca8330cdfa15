import { z } from 'zod';

/** A message to people, in words but without a form: each channel gives it its own, and makes whatever is in it harmless there. */
export const notice = z.object({
  language: z.enum(['en', 'de']),
  tone: z.enum(['bad', 'warning', 'good', 'info']),
  title: z.string(),
  text: z.array(z.string()),
  facts: z.array(z.tuple([z.string(), z.string()])),
  list: z.array(z.string()),
  /** messages of one thread belong together; `begins`: this is its first */
  thread: z.object({ id: z.string(), begins: z.boolean() }).nullable(),
  /** the one thing to press */
  action: z.object({ label: z.string(), url: z.url({ protocol: /^https?$/ }) }).optional(),
});

export type Notice = z.output<typeof notice>;
export type Language = Notice['language'];
