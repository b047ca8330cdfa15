import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installStandIn } from '@berth/simulators/cloudflared/stand-in/install-stand-in';
import { type ConnectorStand, makeConnectorStandOn } from '@berth/tunnel-worker/testing/connector-stand';
import { type ConnectorHost, openStage, type Stage } from '@berth/tunnel-worker/testing/stage';
import { type Engine, startEngine } from '../engine/start-engine.ts';
import { enter, NODE, type SystemdHost, startHost } from './start-host.ts';

/** A database and a simulated Cloudflare, and one host with a real systemd for all sites of a test file. */
export interface SystemdStage extends Stage {
  machine: SystemdHost;
  /** A site that is placed on the host, with nothing on it yet. */
  addSite(): Promise<ConnectorStand<ConnectorHost>>;
}

const TIMINGS = { firstConnectionMs: 20, allConnectionsMs: 60, retryMs: 200 };
const STAND_IN = '/opt/stand-in';

export async function openSystemdStage(): Promise<SystemdStage> {
  const stage = await openStage({ connectorHost: '127.0.0.1' });
  const engine = await startEngine();
  const { host, machine } = await startMachine(engine, stage);
  await stage.db.pool.query('insert into hosts (id) values ($1)', [host.id]);
  return {
    ...stage,
    machine,
    addSite: () => makeConnectorStandOn(stage, host),
    async close() {
      await engine.stop();
      await stage.close();
    },
  };
}

/** The reconcilers of the tests write the host's files, and call its systemctl, from where they are. */
async function startMachine(engine: Engine, { simulator }: Stage) {
  const at = (name: string) => path.join(engine.dir, name);
  const [standInDir, configDir, unitDir] = [at('stand-in'), at('cloudflared'), at('units')];
  await installStandIn({ dir: standInDir, edge: simulator.connectorAddress, node: NODE, timings: TIMINGS });
  for (const dir of [configDir, unitDir]) mkdirSync(dir);
  const machine = await startHost(engine, {
    name: 'host',
    network: 'host',
    // systemd reads credentials where the units say that the configuration lies: the same path here and there.
    binds: [`${standInDir}:${STAND_IN}:ro`, `${configDir}:${configDir}`, `${unitDir}:/etc/systemd/system`],
  });
  const there = (program: string) =>
    writeProgram(at(program), `nsenter ${enter(machine.pid).join(' ')} /usr/bin/${program}`);
  const host: ConnectorHost = {
    id: 'real',
    systemctlPath: there('systemctl'),
    journalctlPath: there('journalctl'),
    paths: { configDir, unitDir, cloudflared: `${STAND_IN}/cloudflared` },
    isShared: true,
    starts: (unit) => countStarts(machine, unit),
  };
  return { host, machine };
}

function writeProgram(file: string, command: string): string {
  writeFileSync(file, `#!/bin/sh\nexec ${command} "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}

function countStarts({ pid }: SystemdHost, unit: string): number {
  const journal = ['journalctl', '--quiet', '--output=cat', `--unit=${unit}`];
  const text = execFileSync('nsenter', [...enter(pid), ...journal], { encoding: 'utf8' });
  return text.split('\n').filter((line) => line.includes('INF Starting tunnel')).length;
}
