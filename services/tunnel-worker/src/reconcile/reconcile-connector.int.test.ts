import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exerciseReconciler, type World } from '@berth/shared/testing/exercise-reconciler';
import { execa } from 'execa';
import { afterAll, beforeAll, describe } from 'vitest';
import { makeConnectorStand } from '../testing/connector-stand.ts';
import { openStage, type Stage } from '../testing/stage.ts';
import { replaceTunnel, wantGone } from '../testing/stage-site.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

async function makeWorld(): Promise<World> {
  const stand = await makeConnectorStand(stage);
  const { site, host, placement } = stand;
  const { configDir, unitDir } = host.paths;
  const systemctl = (...words: string[]) => execa(host.systemd.systemctlPath, words, { reject: false });
  const strangers = [join(configDir, 'cert.pem'), join(configDir, 'other.yml'), join(unitDir, 'nginx.service')];
  mkdirSync(configDir, { recursive: true });
  for (const file of strangers) writeFileSync(file, 'theirs');
  const path = async (name: 'credentials' | 'config' | 'unit' | 'dropIn') => (await stand.wanted())[name].path;
  return {
    reconcile: stand.look,
    observe: stand.observe,
    wantGone: () => wantGone(stage, site),
    observeStrangers: async () => strangers.map((file) => readFileSync(file, 'utf8')),
    drifts: {
      'the credentials are changed': async () => writeFileSync(await path('credentials'), '{}'),
      'the credentials can be read by all': async () => chmodSync(await path('credentials'), 0o644),
      'the configuration is removed': async () => rmSync(await path('config')),
      'the unit is changed': async () => appendFileSync(await path('unit'), '[Service]\nRestartSec=30\n'),
      'the unit is removed while it runs': async () => rmSync(await path('unit')),
      'the unit is removed and forgotten': async () => {
        await systemctl('stop', stand.unit);
        rmSync(await path('unit'));
        await systemctl('daemon-reload');
      },
      'the drop-in is changed': async () => appendFileSync(await path('dropIn'), 'DynamicUser=no\n'),
      'the drop-in is removed': async () => rmSync(await path('dropIn')),
      'the unit is stopped': async () => {
        await systemctl('stop', stand.unit);
      },
      'the unit is disabled': async () => {
        await systemctl('disable', stand.unit);
      },
      'the process is killed': async () => host.systemd.control.killUnit(stand.unit),
      'the unit has failed': async () => {
        writeFileSync(await path('unit'), '[Service]\nType=notify\n');
        await systemctl('daemon-reload');
        host.systemd.control.killUnit(stand.unit);
        while ((await systemctl('is-failed', stand.unit)).exitCode !== 0);
      },
      'another port is wanted': async () => {
        await stage.db.pool.query('update placements set port = port + 1 where id = $1', [placement.placementId]);
      },
      'the site has another tunnel': async () => {
        await replaceTunnel(stage, site);
      },
    },
    close: async () => host.stop(),
  };
}

describe('reconcileConnector', () => {
  exerciseReconciler({ makeWorld, maxLooks: 300 });
});
