import { writeFileSync } from 'node:fs';
import { makeSystemdLook } from '@berth/health-worker/adapters/systemd-look';
import { startEngine } from '../../tests/real/engine/start-engine.ts';
import { percentile, type Row } from '../rows.ts';
import { fill } from '../units/measure-units.ts';
import { openUnitHost } from '../units/unit-host.ts';

const UNITS = 900;
const TIMES = 20;
const MS_AT_MOST = 50;

/** The state of 900 units that run on a real systemd, asked as a sweep asks. */
async function measureListing(): Promise<Row[]> {
  const engine = await startEngine();
  try {
    const host = await openUnitHost(engine);
    process.stderr.write(`starting ${UNITS} units on a real systemd\n`);
    await fill(host, UNITS);
    const systemd = makeSystemdLook(host.systemctlPath);
    const times: number[] = [];
    for (let time = 0; time < TIMES; time += 1) {
      const from = performance.now();
      const units = await systemd.list(AbortSignal.timeout(10_000));
      times.push(performance.now() - from);
      const active = units.filter((unit) => unit.active === 'active').length;
      if (active !== UNITS) throw new Error(`${active} active units instead of ${UNITS}`);
    }
    const p50 = percentile(times, 50);
    const goal = `at most ${MS_AT_MOST} ms`;
    return [
      { name: `state of ${UNITS} units, real systemd, p50`, value: p50, unit: 'ms', goal, ok: p50 <= MS_AT_MOST },
      { name: '  the same, p95', value: percentile(times, 95), unit: 'ms', ok: true },
    ];
  } finally {
    await engine.stop();
  }
}

writeFileSync(process.argv[2] ?? '', JSON.stringify(await measureListing()));
process.exit(0);
