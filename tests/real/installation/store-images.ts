import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { prepareBinaries } from '@berth/embedded-postgres/binaries';
import type Docker from 'dockerode';
import { buildFrom } from './base-images.ts';

/** Stand in for the official images, which no registry is there to give: the same programs, users, folders and variables. */
export const POSTGRES = 'berth-test/postgres:18';
export const REDIS = 'berth-test/redis:7';

/** As docker-library/postgres does it, as far as docker-compose.yml uses it. */
const POSTGRES_SCRIPT = `#!/bin/bash
set -e
export PGDATA=/var/lib/postgresql/18/docker LD_LIBRARY_PATH=/opt/native/lib LC_ALL=C PATH=/opt/native/bin:$PATH
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth=scram-sha-256 -D "$PGDATA" >/dev/null
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  echo "create database \\"$POSTGRES_DB\\"" | postgres --single -D "$PGDATA" postgres >/dev/null
fi
exec postgres -c listen_addresses='*' -c unix_socket_directories=/run/postgresql
`;

/** The package of the tests' Postgres has none. */
const PG_ISREADY = `#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/5432
`;

/** Makes both. @param from the name of a Debian image */
export async function makeStoreImages(docker: Docker, from: string, dir: string): Promise<void> {
  const place = path.join(dir, 'stores');
  mkdirSync(place, { recursive: true });
  const script = (name: string, text: string) => {
    writeFileSync(path.join(place, name), text, { mode: 0o755 });
    return path.join(place, name);
  };
  const binaries = prepareBinaries(undefined, path.join(place, 'lib'), () => undefined);
  await buildFrom(docker, {
    from,
    image: POSTGRES,
    dir,
    put: {
      [path.resolve(path.dirname(binaries.postgres), '..')]: 'opt/native',
      [script('entrypoint', POSTGRES_SCRIPT)]: 'usr/local/bin/entrypoint',
      [script('pg_isready', PG_ISREADY)]: 'usr/local/bin/pg_isready',
    },
    run: 'useradd --system --uid 999 postgres && install -d -o postgres -g postgres /var/lib/postgresql && ln -s /run /var/run 2>/dev/null; true',
    more: 'CMD ["entrypoint"]',
  });
  const programs = ['redis-server', 'redis-cli'].map((name) =>
    execFileSync('which', [name], { encoding: 'utf8' }).trim(),
  );
  await buildFrom(docker, {
    from,
    image: REDIS,
    dir,
    put: Object.fromEntries([...programs, ...librariesOf(programs)].map((file) => [file, file.slice(1)])),
    run: 'ldconfig && useradd --system --uid 999 redis && install -d -o redis -g redis /data',
  });
}

/** The shared libraries that Debian's minimum doesn't have, as the machine's programs name them. */
function librariesOf(programs: readonly string[]): string[] {
  const found = programs.flatMap((program) =>
    [...execFileSync('ldd', [realpathSync(program)], { encoding: 'utf8' }).matchAll(/=> (\/\S+)/g)].map(
      (match) => match[1] ?? '',
    ),
  );
  return [...new Set(found)].filter((file) => !/\/(libc|libm|ld-linux[^/]*)\.so/.test(file));
}
