import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CloudflaredTimings, cloudflaredVersion, defaultTimings } from '../cloudflared/start-cloudflared.ts';
import { validateIngress } from '../cloudflared/validate-ingress.ts';
import { type Fault, FaultPlan } from '../docker/fault-plan.ts';
import type { TunnelEdge } from '../edge/tunnel-link.ts';
import { type CallAnswer, toAnswer } from './answer.ts';
import { toClientScript, toVersionShortcut } from './client-script.ts';
import type { Journal } from './journal.ts';
import { runJournalctl } from './run-journalctl.ts';
import { runSystemctl } from './run-systemctl.ts';
import { type AnswerCall, type CallServer, serveCalls } from './serve-calls.ts';
import { makeSpawn } from './spawn-program.ts';
import { makeSystemdControl, type SystemdControl } from './systemd-control.ts';
import { UnitManager } from './unit-manager.ts';

export interface SystemdOptions {
  unitDir: string;
  /** for FIFOs, scripts and credentials; made, and removed at the end */
  runDir: string;
  edge: TunnelEdge;
  /** where the simulated cloudflared is put; `<runDir>/cloudflared` when absent */
  cloudflaredPath?: string;
  timings?: Partial<CloudflaredTimings>;
  faults?: Fault[];
  /** one that an earlier boot of this machine wrote; a new one when absent */
  journal?: Journal;
}

export interface SystemdSimulator {
  systemctlPath: string;
  journalctlPath: string;
  cloudflaredPath: string;
  unitDir: string;
  control: SystemdControl;
  stop(): void;
}

/** Starts a systemd whose units run simulated cloudflareds. Units that a target wants start at once, as at boot. */
export function startSystemd(options: SystemdOptions): SystemdSimulator {
  const { unitDir, runDir, edge, timings, faults = [] } = options;
  const systemctlPath = join(runDir, 'systemctl');
  const journalctlPath = join(runDir, 'journalctl');
  const cloudflaredPath = options.cloudflaredPath ?? join(runDir, 'cloudflared');
  mkdirSync(runDir, { recursive: true, mode: 0o700 });
  const shortcut = toVersionShortcut(cloudflaredVersion);
  writeProgram(systemctlPath, toClientScript('systemctl', runDir));
  writeProgram(journalctlPath, toClientScript('journalctl', runDir));
  writeProgram(cloudflaredPath, toClientScript('cloudflared', runDir, shortcut));
  const [credentialsDir, runtimeDir] = [join(runDir, 'credentials'), join(runDir, 'runtime')];
  const spawn = makeSpawn({
    cloudflaredPath,
    credentialsDir,
    runtimeDir,
    edge,
    timings: { ...defaultTimings, ...timings },
  });
  const manager = new UnitManager(unitDir, spawn, options.journal);
  const plan = new FaultPlan();
  for (const fault of faults) {
    plan.add(fault);
  }
  const answer = makeAnswer(manager, plan);
  let server: CallServer | undefined = serveCalls(runDir, answer);
  const away = (): void => {
    server?.close();
    server = undefined;
  };
  manager.boot();
  return {
    systemctlPath,
    journalctlPath,
    cloudflaredPath,
    unitDir,
    control: makeSystemdControl({
      manager,
      faults: plan,
      away,
      back: () => {
        server ??= serveCalls(runDir, answer);
      },
    }),
    stop: () => {
      away();
      manager.close();
      rmSync(cloudflaredPath, { force: true });
      rmSync(runDir, { recursive: true, force: true });
    },
  };
}

function writeProgram(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o755 });
  chmodSync(path, 0o755);
}

function makeAnswer(manager: UnitManager, faults: FaultPlan): AnswerCall {
  return async (program, words) => {
    if (program === 'cloudflared') {
      return toAnswer(validateIngress(words));
    }
    if (program === 'journalctl') {
      return runJournalctl(manager.journal, words, Math.round((performance.timeOrigin + performance.now()) * 1000));
    }
    const fault = faults.take(words.join(' '));
    switch (fault?.kind) {
      case undefined:
        return runSystemctl(manager, words);
      case 'latency':
        await delay(fault.ms ?? 1000);
        return runSystemctl(manager, words);
      case 'lost':
        await runSystemctl(manager, words);
        return undefined;
      case 'crash':
        return undefined;
      case 'hang':
        return new Promise<CallAnswer>(() => undefined);
      case 'error':
        return toAnswer({
          err: [fault.message ?? 'Failed to connect to bus: simulated failure'],
          exitCode: fault.status ?? 1,
        });
    }
  };
}
