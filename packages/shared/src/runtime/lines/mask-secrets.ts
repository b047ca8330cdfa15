import type { Database } from '../../store/database.ts';
import { readSealed } from '../../store/site-logs.ts';
import type { Clock } from '../clock.ts';
import type { Vault } from '../vault.ts';

interface Deps {
  db: Database;
  vault: Vault;
  clock: Clock;
}

/** A redeploy brings another key. */
const KEPT_MS = 30_000;
/** Masking something shorter would only make lines unreadable; variables hold much that is no secret, such as `production`. */
const SHORTEST = { word: 6, env: 12 };

/** Masks what a site keeps secret in what its container or tunnel writes: a program may well print its environment. */
export function makeMaskSecrets({ db, vault, clock }: Deps): (siteId: string, text: string) => Promise<string> {
  const known = new Map<string, { words: Promise<string[]>; untilMs: number }>();

  async function read(siteId: string): Promise<string[]> {
    const words = (await readSealed(db, siteId)).flatMap(({ kind, sealed }) => {
      const text = vault.decrypt(sealed).reveal();
      const held = kind === 'env' ? Object.values<string>(JSON.parse(text)) : [text];
      return held.filter((word) => word.length >= SHORTEST[kind]);
    });
    // One that holds another must go first, or its rest would be read.
    return words.sort((one, other) => other.length - one.length);
  }

  function wordsOf(siteId: string): Promise<string[]> {
    const now = clock.monotonicMs();
    const kept = known.get(siteId);
    if (kept && kept.untilMs > now) return kept.words;
    const words = read(siteId);
    known.set(siteId, { words, untilMs: now + KEPT_MS });
    words.catch(() => known.delete(siteId));
    return words;
  }

  return async function maskSecrets(siteId, text) {
    return (await wordsOf(siteId)).reduce((masked, word) => masked.replaceAll(word, '[redacted]'), text);
  };
}
