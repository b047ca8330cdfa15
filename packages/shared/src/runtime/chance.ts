import { randomBytes, randomUUID } from 'node:crypto';

/** Identity and chance, injected so that tests can decide them. */
export interface Chance {
  /** a new UUID */
  newId(): string;
  /** a number in [0, 1) */
  random(): number;
  /** `length` random bytes fit for secrets */
  bytes(length: number): Buffer;
}

/** The machine's source of randomness. */
export const systemChance: Chance = {
  newId: () => randomUUID(),
  random: () => Math.random(),
  bytes: (length) => randomBytes(length),
};

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** A site's slug: 10 random base32 characters (50 bits), unique for ever, for names that the world sees. */
export function newSlug(chance: Chance): string {
  return Array.from(chance.bytes(10), (byte) => BASE32[byte % 32]).join('');
}
