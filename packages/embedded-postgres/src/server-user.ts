import { execFileSync } from 'node:child_process';

/** The user that Postgres runs as; undefined where that is simply the user of this process. */
export interface ServerUser {
  name: string;
  uid: number;
  gid: number;
}

/**
 * Postgres refuses to run as root. As root it runs as `postgres`, which is made when it is missing, or as `nobody` where no user
 * can be made.
 */
export function findServerUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const known = lookUp('postgres');
  if (known) return known;
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], { stdio: 'ignore' });
  } catch {
    // no useradd, or a read-only /etc
  }
  const user = lookUp('postgres') ?? lookUp('nobody');
  if (!user) throw new Error('Postgres does not run as root, and there is neither a user postgres nor nobody');
  return user;
}

function lookUp(name: string): ServerUser | undefined {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { name, uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/** Whether `user` may do `access` (`r`, `w` or `x`) on `path`; only asked when the server runs as another user than we do. */
export function userCan(user: ServerUser | undefined, access: 'r' | 'w' | 'x', path: string): boolean {
  if (!user) return true;
  try {
    execFileSync('test', [`-${access}`, path], { uid: user.uid, gid: user.gid, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
