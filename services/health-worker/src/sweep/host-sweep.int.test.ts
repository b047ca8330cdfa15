import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@berth/shared/runtime/clock';
import { noHints } from '@berth/shared/runtime/hints';
import { silentLog } from '@berth/shared/runtime/log';
import { makeMetrics } from '@berth/shared/runtime/metrics';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeLiveSites } from '@berth/shared/testing/live-sites';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { type DockerSimulator, startDocker } from '@berth/simulators/docker/start-docker';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDockerLook } from '../adapters/docker-look.ts';
import { makeHttpLook } from '../adapters/http-look.ts';
import { makeSystemdLook } from '../adapters/systemd-look.ts';
import { makeHostSweep } from './host-sweep.ts';

const HOST = 'one';
const AWAY = '/bin/false';
/** a systemd that has no units */
const THERE = '/bin/true';

let dir: string;
let simulator: DockerSimulator;
let made: TestDatabase;
let db: Database;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'berth-sweep-'));
  simulator = await startDocker({ socketPath: path.join(dir, 'docker.sock'), pullMs: 1 });
  made = await makeTestDatabase();
  db = openDatabase({ url: made.url });
  await makeLiveSites(db, { host: HOST, keys: [], firstPort: 3100 });
});
afterAll(async () => {
  await db.close();
  await made.drop();
  await simulator.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** The sweeps of one process. */
const startProcess = (systemctl: string) => {
  const sweep = makeHostSweep({
    db,
    hostId: HOST,
    clock: systemClock,
    log: silentLog,
    hints: noHints,
    metrics: makeMetrics(),
    docker: makeDockerLook(new Docker({ socketPath: simulator.socketPath }), systemClock),
    systemd: makeSystemdLook(systemctl),
    http: makeHttpLook({ timeoutMs: 1000, clock: systemClock }),
    rules: { failuresToAct: 2, startMs: 60_000, intervalMs: 60_000 },
  });
  return () => sweep(new AbortController().signal);
};

const incidents = async () =>
  (await db.pool.query('select kind, closed_at is not null as closed from incidents order by kind, opened_at')).rows;

describe('that Docker and systemd are away', () => {
  test('is told with the second sweep of a process, once, and by another process not taken for over', async () => {
    await simulator.control.away();
    const first = startProcess(AWAY);
    await first();
    expect(await incidents()).toEqual([]);
    await first();
    const open = [
      { kind: 'docker-away', closed: false },
      { kind: 'systemd-away', closed: false },
    ];
    expect(await incidents()).toEqual(open);
    const second = startProcess(AWAY);
    await second();
    await second();
    await second();
    expect(await incidents()).toEqual(open);
  });

  test('is over with the first answer of each, whichever process has it', async () => {
    await startProcess(THERE)();
    expect(await incidents()).toEqual([
      { kind: 'docker-away', closed: false },
      { kind: 'systemd-away', closed: true },
    ]);
    await simulator.control.back();
    await startProcess(THERE)();
    expect(await incidents()).toEqual([
      { kind: 'docker-away', closed: true },
      { kind: 'systemd-away', closed: true },
    ]);
  });
});
