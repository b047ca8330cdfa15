import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { BerthError } from '../errors/berth-error.ts';
import { Secret } from './secret.ts';

/** Encrypts what must be kept secret at rest (licence keys, tunnel secrets, customers' environment). */
export interface Vault {
  /** @returns `v1.<key id>.<base64url of nonce, tag and text>` */
  encrypt(text: string): string;
  /** Whether it was sealed with one of the keys that are given. */
  knows(sealed: string): boolean;
  /** @throws BerthError `secrets.unreadable` when the text was made with another key or was changed */
  decrypt(sealed: string): Secret;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface Key {
  id: string;
  bytes: Buffer;
}

/**
 * AES-256-GCM under the first of the keys; any of them decrypts, so that a key can be replaced: put the new one in front.
 * @param keys `BERTH_SECRETS_KEY`: one or more keys of 32 bytes in base64, separated by commas
 * @throws Error when there is no key or one isn't 32 bytes long
 */
export function makeVault(keys: Secret): Vault {
  const parsed = keys.reveal().split(',').map(parseKey);
  const [first] = parsed;
  if (!first) throw new Error('no key given');
  return {
    encrypt: (text) => seal(first, text),
    knows: (sealed) => parsed.some(({ id }) => sealed.split('.', 2)[1] === id),
    decrypt: (sealed) => open(parsed, sealed),
  };
}

function parseKey(text: string): Key {
  const bytes = Buffer.from(text.trim(), 'base64');
  if (bytes.length !== 32) throw new Error('each key must be 32 bytes in base64 (openssl rand -base64 32)');
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes };
}

function seal(key: Key, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return `v1.${key.id}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`;
}

function open(keys: readonly Key[], sealed: string): Secret {
  const [version, id, packed] = sealed.split('.');
  const key = keys.find((candidate) => candidate.id === id);
  if (version !== 'v1' || !key || !packed) {
    throw new BerthError(
      'secrets.unreadable',
      `a secret was sealed with key ${id ?? '?'}, which BERTH_SECRETS_KEY lacks`,
    );
  }
  try {
    const bytes = Buffer.from(packed, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return new Secret(Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8'));
  } catch (cause) {
    throw new BerthError('secrets.unreadable', `a secret sealed with key ${key.id} does not open`, { cause });
  }
}
