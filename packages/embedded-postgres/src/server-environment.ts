import type { Binaries } from './binaries.ts';

/** The little that Postgres needs: our own environment holds secrets, and `PG…` variables of a person's shell would change what it does. */
export function serverEnvironment(binaries: Binaries): Record<string, string> {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...binaries.environment };
}
