import type { Clock } from '@berth/shared/runtime/clock';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import { readLicenseKeys } from '@berth/shared/store/site-logs';

interface Deps {
  db: Database;
  vault: Vault;
  clock: Clock;
}

/** A redeploy brings another key. */
const KEPT_MS = 30_000;
/** Masking something shorter would only make lines unreadable. */
const SHORTEST = 6;

/** Masks a site's licence keys in what its container writes: a program may well print its environment. */
export function makeMaskSecrets({ db, vault, clock }: Deps): (siteId: string, text: string) => Promise<string> {
  const known = new Map<string, { keys: Promise<string[]>; untilMs: number }>();

  async function read(siteId: string): Promise<string[]> {
    const keys = (await readLicenseKeys(db, siteId)).map((sealed) => vault.decrypt(sealed).reveal());
    return keys.filter((key) => key.length >= SHORTEST);
  }

  function keysOf(siteId: string): Promise<string[]> {
    const now = clock.monotonicMs();
    const kept = known.get(siteId);
    if (kept && kept.untilMs > now) return kept.keys;
    const keys = read(siteId);
    known.set(siteId, { keys, untilMs: now + KEPT_MS });
    keys.catch(() => known.delete(siteId));
    return keys;
  }

  return async function maskSecrets(siteId, text) {
    return (await keysOf(siteId)).reduce((masked, key) => masked.replaceAll(key, '[redacted]'), text);
  };
}
