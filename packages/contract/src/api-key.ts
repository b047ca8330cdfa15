import { z } from 'zod';
import { scopes } from './scopes.ts';

const time = z.iso.datetime();
const maybeTime = time.nullable();

/** A key as it is known: never the key itself. */
export const apiKey = z
  .object({
    id: z.uuid(),
    name: z.string(),
    prefix: z.string().meta({ description: 'its beginning, by which people tell keys apart' }),
    scopes: z.array(z.string()),
    createdAt: time,
    expiresAt: maybeTime,
    revokedAt: maybeTime,
    lastUsedAt: maybeTime,
  })
  .meta({ id: 'ApiKey' });

export const apiKeyRequest = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    scopes: z.array(z.enum(scopes)).min(1),
    days: z.int().min(1).max(9999).optional().meta({ description: 'for how long; for ever when not given' }),
  })
  .meta({ id: 'ApiKeyRequest' });

export const newApiKey = apiKey
  .extend({ key: z.string().meta({ description: 'shown this once' }) })
  .meta({ id: 'NewApiKey' });
