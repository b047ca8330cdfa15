import { z } from 'zod';
import { type ImageAllowlist, parseImageAllowlist } from '../domain/image-allowlist.ts';

/** Where images may come from: the API refuses others at once, and so does whoever would pull them. */
export const imageSettings = {
  IMAGE_ALLOWLIST: z
    .string()
    .default('')
    .transform((text, context): ImageAllowlist => {
      const list = parseImageAllowlist(text);
      if (list.ok) return list.value;
      context.addIssue({ code: 'custom', message: list.problem });
      return z.NEVER;
    })
    .describe(
      'where images may come from, separated by commas: `ghcr.io` (a registry), `ghcr.io/acme/*` (below a path), `ghcr.io/acme/site` (one repository); all, when not set',
    ),
};
