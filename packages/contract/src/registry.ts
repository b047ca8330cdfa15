import { z } from 'zod';

/** What a registry wants to know from who pulls there. */
export const registryLogin = z
  .strictObject({
    username: z
      .string()
      .regex(/^[^\s:]{1,255}$/, 'must have 1 to 255 characters, without blanks and colons')
      .meta({ example: 'berth' }),
    password: z
      .string()
      .min(1)
      .max(16_384)
      .regex(/^[^\r\n]+$/, 'must be one line')
      .meta({ description: 'a password or a token; never given back' }),
  })
  .meta({ id: 'RegistryLogin' });

/** A registry whose login is stored. */
export const registry = z
  .object({
    registry: z.string().meta({ example: 'registry.example.org:5000' }),
    username: z.string(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Registry' });

export type RegistryLogin = z.output<typeof registryLogin>;
