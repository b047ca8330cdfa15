import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { installStandIn } from '@berth/simulators/cloudflared/stand-in/install-stand-in';
import { type ConnectorStand, makeConnectorStandOn } from '@berth/tunnel-worker/testing/connector-stand';
import { type ConnectorHost, openStage, type Stage } from '@berth/tunnel-worker/testing/stage';
import { type Engine, startEngine } from '../engine/start-engine.ts';
import { type SystemdHost, startHost } from './start-host.ts';

/** A database and a simulated Cloudflare, and one host with a real systemd for all sites of a test file. */
export interface SystemdStage extends Stage {
  machine: SystemdHost;
  /** A site that is placed on the host, with nothing on it yet. */
  addSite(): Promise<ConnectorStand<ConnectorHost>>;
}

const TIMINGS = { firstConnectionMs: 20, allConnectionsMs: 60, retryMs: 200 };

export async function openSystemdStage(): Promise<SystemdStage> {
  const stage = await openStage({ connectorHost: '127.0.0.1' });
  const engine = await startEngine();
  const machine = await startMachine(engine, stage);
  const host: ConnectorHost = {
    id: 'real',
    systemctlPath: machine.systemctlPath,
    paths: machine.paths,
    isShared: true,
    starts: (unit) => countStarts(machine, unit),
  };
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

async function startMachine(engine: Engine, { simulator }: Stage): Promise<SystemdHost> {
  const standInDir = path.join(engine.dir, 'stand-in');
  const edge = simulator.connectorAddress;
  await installStandIn({ dir: standInDir, edge, node: '/usr/bin/node', timings: TIMINGS });
  return startHost(engine, { name: 'host', standInDir });
}

function countStarts({ pid }: SystemdHost, unit: string): number {
  const journal = ['journalctl', '--quiet', '--output=cat', `--unit=${unit}`];
  const text = execFileSync('nsenter', ['-t', String(pid), '--mount', ...journal], { encoding: 'utf8' });
  return text.split('\n').filter((line) => line.includes('INF Starting tunnel')).length;
}
