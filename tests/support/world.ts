import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeApiKey } from '@berth/shared/runtime/api-key';
import { systemChance } from '@berth/shared/runtime/chance';
import { createApiKey } from '@berth/shared/store/api-keys';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { type Simulators, type SimulatorsOptions, startSimulators } from '@berth/simulators/start-simulators';
import { type ApiClient, makeApiClient } from './api-client.ts';

/** A database and simulators, on which services are started in this process or in their own. */
export interface World {
  db: Database;
  simulators: Simulators;
  dir: string;
  /** the environment that every service gets */
  environment: Record<string, string>;
  /** Makes a key. @returns a client that asks with it, of the API at `apiUrl` */
  client(apiUrl: string, ...scopes: string[]): Promise<ApiClient>;
  close(): Promise<void>;
}

interface WorldOptions extends Partial<Omit<SimulatorsOptions, 'dir'>> {
  settings?: Record<string, string>;
  /** where no test runs: one that is there already */
  database?: TestDatabase;
}

/** The timings of a connector that is quick, for tests that don't look at them. */
const QUICK = { firstConnectionMs: 10, allConnectionsMs: 30, retryMs: 200 };

/** Opens a new world; nothing of it is left after `close`. */
export async function openWorld({ settings = {}, database: given, ...simulated }: WorldOptions = {}): Promise<World> {
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-world-'));
  const database = given ?? (await makeTestDatabase());
  const simulators = await startSimulators({
    profile: 'enterprise',
    activateAfterMs: 50,
    pullMs: 5,
    timings: QUICK,
    ...simulated,
    dir: path.join(dir, 'simulators'),
  });
  const db = openDatabase({ url: database.url, max: 4 });
  return {
    db,
    simulators,
    dir,
    environment: {
      DATABASE_URL: database.url,
      BERTH_SECRETS_KEY: randomBytes(32).toString('base64'),
      HOST_ID: 'one',
      HOST_MEMORY: '1t',
      API_PORT: '0',
      ZONE_SWEEP_SECONDS: '1',
      PORT_REST_SECONDS: '0',
      IMAGE_MIN_FREE_BYTES: '0',
      CF_BUDGET_PER_5_MIN: '1000000',
      LOG_LEVEL: 'info',
      ...simulators.env,
      ...settings,
    },
    async client(apiUrl, ...scopes) {
      const { key, prefix, hash } = makeApiKey(systemChance);
      const allowed = scopes.length > 0 ? scopes : ['admin'];
      await createApiKey(db, { name: 'test', prefix, hash, scopes: allowed, expiresAt: null });
      return makeApiClient(apiUrl, key);
    },
    async close() {
      await db.close();
      await simulators.stop();
      await database.drop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
