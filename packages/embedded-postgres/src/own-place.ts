import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ServerUser, userCan } from './server-user.ts';

/** Where things go that the server's user can't read where they belong; the environment may name another place. */
const HOMES = ['/var/lib/berth', path.join(tmpdir(), 'berth')];

/**
 * The directory to use in place of `wanted`: `wanted` itself where the server's user can get there, else one of this clone's own
 * (named after a hash of `wanted`) that it can.
 */
export function reachablePlace(wanted: string, user: ServerUser | undefined): string {
  if (userCan(user, 'x', nearestExisting(wanted))) return wanted;
  return ownPlace(wanted, user);
}

/** A directory outside of the clone that belongs to what lies at `wanted` alone. It is made when it is missing. */
export function ownPlace(wanted: string, user: ServerUser | undefined): string {
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const problems: string[] = [];
  for (const home of HOMES) {
    const place = path.join(home, name);
    try {
      makeOpenDirectory(place);
      // in a directory that everybody may write to, somebody else may have been there first
      const strangers = [home, place].find((each) => lstatSync(each).uid !== process.getuid?.());
      if (strangers === undefined && userCan(user, 'x', place)) return place;
      problems.push(`${place}: ${strangers ? `${strangers} belongs to another user` : 'cannot be read'}`);
    } catch (error) {
      problems.push(`${place}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    `Postgres runs as user ${user?.name ?? 'of this process'}, which cannot reach ${wanted}, and no other place was found ` +
      `(${problems.join('; ')}). Move the clone out of the private directory, run as an ordinary user, or set DATABASE_URL.`,
  );
}

/** Makes `dir` and its missing parents so that others can pass through them, whatever the umask is. */
export function makeOpenDirectory(dir: string): void {
  if (existsSync(dir)) return;
  makeOpenDirectory(path.dirname(dir));
  try {
    mkdirSync(dir);
    chmodSync(dir, 0o755);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function nearestExisting(place: string): string {
  return existsSync(place) ? place : nearestExisting(path.dirname(place));
}
