import type { Database } from '../../store/database.ts';
import { readSealed, type Sealed, type WrittenLine } from '../../store/site-logs.ts';
import type { Vault } from '../vault.ts';

/** Masking something shorter would only make lines unreadable; variables hold much that is no secret, such as `production`. */
const SHORTEST = { word: 6, env: 12 };

/**
 * Masks what a site keeps secret in what its container or tunnel writes: a program may well print its environment. What that is, is
 * asked with each batch, after its lines were read: so a key that a redeploy has just brought is known before the container that
 * holds it can have written anything.
 */
export function makeMaskSecrets({ db, vault }: { db: Database; vault: Vault }) {
  function wordsOf({ kind, sealed }: Sealed): string[] {
    const text = vault.decrypt(sealed).reveal();
    const held = kind === 'env' ? Object.values<string>(JSON.parse(text)) : [text];
    return held.filter((word) => word.length >= SHORTEST[kind]);
  }

  return async function maskSecrets(lines: readonly WrittenLine[]): Promise<WrittenLine[]> {
    const known = new Map<string, string[]>();
    for (const one of await readSealed(db, [...new Set(lines.map(({ siteId }) => siteId))]))
      known.set(one.siteId, [...(known.get(one.siteId) ?? []), ...wordsOf(one)]);
    // One that holds another must go first, or its rest would be read.
    for (const words of known.values()) words.sort((one, other) => other.length - one.length);
    return lines.map((line) => {
      const words = known.get(line.siteId) ?? [];
      return { ...line, line: words.reduce((masked, word) => masked.replaceAll(word, '[redacted]'), line.line) };
    });
  };
}
