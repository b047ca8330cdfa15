import { randomBytes } from 'node:crypto';
import { parseContainerWorkerConfig } from '@berth/container-worker/config';
import { startContainerWorker } from '@berth/container-worker/start';
import { openContext } from '@berth/shared/runtime/context';
import { silentLog } from '@berth/shared/runtime/log';
import { Secret } from '@berth/shared/runtime/secret';
import type { RunningWorker } from '@berth/shared/runtime/worker';
import type { Database } from '@berth/shared/store/database';
import { registerConnectors } from '@berth/shared/store/hosts';
import { takeOrder } from '@berth/shared/store/intake';
import { placeSite } from '@berth/shared/store/place-sites';
import { requestDeploy } from '@berth/shared/store/request-deploy';
import { makeApiKey, newOrder } from '@berth/shared/testing/new-order';
import { importSiteImages, type SiteImage } from '../../tests/real/engine/site-images.ts';
import { type Engine, startEngine } from '../../tests/real/engine/start-engine.ts';
import { startRegistry, type TestRegistry } from '../../tests/real/engine/start-registry.ts';
import { openBenchDatabase } from '../bench-database.ts';

const HOST = 'bench';
/** between two looks whether all are healthy */
const LOOK_MS = 50;

/** A site that is ordered and placed, and of whose container nothing is there yet. */
export interface BenchSite {
  id: string;
  key: string;
  conditionId: string;
  port: number;
}

/** A real Engine with a container-worker that looks after it. */
export interface BenchHost {
  engine: Engine;
  registry: TestRegistry;
  order(image: string): Promise<BenchSite>;
  /** From now on the sites' containers are wanted. @returns for each the ms until it was found healthy */
  create(sites: readonly BenchSite[]): Promise<number[]>;
  /** Deploys an image. @returns the ms until it was found healthy */
  deploy(site: BenchSite, image: string): Promise<number>;
  /** Removes all containers and networks. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export async function openBenchHost(images: readonly SiteImage[]): Promise<BenchHost> {
  const engine = await startEngine();
  await importSiteImages(engine.docker);
  const registry = await startRegistry(images);
  const bench = await openBenchDatabase();
  const { db } = bench;
  const secretsKey = randomBytes(32).toString('base64');
  const context = await openContext({
    databaseUrl: new Secret(bench.url),
    secretsKey: new Secret(secretsKey),
    log: silentLog,
    queue: 'off',
  });
  const config = parseContainerWorkerConfig({
    DATABASE_URL: bench.url,
    BERTH_SECRETS_KEY: secretsKey,
    DOCKER_HOST: engine.dockerHost,
    HOST_ID: HOST,
    HOST_MEMORY: '1t',
    IMAGE_MIN_FREE_BYTES: '0',
  });
  const worker = await startContainerWorker(config, context);
  await until(async () => (await count(db, `select from hosts where id = '${HOST}'`)) === 1);
  await registerConnectors(db, { id: HOST, versions: {} });
  await db.pool.query(`update hosts set lease_until = 'infinity', connector_lease_until = 'infinity'`);
  const apiKeyId = await makeApiKey(db);

  return {
    engine,
    registry,
    async order(image) {
      const sealed = context.vault.encrypt('LICENCE');
      const order = newOrder(apiKeyId, { image, licenseKeyEnc: sealed });
      const taken = await takeOrder(db, order);
      if (taken.kind !== 'accepted') throw new Error(taken.kind);
      const { rows } = await db.pool.query<{ id: string }>('select id from sites where key = $1', [taken.siteKey]);
      const id = rows[0]?.id ?? '';
      const placing = await placeSite(db, id);
      if (placing.kind !== 'placed') throw new Error(placing.kind);
      const { port, placementId } = placing.placement;
      const conditionId = await containerCondition(db, placementId);
      return { id, key: taken.siteKey, conditionId, port };
    },
    async create(sites) {
      const ids = sites.map(({ conditionId }) => conditionId);
      await until(async () => (await count(db, waiting, [ids])) === ids.length);
      await db.pool.query(
        `update site_conditions set status = 'true', reached_at = now() where aspect in ('zone', 'placement') and site_id = any($1)`,
        [sites.map(({ id }) => id)],
      );
      return timeUntilHealthy(db, worker, ids, () => db.pool.query(wake, [ids]));
    },
    async deploy(site, image) {
      const by = { apiKeyId, causeId: 'bench', operationId: crypto.randomUUID() };
      const ask = () => requestDeploy(db, site.key, { image, licenseKeyEnc: null }, by);
      const [ms = Number.NaN] = await timeUntilHealthy(db, worker, [site.conditionId], ask);
      return ms;
    },
    clear: () => clear(engine),
    async stop() {
      await worker.drain(5000);
      await context.close();
      await bench.close();
      await registry.stop();
      await engine.stop();
    },
  };
}

/** They wait until their placement is true; nobody looks at them meanwhile. */
const waiting = `select from site_conditions where id = any($1) and due_at is null and lease_owner is null`;
const wake = 'update site_conditions set wakes = wakes + 1, due_at = now() where id = any($1)';

/**
 * From before `ask`: hints go out as after every commit, and the worker does the rest. By the database's clock, so that nobody has to ask
 * it all the time.
 */
async function timeUntilHealthy(
  db: Database,
  worker: RunningWorker,
  ids: readonly string[],
  ask: () => Promise<unknown>,
): Promise<number[]> {
  const { rows } = await db.pool.query<{ from: string }>('select clock_timestamp()::text as from');
  await ask();
  const running = ids.map((id) => worker.loop.run(id).catch(() => undefined));
  const healthy = `select id, extract(epoch from observed_at - $2::timestamptz)::float8 * 1000 as ms from site_conditions
    where id = any($1) and status = 'true' and reason = 'Healthy' and due_at is null`;
  let took: { id: string; ms: number }[] = [];
  await until(async () => {
    took = (await db.pool.query<{ id: string; ms: number }>(healthy, [ids, rows[0]?.from])).rows;
    return took.length === ids.length;
  }, LOOK_MS);
  await Promise.all(running);
  return ids.map((id) => took.find((one) => one.id === id)?.ms ?? Number.NaN);
}

async function containerCondition(db: Database, placementId: string): Promise<string> {
  const text = `select id from site_conditions where placement_id = $1 and aspect = 'container'`;
  return (await db.pool.query<{ id: string }>(text, [placementId])).rows[0]?.id ?? '';
}

async function count(db: Database, text: string, values: unknown[] = []): Promise<number> {
  return (await db.pool.query(text, values)).rowCount ?? 0;
}

async function clear({ docker }: Engine): Promise<void> {
  const containers = await docker.listContainers({ all: true });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  await docker.pruneNetworks();
}

/** Asks every so many milliseconds. */
export async function until(isSo: () => Promise<boolean>, everyMs = 5): Promise<void> {
  for (const end = performance.now() + 120_000; performance.now() < end; ) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error('it took longer than two minutes');
}
