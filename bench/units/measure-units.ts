import { writeFileSync } from 'node:fs';
import { makeHostFiles } from '@berth/tunnel-worker/adapters/host-files';
import { makeSystemdUnits } from '@berth/tunnel-worker/adapters/systemd-units';
import { execa } from 'execa';
import { connectorFiles } from '../../services/tunnel-worker/src/reconcile/connector-files.ts';
import { startEngine } from '../../tests/real/engine/start-engine.ts';
import { percentile, type Row } from '../rows.ts';
import { openUnitHost, type UnitHost } from './unit-host.ts';

const AMONG = 900;
const WAVE = 30;
const ROUNDS = 15;
/** The seed's way takes seconds, of the first process too: it's measured less often. */
const SEED_EVERY = 5;
const SECONDS_AT_MOST = 0.3;
const LOOK_MS = 25;
const MICROSECONDS = 1e6;
const NANOSECONDS = 1e9;

/** Enabling and starting one unit while 900 run: Berth's way and the seed's, in turn. */
export async function measureUnits(say: (line: string) => void): Promise<Row[]> {
  const engine = await startEngine();
  try {
    const host = await openUnitHost(engine);
    say(`starting ${AMONG} units`);
    const filled = await seconds(() => fill(host, AMONG));
    say(`they run after ${filled.toFixed(0)} s`);
    const ours: number[] = [];
    const seeds: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(
        await untilActive(host, `cloudflared-customer-more${round}.service`, () => addOne(host, `more${round}`)),
      );
      say(`one more, round ${round + 1} of ${ROUNDS}: ${toSeconds(ours)}`);
      if (round % SEED_EVERY !== 0) continue;
      const seed = `seed-customer-more${round}.service`;
      seeds.push(await untilActive(host, seed, () => addAsTheSeed(host, seed)));
      say(`  the seed's way: ${toSeconds(seeds)}`);
    }
    const p50 = percentile(ours, 50);
    const baseline = percentile(seeds, 50);
    return [
      { name: `${AMONG} units started, ${WAVE} at a time`, value: filled, unit: 's', ok: true },
      {
        name: `one more among ${AMONG}: written, enabled, active, p50 (baseline: the seed's reload, enable, start)`,
        value: p50,
        unit: 's',
        baseline,
        ratio: p50 / baseline,
        goal: `at most ${SECONDS_AT_MOST} s`,
        ok: p50 <= SECONDS_AT_MOST,
      },
      { name: 'the same, slowest', value: Math.max(...ours), unit: 's', baseline: Math.max(...seeds), ok: true },
    ];
  } finally {
    await engine.stop();
  }
}

const { signal } = new AbortController();

const toSeconds = (times: readonly number[]) => `${(times.at(-1) ?? 0).toFixed(2)} s`;

async function writeConnector(host: UnitHost, key: string, hardened = true): Promise<string> {
  const files = connectorFiles(
    {
      siteKey: key,
      accountId: 'account',
      tunnelId: '11111111-2222-3333-4444-555555555555',
      hostnames: [`${key}.de`],
      port: 3100,
      metricsAddress: '127.0.0.1:20000',
      tunnelSecret: 'secret',
      proofSecret: 'proof',
    },
    host.paths,
  );
  const { read, write } = makeHostFiles();
  const own = [files.credentials, files.config, files.unit];
  for (const file of hardened ? [files.dropIn, ...own] : own) {
    if ((await read(file.path))?.content !== file.content) await write(file);
  }
  return `cloudflared-customer-${key}.service`;
}

/**
 * They start without the drop-in, which saves most of the processor's time; then systemd reads them again with it, and holds what it
 * would hold.
 */
export async function fill(host: UnitHost, count: number): Promise<void> {
  const names: string[] = [];
  for (let index = 0; index < count; index += 1) names.push(await writeConnector(host, `customer_${index}`, false));
  await execa(host.systemctlPath, ['enable', '--no-reload', ...names]);
  for (let from = 0; from < count; from += WAVE)
    await execa(host.systemctlPath, ['start', ...names.slice(from, from + WAVE)]);
  await writeConnector(host, 'customer_0');
  await execa(host.systemctlPath, ['daemon-reload']);
}

/** With the adapters of the tunnel-worker. */
async function addOne(host: UnitHost, key: string): Promise<void> {
  const units = makeSystemdUnits({ systemctl: host.systemctlPath });
  const name = await writeConnector(host, key);
  await units.enable(name, signal);
  await units.start(name, signal);
}

/** As its script does, with its unit. */
async function addAsTheSeed({ systemctlPath, paths }: UnitHost, name: string): Promise<void> {
  writeFileSync(
    `${paths.unitDir}/${name}`,
    `[Unit]\nDescription=Cloudflare Tunnel for Customer ${name}\nAfter=network.target\n\n[Service]\nType=simple\nUser=root\n` +
      `ExecStart=${paths.cloudflared} tunnel --config /etc/cloudflared/${name}.yml run\nRestart=always\nRestartSec=5\n\n` +
      '[Install]\nWantedBy=multi-user.target\n',
  );
  await execa(systemctlPath, ['daemon-reload']);
  await execa(systemctlPath, ['enable', name]);
  await execa(systemctlPath, ['start', name]);
}

/**
 * From before `add` until the unit became active, as systemd itself wrote it down: looking for it all the time would cost the process that
 * is measured.
 */
async function untilActive({ systemctlPath }: UnitHost, name: string, add: () => Promise<void>): Promise<number> {
  const from = Number(process.hrtime.bigint()) / NANOSECONDS;
  await add();
  for (;;) {
    const { stdout } = await execa(systemctlPath, ['show', name, '-p', 'ActiveEnterTimestampMonotonic', '--value']);
    if (Number(stdout) > 0) return Number(stdout) / MICROSECONDS - from;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}
