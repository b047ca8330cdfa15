import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { unitName } from '@berth/shared/domain/names';
import { systemClock } from '@berth/shared/runtime/clock';
import { noHints } from '@berth/shared/runtime/hints';
import { makeLog } from '@berth/shared/runtime/log';
import { makeMetrics } from '@berth/shared/runtime/metrics';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { ensureHealthPartitions } from '@berth/shared/store/health-partitions';
import { type LiveSite, makeLiveSites } from '@berth/shared/testing/live-sites';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { type DockerSimulator, startDocker } from '@berth/simulators/docker/start-docker';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDockerLook } from '../adapters/docker-look.ts';
import type { HttpLook } from '../adapters/http-look.ts';
import { makeSystemdLook } from '../adapters/systemd-look.ts';
import { makeHostSweep } from './host-sweep.ts';

const HOST = 'one';
const IMAGE = 'berth-demo/site:1';

let dir: string;
let simulator: DockerSimulator;
let docker: Docker;
let made: TestDatabase;
let db: Database;
const sites: LiveSite[] = [];

/** What was asked of whom since the last sweep. */
const asked = { docker: [] as string[], database: [] as string[] };
/** sites of which the container, or the unit, is down */
const down = { containers: new Set<number>(), units: new Set<string>() };

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'berth-calls-'));
  simulator = await startDocker({ socketPath: path.join(dir, 'docker.sock'), pullMs: 1 });
  docker = new Docker({ socketPath: simulator.socketPath });
  await new Promise<void>((resolve, reject) =>
    docker.pull(IMAGE, (error: Error | null, stream: NodeJS.ReadableStream) =>
      error ? reject(error) : docker.modem.followProgress(stream, () => resolve()),
    ),
  );
  made = await makeTestDatabase();
  db = openDatabase({ url: made.url });
  await ensureHealthPartitions(db);
  writeSystemctl();
});
afterAll(async () => {
  await db.close();
  await made.drop();
  await simulator.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** A systemctl that notes how it's called, and knows the units of the sites. */
function writeSystemctl(): void {
  const script = `#!/bin/sh
echo "$*" >>'${dir}/calls'
case "$1" in
list-units) cat '${dir}/units' ;;
list-unit-files) echo '[]' ;;
show) for unit in "$@"; do case "$unit" in *.service) printf 'Id=%s\\nResult=success\\nNRestarts=0\\n\\n' "$unit" ;; esac; done ;;
esac
`;
  writeFileSync(`${dir}/systemctl`, script);
  chmodSync(`${dir}/systemctl`, 0o755);
}

function writeUnits(): void {
  const units = sites.map(({ key }) => {
    const isDown = down.units.has(key);
    return { unit: unitName(key), load: 'loaded', active: isDown ? 'inactive' : 'active', sub: 'running' };
  });
  writeFileSync(`${dir}/units`, JSON.stringify(units));
}

async function addSites(...keys: string[]): Promise<void> {
  const first = 3100 + sites.length;
  sites.push(...(await makeLiveSites(db, { host: HOST, keys, firstPort: first, firstSlot: first })));
  for (const { key, placementId } of sites.slice(-keys.length)) {
    const Labels = { 'berth.placement': placementId };
    await (await docker.createContainer({ name: `customer-${key}`, Image: IMAGE, Labels })).start();
  }
}

/** The same database, which notes the names of the statements. */
function noting(): Database {
  return {
    ...db,
    run: (statement, values) => {
      asked.database.push(statement.name);
      return db.run(statement, values);
    },
    transaction: (work) =>
      db.transaction((client) => {
        const query = client.query.bind(client) as (statement: { name: string }) => unknown;
        const note = (statement: { name: string }) => {
          asked.database.push(statement.name);
          return query(statement);
        };
        return work(Object.create(client, { query: { value: note } }));
      }),
  };
}

/** The same Engine, of which each call is noted. */
function notingDocker(): Docker {
  const noted = new Docker({ socketPath: simulator.socketPath });
  const dial = noted.modem.dial.bind(noted.modem);
  noted.modem.dial = (options, callback) => {
    asked.docker.push(`${options.method} ${options.path.split('?')[0]}`);
    return dial(options, callback);
  };
  return noted;
}

const http: HttpLook = {
  probe: async (port) =>
    down.containers.has(port)
      ? { kind: 'none', reason: 'Refused', latencyMs: 1 }
      : { kind: 'answer', status: 200, latencyMs: 1 },
  ready: async () => ({ connections: 4, connectorId: 'c', latencyMs: 1 }),
};

/** The sweeps of one process. @returns what one asked for */
function startProcess() {
  const said: { msg: string; siteKey?: string; target?: string }[] = [];
  const destination = new Writable({
    write(piece: Buffer, _encoding, done) {
      said.push(JSON.parse(piece.toString()));
      done();
    },
  });
  const sweep = makeHostSweep({
    db: noting(),
    hostId: HOST,
    clock: systemClock,
    log: makeLog('tests', 'info', destination),
    hints: noHints,
    metrics: makeMetrics(),
    docker: makeDockerLook(notingDocker(), systemClock),
    systemd: makeSystemdLook(`${dir}/systemctl`),
    http,
    rules: { failuresToAct: 2, startMs: 0, intervalMs: 60_000 },
  });
  return async () => {
    writeUnits();
    writeFileSync(`${dir}/calls`, '');
    asked.docker.length = 0;
    asked.database.length = 0;
    said.length = 0;
    const swept = await sweep(new AbortController().signal);
    const systemctl = readFileSync(`${dir}/calls`, 'utf8').trim().split('\n');
    return { ...swept, systemctl, docker: [...asked.docker], database: asked.database.toSorted(), said: [...said] };
  };
}

describe('a sweep', () => {
  test('asks Docker, systemd and the database the same, however many sites there are and however they are', async () => {
    await addSites('a', 'b', 'c');
    const sweep = startProcess();
    const first = await sweep();
    const few = await sweep();
    expect(few).toMatchObject({ checked: 6, failing: 0, docker: ['GET /containers/json'] });
    expect(few.systemctl).toEqual([expect.stringMatching(/^list-units /)]);
    expect(few.database.filter((name) => name === 'health-record')).toHaveLength(1);
    // Which of them would not start with the machine is asked by a process that begins.
    expect(first.systemctl.toSorted()).toEqual([
      expect.stringMatching(/^list-unit-files /),
      expect.stringMatching(/^list-units /),
    ]);
    expect(first.database).toEqual(few.database);

    await addSites(...Array.from({ length: 9 }, (_, index) => `more${index}`));
    const many = await sweep();
    expect(many).toMatchObject({ checked: 24, failing: 0, docker: few.docker });
    expect([many.systemctl, many.database]).toEqual([few.systemctl, few.database]);
  });

  test('asks more only about those that fail, and writes down no more often for it', async () => {
    const sweep = startProcess();
    const well = await sweep();
    for (const { port } of sites.slice(3, 5)) down.containers.add(port);
    for (const { key } of sites.slice(6, 8)) down.units.add(key);
    const ill = await sweep();
    expect(ill).toMatchObject({ checked: 24, failing: 4, database: well.database });
    const failed = sites.slice(6, 8).map(({ key }) => unitName(key));
    expect(ill.systemctl).toEqual([expect.stringMatching(/^list-units /), expect.stringMatching(/^show /)]);
    expect(ill.systemctl[1]?.split(' ').toSorted()).toEqual(
      ['show', ...failed, '-p', 'Id,Result,NRestarts'].toSorted(),
    );
    const wanted = ill.said.filter(({ msg }) => msg === 'restart wanted');
    expect(wanted.map(({ siteKey, target }) => `${target} of ${siteKey}`).toSorted()).toEqual(
      sites.slice(6, 8).map(({ key }) => `tunnel of ${key}`),
    );
    expect(ill.docker.filter((call) => call === 'GET /containers/json')).toHaveLength(1);
    const inspected = await Promise.all(
      sites.slice(3, 5).map(async ({ key }) => (await docker.getContainer(`customer-${key}`).inspect()).Id),
    );
    expect(ill.docker.filter((call) => call !== 'GET /containers/json').toSorted()).toEqual(
      inspected.map((id) => `GET /containers/${id}/json`).toSorted(),
    );
  });
});
