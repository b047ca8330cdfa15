import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Scope } from '@berth/contract/scopes';
import { makeApiKey } from '@berth/shared/runtime/api-key';
import { systemChance } from '@berth/shared/runtime/chance';
import { createApiKey } from '@berth/shared/store/api-keys';
import type { Database } from '@berth/shared/store/database';
import type { CloudflareSimulator } from '@berth/simulators/cloudflare/start-cloudflare';
import type { DockerSimulator } from '@berth/simulators/docker/start-docker';
import { startSimulators } from '@berth/simulators/start-simulators';
import { openBenchDatabase } from '../bench-database.ts';
import { startBenchProcess } from '../bench-process.ts';

/** All services in a process of their own, with the simulators in this one. */
export interface Pipeline {
  db: Database;
  /** of the API */
  url: string;
  /** makes a key that may do all */
  makeKey(): Promise<string>;
  cloudflare: CloudflareSimulator;
  /** the host's Engine, from behind */
  docker: DockerSimulator;
  /** Posts an order for each customer, whose domain has records at a former provider. */
  order(customers: readonly string[]): Promise<void>;
  /** Waits until all their zones wait for name servers. */
  untilPending(customers: readonly string[]): Promise<void>;
  activate(customers: readonly string[]): Promise<void>;
  untilLive(customers: readonly string[]): Promise<void>;
  clearCalls(): Promise<void>;
  /** Calls to Cloudflare since they were cleared, by kind. */
  countCalls(): Promise<Record<string, number>>;
  close(): Promise<void>;
}

/** What the domain's present provider knows: mail and a website, as most have it. */
function formerRecordsOf(domain: string): Record<string, unknown>[] {
  return [
    { type: 'MX', name: domain, content: 'mx.former.example', priority: 10, ttl: 3600 },
    { type: 'TXT', name: domain, content: '"v=spf1 include:former.example -all"', ttl: 3600 },
    { type: 'A', name: domain, content: '192.0.2.10', ttl: 3600 },
  ];
}

const LOOK_MS = 50;
const WAIT_MS = 600_000;

/** @param settings of the services, beside the usual ones */
export async function openPipeline(settings: Record<string, string> = {}): Promise<Pipeline> {
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-bench-'));
  const bench = await openBenchDatabase(4);
  const simulators = await startSimulators({ dir, profile: 'enterprise' });
  const { control } = simulators.cloudflare;
  const services = await startBenchProcess(
    'apps/standalone/src/main.ts',
    {
      DATABASE_URL: bench.url,
      BERTH_SECRETS_KEY: randomBytes(32).toString('base64'),
      HOST_ID: 'bench',
      HOST_MEMORY: '1t',
      API_PORT: '0',
      ZONE_SWEEP_SECONDS: '1',
      CF_BUDGET_PER_5_MIN: '1000000',
      ...simulators.env,
      ...settings,
    },
    (line) => (line.includes('API listens') ? JSON.parse(line).url : undefined),
  );
  const makeKey = async (scope: Scope): Promise<string> => {
    const { key, prefix, hash } = makeApiKey(systemChance);
    await createApiKey(bench.db, { name: 'bench', prefix, hash, scopes: [scope], expiresAt: null });
    return key;
  };
  const key = await makeKey('orders:write');

  async function untilAll(customers: readonly string[], what: string, condition: string): Promise<void> {
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const { rows } = await bench.db.pool.query(
        `select count(*)::int as n from sites s where key = any($1) and ${condition}`,
        [customers],
      );
      if (rows[0].n === customers.length) return;
      if (performance.now() > deadline)
        throw new Error(`${rows[0].n} of ${customers.length} sites are ${what} after ${WAIT_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async function post(id: string): Promise<void> {
    const answer = await fetch(`${services.ready}/v1/orders`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify({
        orderId: id,
        customer: { id, name: 'Erika Mustermann', email: 'erika@example.org' },
        domain: `${id}.de`,
        image: 'berth-demo/site:1',
        licenseKey: `license-of-${id}`,
      }),
    });
    if (answer.status !== 202) throw new Error(`order ${id}: ${answer.status} ${await answer.text()}`);
  }

  return {
    db: bench.db,
    url: services.ready,
    makeKey: () => makeKey('admin'),
    cloudflare: simulators.cloudflare,
    docker: simulators.docker,
    async order(customers) {
      for (const id of customers) await control.setFormerRecords(`${id}.de`, formerRecordsOf(`${id}.de`));
      for (let from = 0; from < customers.length; from += 20)
        await Promise.all(customers.slice(from, from + 20).map(post));
    },
    untilPending: (customers) =>
      untilAll(customers, 'pending', `exists (select from zones z where z.id = s.zone_id and z.told_at is not null)`),
    async activate(customers) {
      for (const id of customers) await control.activateZone(`${id}.de`);
    },
    untilLive: (customers) => untilAll(customers, 'live', 'live_at is not null'),
    clearCalls: () => control.clearCalls(),
    countCalls: () => control.callCounts(),
    async close() {
      await services.stop();
      await simulators.stop();
      await bench.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
