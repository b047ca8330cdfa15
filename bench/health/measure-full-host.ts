import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Secret } from '@berth/shared/runtime/secret';
import { makeVault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import { buildServices } from '../../scripts/build/build-services.ts';
import { openBenchDatabase } from '../bench-database.ts';
import { type BenchProcess, startBenchProcess } from '../bench-process.ts';
import { percentile, type Row } from '../rows.ts';
import { type FullHost, openFullHost } from './full-host.ts';
import { keepOnly, optionsOfUnit, peakMegabytes, seedRound, statementsOfSweep, sweepOnce } from './sweep-times.ts';

export const SITES = 900;
const HOST = 'bench';
const PROBE_MS = 10_000;
const SWEEPS = 5;
const SHARES = [
  ['0.5 %', 5],
  ['10 %', 90],
  ['all', SITES],
] as const;

type StartWorker = (queue: 'on' | 'off') => Promise<BenchProcess>;

/** Sweeps of a full host by the worker as an installation runs it, beside the seed's loop over the same; its memory, and its statements. */
export async function measureFullHost(say: (line: string) => void): Promise<Row[]> {
  const bench = await openBenchDatabase(8, { shared_preload_libraries: 'pg_stat_statements' });
  // As an installation runs it: from its sources the worker would bring a compiler with it.
  const built = mkdtempSync(path.join(tmpdir(), 'berth-built-'));
  try {
    await buildServices(built);
    await bench.db.pool.query('create extension pg_stat_statements');
    say(`making ${SITES} containers and connectors`);
    const host = await openFullHost(bench.db, HOST, SITES);
    try {
      const start = await makeStart(bench, host, path.join(built, 'health-worker.js'));
      return [...(await measureSweeps(bench.db, host, start, say)), ...(await countStatements(bench.db, host, start))];
    } finally {
      await host.close();
    }
  } finally {
    rmSync(built, { recursive: true, force: true });
    await bench.close();
  }
}

async function makeStart(
  { db, url }: { db: Database; url: string },
  host: FullHost,
  program: string,
): Promise<StartWorker> {
  const secretsKey = randomBytes(32).toString('base64');
  const sealed = makeVault(new Secret(secretsKey)).encrypt('a licence');
  await db.pool.query('update sites set license_key_enc = $1', [sealed]);
  const settings = {
    DATABASE_URL: url,
    BERTH_SECRETS_KEY: secretsKey,
    HOST_ID: HOST,
    CHECK_INTERVAL_SECONDS: '3600',
    LOG_LEVEL: 'info',
    METRICS_ADDRESS: '127.0.0.1:0',
    ...host.simulator.env,
  };
  const started = (line: string) => (line.includes('"msg":"started"') ? line : undefined);
  return (queue) => startBenchProcess(program, { ...settings, BERTH_QUEUE: queue }, started, optionsOfUnit());
}

async function measureSweeps(
  db: Database,
  host: FullHost,
  start: StartWorker,
  say: (line: string) => void,
): Promise<Row[]> {
  const worker = await start('on');
  const firstPort = host.sites[0]?.port ?? 0;
  try {
    say('all healthy');
    const first = (await sweepOnce(db, HOST)).ms;
    const well = await sweepMs(db, SWEEPS);
    const seedWell = await seedRound(firstPort, SITES);
    const rows = [
      { name: 'first sweep of a process', value: first / 1000, unit: 's', ok: true },
      sweepRow('all healthy', well, 2000, seedWell),
    ];
    for (const [share, hung] of SHARES) {
      say(`${share} hung`);
      host.hang(hung);
      const ms = await sweepMs(db, 2);
      const measured = hung === 5;
      if (measured) say("the seed's loop over the same");
      const seed = measured ? await seedRound(firstPort, SITES) : seedWell + hung * PROBE_MS;
      rows.push(sweepRow(`${share} hung`, ms, 12_000, seed, measured ? undefined : 'its arithmetic'));
    }
    const memory = peakMegabytes(worker.pid);
    const ok = memory <= 150;
    return [...rows, { name: 'most memory of the worker', value: memory, unit: 'MB', goal: 'at most 150', ok }];
  } finally {
    host.hang(0);
    await worker.stop();
  }
}

/** Without a queue: a queue in Postgres has statements of its own, whenever it likes. */
async function countStatements(db: Database, host: FullHost, start: StartWorker): Promise<Row[]> {
  const worker = await start('off');
  try {
    await sweepOnce(db, HOST);
    const well = await statementsOfSweep(db, HOST);
    host.hang(SITES);
    await sweepOnce(db, HOST);
    const hung = await statementsOfSweep(db, HOST);
    host.hang(0);
    await keepOnly(db, 9);
    await sweepOnce(db, HOST);
    const few = await statementsOfSweep(db, HOST);
    return [
      statementsRow('statements of a sweep, all healthy, beside one of 9 sites', well, few),
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
