import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '@berth/shared/testing/exercise-reconciler';
import { execa } from 'execa';
import type { ConnectorStand } from './connector-stand.ts';
import type { ConnectorHost, Stage } from './stage.ts';
import { replaceTunnel, wantGone } from './stage-site.ts';

/** A connector's world for `exerciseReconciler`, on a host of any kind. */
export function makeConnectorWorld(stage: Stage, stand: ConnectorStand<ConnectorHost>): Omit<World, 'close'> {
  const { configDir, unitDir } = stand.host.paths;
  const strangers = [join(configDir, 'cert.pem'), join(configDir, 'other.yml'), join(unitDir, 'nginx.service')];
  mkdirSync(configDir, { recursive: true });
  for (const file of strangers) writeFileSync(file, 'theirs');
  return {
    reconcile: stand.look,
    observe: stand.observe,
    wantGone: () => wantGone(stage, stand.site),
    observeStrangers: async () => strangers.map((file) => readFileSync(file, 'utf8')),
    drifts: drifts(stage, stand),
  };
}

function drifts(stage: Stage, { host, unit, site, placement, wanted }: ConnectorStand<ConnectorHost>): World['drifts'] {
  const path = async (name: 'credentials' | 'config' | 'unit' | 'dropIn') => (await wanted())[name].path;
  const systemctl = async (...words: string[]) => (await execa(host.systemctlPath, words, { reject: false })).exitCode;
  const kill = () => systemctl('kill', '--kill-who=main', '--signal=SIGKILL', unit);
  return {
    'the credentials are changed': async () => writeFileSync(await path('credentials'), '{}'),
    'the credentials can be read by all': async () => chmodSync(await path('credentials'), 0o644),
    'the configuration is removed': async () => rmSync(await path('config')),
    'the unit is changed': async () => appendFileSync(await path('unit'), '[Service]\nRestartSec=30\n'),
    'the unit is changed, and loaded so': async () => {
      appendFileSync(await path('unit'), '[Service]\nRestartSec=30\n');
      await systemctl('daemon-reload');
    },
    'the unit is removed while it runs': async () => rmSync(await path('unit')),
    'the unit is removed and forgotten': async () => {
      await systemctl('stop', unit);
      rmSync(await path('unit'));
      await systemctl('daemon-reload');
    },
    'the unit is masked by hand': async () => {
      rmSync(await path('unit'));
      symlinkSync('/dev/null', await path('unit'));
      await systemctl('daemon-reload');
    },
    'the drop-in is changed': async () => appendFileSync(await path('dropIn'), 'DynamicUser=no\n'),
    'the drop-in is removed': async () => rmSync(await path('dropIn')),
    'the unit is stopped': async () => void (await systemctl('stop', unit)),
    'the unit is disabled': async () => void (await systemctl('disable', unit)),
    'the process is killed': async () => void (await kill()),
    'the unit has failed': async () => {
      writeFileSync(await path('unit'), '[Service]\nType=notify\n');
      await systemctl('daemon-reload');
      await kill();
      while ((await systemctl('is-failed', unit)) !== 0);
    },
    'another port is wanted': async () => {
      await stage.db.pool.query('update placements set port = port + 1 where id = $1', [placement.placementId]);
    },
    'the site has another tunnel': async () => void (await replaceTunnel(stage, site)),
  };
}
