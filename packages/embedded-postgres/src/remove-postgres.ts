import { rmSync } from 'node:fs';
import path from 'node:path';
import { openClusterFiles, readPostmaster } from './cluster-files.ts';
import { reachablePlace } from './own-place.ts';
import { isPostmasterOf, stopServer } from './server-process.ts';
import { findServerUser } from './server-user.ts';
import { livingUsers } from './users-of-server.ts';

/**
 * Removes what `startPostgres` keeps for `dir`, wherever that is, with all data; a server left behind by a killed process is
 * stopped first.
 * @throws Error when another process uses the server
 */
export async function removePostgres(dir: string): Promise<void> {
  const files = openClusterFiles(reachablePlace(path.resolve(dir), findServerUser()));
  const users = livingUsers(files.users);
  if (users.length > 0)
    throw new Error(`Postgres in ${files.dir} is in use by process ${users.join(', ')}; end it first`);
  const postmaster = readPostmaster(files);
  if (postmaster && isPostmasterOf(files, postmaster.pid)) await stopServer(postmaster.pid);
  rmSync(files.dir, { recursive: true, force: true });
}
