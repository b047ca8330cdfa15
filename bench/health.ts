import { measureFullHost, SITES } from './health/measure-full-host.ts';
import { measureRepair } from './health/repair-times.ts';
import { measureInOwnNamespaces } from './own-namespaces.ts';
import { type Benchmark, percentile, type Row } from './rows.ts';

const parts = {
  sweeps: measureFullHost,
  units: () => measureInOwnNamespaces('health/list-units.ts'),
  repairs: measureRepairs,
};

/** Sweeps of a full host beside the seed's loop, and how long repairs take. */
export const health: Benchmark = {
  name: 'health',
  about: `sweeps of ${SITES} sites on one host beside the seed's loop, and repairs (simulators); the state of as many units (real systemd)`,
  parts,
  measure: async (say) => [...(await parts.sweeps(say)), ...(await parts.units()), ...(await parts.repairs(say))],
};

async function measureRepairs(say: (line: string) => void): Promise<Row[]> {
  const { killed, hung } = await measureRepair(say);
  const serves = Math.max(...killed) / 1000;
  const restarted = Math.max(...hung);
  return [
    { name: 'killed to serving again, p50', value: percentile(killed, 50) / 1000, unit: 's', ok: true },
    { name: '  the same, slowest', value: serves, unit: 's', goal: 'at most 3 s', ok: serves <= 3 },
    { name: 'hung to restarted, p50', value: percentile(hung, 50), unit: 'intervals', ok: true },
    { name: '  the same, slowest', value: restarted, unit: 'intervals', goal: 'at most 2', ok: restarted <= 2 },
  ];
}
