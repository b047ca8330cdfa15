import type { HealthAspect } from '@berth/shared/domain/health';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Metrics } from '@berth/shared/runtime/metrics';
import type { Database } from '@berth/shared/store/database';
import { type HealthFindings, recordHealth, type SeenHealth } from '@berth/shared/store/health';
import type { HealthTargets } from '@berth/shared/store/read-health-targets';
import { type HostFault, hostIncidents } from '../judge/host-incidents.ts';
import type { HostLook } from '../judge/host-look.ts';
import {
  isHostsFault,
  judgeSeen,
  type Rules,
  type Seen,
  sightsOfContainers,
  sightsOfTunnels,
} from '../judge/judge-look.ts';
import { type LookDeps, lookAtHost } from './look-at-host.ts';
import { readHost } from './read-host.ts';

export interface HostSweepDeps extends LookDeps {
  db: Database;
  hostId: string;
  hints: Hints;
  metrics: Pick<Metrics, 'restarts'>;
  rules: Rules;
}

/** What a sweep came to. */
export interface Swept {
  checked: number;
  failing: number;
  /** something has begun to fail that nobody has confirmed yet: the next one comes sooner */
  unsure?: boolean;
}

const FAULTS: readonly HostFault[] = [
  'docker-away',
  'systemd-away',
  'containers-failing',
  'tunnels-failing',
  'edge-away',
];
/** A unit that isn't started with the machine does no harm until then. */
const DISABLED_EVERY_MS = 300_000;

/** Makes the sweep of a host: look at all, judge, write down what was found and what follows from it. */
export function makeHostSweep(deps: HostSweepDeps): (signal: AbortSignal) => Promise<Swept> {
  const { db, hostId, clock } = deps;
  let disabled: ReadonlySet<string> = new Set();
  let disabledAtMs = Number.NEGATIVE_INFINITY;
  /** this process's looks in a row that found Docker, or systemd, away */
  const away = { docker: 0, systemd: 0 };

  async function keepDisabled(signal: AbortSignal): Promise<void> {
    // One that was found is looked for until it's mended.
    if (disabled.size === 0 && clock.monotonicMs() - disabledAtMs < DISABLED_EVERY_MS) return;
    const found = await deps.systemd.disabled(signal).catch(() => undefined);
    if (!found) return;
    disabled = found;
    disabledAtMs = clock.monotonicMs();
  }

  return async function sweepHost(signal) {
    const fromMs = clock.monotonicMs();
    const [read] = await Promise.all([readHost(db, hostId), keepDisabled(signal)]);
    const look = await lookAtHost(deps, read.targets, signal);
    away.docker = look.dockerAway ? away.docker + 1 : 0;
    away.systemd = look.systemdAway ? away.systemd + 1 : 0;
    const known = { ...read, nowMs: read.nowMs + clock.monotonicMs() - fromMs };
    const { findings, swept } = judgeLook(deps, known, look, disabled, away);
    const { hints, missed } = await recordHealth(db, findings);
    deps.hints.send(hints);
    tellRestarts(deps, findings, missed, read.targets);
    return swept;
  };
}

function judgeLook(
  { hostId, rules }: HostSweepDeps,
  known: HealthTargets,
  look: HostLook,
  disabled: ReadonlySet<string>,
  away: { docker: number; systemd: number },
): { findings: HealthFindings; swept: Swept } {
  const { nowMs, hostIncidents: open } = known;
  const containers = sightsOfContainers(known, look, rules);
  const tunnels = sightsOfTunnels(known, look, disabled);
  const containersFail = isHostsFault(containers, nowMs, rules, open.includes('containers-failing'));
  const tunnelsFail = isHostsFault(
    tunnels,
    nowMs,
    rules,
    open.some((kind) => kind === 'edge-away' || kind === 'tunnels-failing'),
  );
  const held = new Set<HealthAspect>();
  const present: HostFault[] = [];
  if (look.dockerAway || containersFail) held.add('container');
  if (look.systemdAway || tunnelsFail) held.add('tunnel');
  // What another process has told isn't over for one that has just begun to count.
  const isTold = (kind: HostFault, times: number) => times >= rules.failuresToAct || (times > 0 && open.includes(kind));
  if (isTold('docker-away', away.docker)) present.push('docker-away');
  if (isTold('systemd-away', away.systemd)) present.push('systemd-away');
  // Docker's ports go with it: that its containers fail says nothing more.
  if (containersFail && !look.dockerAway) present.push('containers-failing');
  if (tunnelsFail) present.push(tunnelFault(tunnels, open));
  const all = [...containers, ...tunnels];
  const failing = all.filter(({ sight }) => sight.outcome !== 'healthy');
  const data = { sites: containers.length, failing: failing.length };
  const { unsure, ...judged } = judgeSeen(all, { hostId, nowMs, held, rules, check: true });
  return {
    findings: {
      hostId,
      atMs: nowMs,
      swept: true,
      ...judged,
      ...hostIncidents(hostId, { present, told: FAULTS, open, data }),
    },
    swept: { checked: all.length, failing: failing.length, unsure },
  };
}

/** Those alone that happen: what somebody else was quicker to judge is left out. */
function tellRestarts(
  { metrics, log }: Pick<HostSweepDeps, 'metrics' | 'log'>,
  { consequences }: HealthFindings,
  missed: readonly SeenHealth[],
  targets: HealthTargets['targets'],
): void {
  for (const { restart, placementId } of consequences) {
    const isMissed = missed.some((one) => one.placementId === placementId && one.aspect === restart);
    if (!restart || isMissed) continue;
    metrics.restarts.inc({ target: restart });
    const siteKey = targets.find((target) => target.placementId === placementId)?.siteKey;
    log.info({ siteKey, target: restart }, 'restart wanted');
  }
}

function tunnelFault(tunnels: readonly Seen[], open: readonly string[]): HostFault {
  if (open.includes('edge-away')) return 'edge-away';
  if (open.includes('tunnels-failing')) return 'tunnels-failing';
  const failing = tunnels.filter(({ sight }) => sight.outcome !== 'healthy');
  const lost = failing.filter(({ sight }) => sight.reason === 'NotConnected');
  return lost.length * 2 > failing.length ? 'edge-away' : 'tunnels-failing';
}
