import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@berth/shared/runtime/clock';
import { noHints } from '@berth/shared/runtime/hints';
import { silentLog } from '@berth/shared/runtime/log';
import { makeMetrics } from '@berth/shared/runtime/metrics';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { type LiveSite, makeLiveSites } from '@berth/shared/testing/live-sites';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { type DockerSimulator, startDocker } from '@berth/simulators/docker/start-docker';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeDockerLook } from '../adapters/docker-look.ts';
import { makeHttpLook } from '../adapters/http-look.ts';
import { makeSystemdLook } from '../adapters/systemd-look.ts';
import { makeUrgentLooks } from './urgent-looks.ts';

const HOST = 'one';
const IMAGE = 'berth-demo/site:1';
const patient = { timeout: 60_000, interval: 20 };

let dir: string;
let simulator: DockerSimulator;
let docker: Docker;
let made: TestDatabase;
let db: Database;
let firstPort = 3400;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'berth-urgent-'));
  simulator = await startDocker({ socketPath: path.join(dir, 'docker.sock'), pullMs: 1 });
  docker = new Docker({ socketPath: simulator.socketPath });
  const progress = await docker.pull(IMAGE);
  await new Promise((resolve) => docker.modem.followProgress(progress, resolve));
  made = await makeTestDatabase();
  db = openDatabase({ url: made.url });
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  await db.pool.query('update placements set gone_at = now() where gone_at is null');
});
afterAll(async () => {
  await db.close();
  await made.drop();
  await simulator.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Sites that were well at the last look, with a container each. */
async function liveSites(...keys: string[]): Promise<LiveSite[]> {
  const sites = await makeLiveSites(db, { host: HOST, keys, firstPort, firstSlot: firstPort });
  firstPort += keys.length;
  for (const { key, placementId, siteId, port } of sites) {
    const container = await docker.createContainer({
      name: `customer-${key}`,
      Image: IMAGE,
      Labels: { 'berth.placement': placementId },
      HostConfig: {
        RestartPolicy: { Name: 'unless-stopped' },
        PortBindings: { '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
      },
    });
    await container.start();
    await db.pool.query(
      `insert into site_health (placement_id, aspect, site_id, host_id, outcome, healthy_since) values ($1, 'container', $2, $3, 'healthy', now())`,
      [placementId, siteId, HOST],
    );
  }
  return sites;
}

/** A health-worker's looks between two sweeps. */
function startLooking() {
  const metrics = makeMetrics();
  const urgent = makeUrgentLooks({
    db,
    hostId: HOST,
    clock: systemClock,
    log: silentLog,
    hints: noHints,
    metrics,
    docker: makeDockerLook(docker, systemClock),
    systemd: makeSystemdLook('/bin/false'),
    http: makeHttpLook({ timeoutMs: 1000, clock: systemClock }),
    rules: { failuresToAct: 2, startMs: 60_000, intervalMs: 60_000 },
  });
  stops.push(urgent.stop);
  return { metrics, tell: (site: LiveSite, at: string) => urgent.take({ ...site, action: 'die', at }) };
}

const restartsOf = async ({ siteId }: LiveSite) =>
  (await db.pool.query('select container_restart as n from sites where id = $1', [siteId])).rows[0]?.n;
const marksOf = async ({ placementId }: LiveSite): Promise<{ told: string }[]> =>
  (await db.pool.query('select restarts from site_health where placement_id = $1', [placementId])).rows[0]?.restarts;
const kill = ({ key }: LiveSite) => docker.getContainer(`customer-${key}`).kill();

describe('two health-workers of one host', () => {
  test('note once what Docker started again, though both are told', async () => {
    const [site] = await liveSites('crashing');
    const [one, other] = [startLooking(), startLooking()];
    if (!site) throw new Error('no site');
    one.tell(site, '1');
    await vi.waitFor(async () => expect(await marksOf(site)).toHaveLength(1), patient);
    other.tell(site, '1');
    other.tell(site, '2');
    await vi.waitFor(async () => expect((await marksOf(site)).map(({ told }) => told)).toEqual(['1', '2']), patient);
  });

  test('have what was killed restarted once', async () => {
    const [killed, later] = await liveSites('killed', 'later', 'well', 'fine');
    const both = [startLooking(), startLooking()];
    if (!killed || !later) throw new Error('no sites');
    await kill(killed);
    for (const one of both) one.tell(killed, '1');
    await vi.waitFor(async () => expect(await restartsOf(killed)).toBe(1), patient);
    // What each is told next, it looks at after that.
    for (const one of both) {
      one.tell(killed, '1');
      await kill(later).catch(() => undefined);
      one.tell(later, '2');
    }
    await vi.waitFor(async () => expect(await restartsOf(later)).toBe(1), patient);
    expect(await restartsOf(killed)).toBe(1);
    const counted = async () => {
      const counters = await Promise.all(both.map(({ metrics }) => metrics.restarts.get()));
      return counters.flatMap(({ values }) => values).reduce((sum, { value }) => sum + value, 0);
    };
    // The database says it before the answer to the statement is there, after which it is counted.
    await expect.poll(counted, patient).toBe(2);
  });
});

describe('many ends at once', () => {
  test('are looked at together, and restart nothing: the fault is not theirs', async () => {
    const sites = await liveSites(...Array.from({ length: 60 }, (_, index) => `many${index}`));
    const one = startLooking();
    await Promise.all(sites.map(kill));
    for (const site of sites) one.tell(site, '1');
    await vi.waitFor(async () => {
      const { rows } = await db.pool.query(
        `select from site_health h join placements p on p.id = h.placement_id where p.gone_at is null and h.outcome = 'unreachable'`,
      );
      expect(rows).toHaveLength(sites.length);
    }, patient);
    for (const site of sites) expect(await restartsOf(site)).toBe(0);
  });
});
