import { makeApiKey } from '@berth/shared/runtime/api-key';
import { systemChance } from '@berth/shared/runtime/chance';
import { createApiKey } from '@berth/shared/store/api-keys';
import { openInstallation } from '../../tests/real/systemd/open-installation.ts';
import { makeApiClient } from '../../tests/support/api-client.ts';
import { until } from '../../tests/support/until.ts';
import { openBenchDatabase } from '../bench-database.ts';
import { readSteps, readTimes } from '../pipeline/read-times.ts';
import { percentile, type Row } from '../rows.ts';

const ALONE = 10;
const P50_SECONDS = 10;

/** One order after the other, on a machine with a Docker Engine and a systemd of its own. */
export async function measureLive(say: (line: string) => void): Promise<Row[]> {
  const bench = await openBenchDatabase(4);
  // What is measured begins after the scan, which finds nothing here and would be waited for all the same.
  const settings = { ZONE_SCAN_SECONDS: '2' };
  const installation = await openInstallation({ databaseUrl: bench.url, hosts: ['bench'], settings });
  try {
    const { key, prefix, hash } = makeApiKey(systemChance);
    await createApiKey(bench.db, { name: 'bench', prefix, hash, scopes: ['admin'], expiresAt: null });
    const api = makeApiClient(installation.apiUrl, key);
    say(`one order alone on real Docker and systemd, ${ALONE} times`);
    const ids = Array.from({ length: ALONE }, (_, index) => `alone${index}`);
    for (const id of ids) {
      await api.order({ orderId: id, domain: `${id}.de`, image: 'berth-test/site:1', customer: { id } });
      await until(`the zone of ${id} is pending`, async () => {
        const { body } = await api.ask('GET', `/v1/sites/${id}`);
        return body.nameServers?.length > 0;
      });
      say(`${id} is to be switched`);
      await installation.cloudflare.control.activateZone(`${id}.de`);
      await api.untilState(id, 'online');
      say(`${id} is live`);
    }
    const { activeToLive } = await readTimes(bench.db, ids);
    const p50 = percentile(activeToLive, 50);
    const steps = await readSteps(bench.db, ids);
    return [
      {
        name: 'real Docker and systemd, alone: zone active to live, p50',
        value: p50,
        unit: 's',
        goal: `under ${P50_SECONDS} s`,
        ok: p50 < P50_SECONDS,
      },
      { name: '  the same, p95', value: percentile(activeToLive, 95), unit: 's', ok: true },
      ...steps.map(({ step, p50: of }) => ({ name: `  of it ${step}, p50`, value: of, unit: 's', ok: true })),
    ];
  } finally {
    await installation.close();
    await bench.close();
  }
}
