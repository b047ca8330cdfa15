import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { openCloudflare } from '@berth/cloudflare/open-cloudflare';
import { systemClock } from '@berth/shared/runtime/clock';
import { makeMetrics } from '@berth/shared/runtime/metrics';
import { Secret } from '@berth/shared/runtime/secret';
import { makeVault, type Vault } from '@berth/shared/runtime/vault';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeTestDatabase } from '@berth/shared/testing/test-database';
import {
  type CloudflareOptions,
  type CloudflareSimulator,
  startCloudflare,
} from '@berth/simulators/cloudflare/start-cloudflare';
import { type SystemdSimulator, startSystemd } from '@berth/simulators/systemd/start-systemd';
import type { HostPaths } from '../reconcile/connector-files.ts';

/** A machine with a systemd, and where its files lie. */
export interface ConnectorHost {
  id: string;
  systemctlPath: string;
  journalctlPath: string;
  paths: HostPaths;
  /** whether other sites' connectors are there as well */
  isShared: boolean;
  /** how often it has started the connector of a unit */
  starts(unit: string): number;
}

/** A simulated one. */
export interface StageHost extends ConnectorHost {
  systemd: SystemdSimulator;
  stop(): void;
}

/** A database, a simulated Cloudflare and the real client of it; shared by the tests of one file. */
export interface Stage {
  db: Database;
  vault: Vault;
  simulator: CloudflareSimulator;
  cloudflare: Cloudflare;
  /** an API key's id, for orders and changes */
  apiKeyId: string;
  /** Adds a machine, with nothing on it. */
  addHost(): Promise<StageHost>;
  close(): Promise<void>;
}

const TIMINGS = { firstConnectionMs: 5, allConnectionsMs: 15, retryMs: 100 };

/**
 * Opens a stage; `close` leaves nothing behind.
 * @param options `connectorHost`: the address at which connectors of other processes reach the edge
 */
export async function openStage(options: Pick<CloudflareOptions, 'connectorHost'> = {}): Promise<Stage> {
  const made = await makeTestDatabase();
  const db = openDatabase({ url: made.url });
  const simulator = await startCloudflare({ profile: 'enterprise', ...options });
  const { cloudflare } = await openCloudflare(
    {
      CF_API_TOKEN: new Secret(simulator.apiToken),
      CF_ACCOUNT_ID: simulator.accountId,
      CF_API_BASE_URL: simulator.apiUrl,
      CF_BUDGET_PER_5_MIN: 1_000_000,
    },
    { db, clock: systemClock, metrics: makeMetrics() },
  );
  const { rows } = await db.pool.query(
    `insert into api_keys (name, hash, prefix) values ('tests', 'h', 'p') returning id`,
  );
  const dir = mkdtempSync(join(tmpdir(), 'berth-stage-'));
  const hosts: StageHost[] = [];
  return {
    db,
    vault: makeVault(new Secret(randomBytes(32).toString('base64'))),
    simulator,
    cloudflare,
    apiKeyId: rows[0].id,
    async addHost() {
      const host = startHost(`host-${hosts.length}`, dir, simulator);
      hosts.push(host);
      await db.pool.query('insert into hosts (id) values ($1)', [host.id]);
      return host;
    },
    async close() {
      for (const host of hosts) host.stop();
      await simulator.stop();
      await db.close();
      await made.drop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function startHost(id: string, dir: string, simulator: CloudflareSimulator): StageHost {
  const systemd = startSystemd({
    unitDir: join(dir, id, 'units'),
    runDir: join(dir, id, 'run'),
    edge: simulator.edge,
    timings: TIMINGS,
  });
  let stopped = false;
  return {
    id,
    systemd,
    systemctlPath: systemd.systemctlPath,
    journalctlPath: systemd.journalctlPath,
    isShared: false,
    starts: (unit) => systemd.control.journal(unit).filter((line) => line.includes('INF Starting tunnel')).length,
    paths: { configDir: join(dir, id, 'tunnels'), unitDir: systemd.unitDir, cloudflared: systemd.cloudflaredPath },
    stop() {
      if (!stopped) systemd.stop();
      stopped = true;
    },
  };
}
