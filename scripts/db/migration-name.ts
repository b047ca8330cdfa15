/** What a migration may be called: small letters, digits and underscores. */
export const MIGRATION_NAME = /^[a-z][a-z0-9_]{1,60}$/;

/**
 * The directory of a new migration, behind all that exist: migrations apply in the order of their names, and a clock that is
 * behind must not put it among those that were applied already.
 */
export function nameMigration(name: string, now: Date, existing: readonly string[]): string {
  const stamps = existing.map((one) => Number.parseInt(one, 10)).filter(Number.isSafeInteger);
  const stamp = Number(now.toISOString().replace(/\D/g, '').slice(0, 14));
  return `${Math.max(stamp, ...stamps.map((one) => one + 1))}_${name}`;
}
