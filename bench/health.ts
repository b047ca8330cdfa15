import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Secret } from '@berth/shared/runtime/secret';
import { makeVault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import { buildServices } from '../scripts/build/build-services.ts';
import { openBenchDatabase } from './bench-database.ts';
import { startBenchProcess } from './bench-process.ts';
import { type FullHost, openFullHost } from './health/full-host.ts';
import { measureRepair } from './health/repair-times.ts';
import {
  keepOnly,
  optionsOfUnit,
  peakMegabytes,
  seedRound,
  statementsOfSweep,
  sweepOnce,
} from './health/sweep-times.ts';
import { measureInOwnNamespaces } from './own-namespaces.ts';
import { type Benchmark, percentile, type Row } from './rows.ts';

const SITES = 900;
const HOST = 'bench';
const PROBE_MS = 10_000;
const SWEEPS = 5;

/** Sweeps of a full host beside the seed's loop, and how long repairs take. */
export const health: Benchmark = {
  name: 'health',
  about: `sweeps of ${SITES} sites on one host beside the seed's loop, and repairs (simulators); the state of as many units (real systemd)`,
  async measure(say) {
    const swept = await measureFullHost(say);
    const listed = await measureInOwnNamespaces('health/list-units.ts');
    const { killed, hung } = await measureRepair(say);
    const serves = Math.max(...killed) / 1000;
    const restarted = Math.max(...hung);
    return [
      ...swept,
      ...listed,
      { name: 'killed to serving again, p50', value: percentile(killed, 50) / 1000, unit: 's', ok: true },
      { name: '  the same, slowest', value: serves, unit: 's', goal: 'at most 3 s', ok: serves <= 3 },
      { name: 'hung to restarted, p50', value: percentile(hung, 50), unit: 'intervals', ok: true },
      { name: '  the same, slowest', value: restarted, unit: 'intervals', goal: 'at most 2', ok: restarted <= 2 },
    ];
  },
};

async function measureFullHost(say: (line: string) => void): Promise<Row[]> {
  const bench = await openBenchDatabase(8, { shared_preload_libraries: 'pg_stat_statements' });
  // As an installation runs it: from its sources the worker would bring a compiler with it.
  const built = mkdtempSync(path.join(tmpdir(), 'berth-built-'));
  try {
    await buildServices(built);
    await bench.db.pool.query('create extension pg_stat_statements');
    say(`making ${SITES} containers and connectors`);
    const host = await openFullHost(bench.db, HOST, SITES);
    try {
      return await measureSweeps(bench, host, path.join(built, 'health-worker.js'), say);
    } finally {
      await host.close();
    }
  } finally {
    rmSync(built, { recursive: true, force: true });
    await bench.close();
  }
}

async function measureSweeps(
  { db, url }: { db: Database; url: string },
  host: FullHost,
  program: string,
  say: (line: string) => void,
): Promise<Row[]> {
  const secretsKey = randomBytes(32).toString('base64');
  const sealed = makeVault(new Secret(secretsKey)).encrypt('a licence');
  await db.pool.query('update sites set license_key_enc = $1', [sealed]);
  const worker = await startBenchProcess(
    program,
    {
      DATABASE_URL: url,
      BERTH_SECRETS_KEY: secretsKey,
      BERTH_QUEUE: 'off',
      HOST_ID: HOST,
      CHECK_INTERVAL_SECONDS: '3600',
      LOG_LEVEL: 'info',
      ...host.simulator.env,
    },
    (line) => (line.includes('"msg":"started"') ? line : undefined),
    optionsOfUnit(),
  );
  const firstPort = host.sites[0]?.port ?? 0;
  try {
    await sweepOnce(db, HOST);
    say('all healthy');
    const well = await sweepMs(db, SWEEPS);
    const seedWell = await seedRound(firstPort, SITES);
    const statements = await statementsOfSweep(db, HOST);
    const rows = [sweepRow('all healthy', well, 2000, seedWell)];
    for (const [share, hung] of [
      ['0.5 %', 5],
      ['10 %', 90],
      ['all', SITES],
    ] as const) {
      say(`${share} hung`);
      host.hang(hung);
      const ms = await sweepMs(db, 2);
      const measured = hung === 5;
      if (measured) say("the seed's loop over the same");
      const seed = measured ? await seedRound(firstPort, SITES) : seedWell + hung * PROBE_MS;
      rows.push(sweepRow(`${share} hung`, ms, 12_000, seed, measured ? undefined : 'its arithmetic'));
    }
    const hung = await statementsOfSweep(db, HOST);
    host.hang(0);
    const memory = peakMegabytes(worker.pid);
    await keepOnly(db, 9);
    await sweepOnce(db, HOST);
    const few = await statementsOfSweep(db, HOST);
    return [
      ...rows,
      { name: 'most memory of the worker', value: memory, unit: 'MB', goal: 'at most 150', ok: memory <= 150 },
      statementsRow('statements of a sweep, all healthy, beside one of 9 sites', statements, few),
      statementsRow('  the same, all hung', hung, few),
    ];
  } finally {
    await worker.stop();
  }
}

function statementsRow(name: string, value: number, few: number): Row {
  return { name, value, unit: '', baseline: few, goal: 'the same', ok: value === few };
}

async function sweepMs(db: Database, times: number): Promise<number> {
  const all: number[] = [];
  for (let time = 0; time < times; time += 1) all.push((await sweepOnce(db, HOST)).ms);
  return percentile(all, 50);
}

function sweepRow(name: string, ms: number, mostMs: number, seedMs: number, how?: string): Row {
  return {
    name: `sweep, ${name}${how ? ` (the seed's: ${how})` : ''}`,
    value: ms / 1000,
    unit: 's',
    baseline: seedMs / 1000,
    ratio: ms / seedMs,
    goal: `at most ${mostMs / 1000} s`,
    ok: ms <= mostMs,
  };
}
