import { createHash } from 'node:crypto';
import type { Chance } from './chance.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 40;
const SHOWN = 12;

/** A new API key: shown once, and known by its hash from then on. */
export interface NewApiKey {
  /** `berth_` and 40 letters and digits */
  key: string;
  /** its beginning, by which people tell keys apart */
  prefix: string;
  hash: string;
}

/** Keys are known by their SHA-256: they are random enough that nothing slower is needed. @returns 64 hexadecimal digits */
export function hashOfApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Makes a key with some 238 bits of chance. */
export function makeApiKey(chance: Chance): NewApiKey {
  let text = '';
  while (text.length < LENGTH) {
    for (const byte of chance.bytes(LENGTH)) {
      // 248 is the largest multiple of 62 in a byte: beyond it letters would not be equally likely
      if (byte < 248 && text.length < LENGTH) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  const key = `berth_${text}`;
  return { key, prefix: key.slice(0, SHOWN), hash: hashOfApiKey(key) };
}
