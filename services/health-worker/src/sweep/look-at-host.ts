import { unitName } from '@berth/shared/domain/names';
import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { HealthTarget } from '@berth/shared/store/read-health-targets';
import type { DockerLook } from '../adapters/docker-look.ts';
import type { HttpLook } from '../adapters/http-look.ts';
import type { SystemdLook } from '../adapters/systemd-look.ts';
import type { HostLook, SeenContainer, SeenTunnel } from '../judge/host-look.ts';
import { chooseContainer, type ListedContainer, type Probed } from '../judge/see-container.ts';
import type { EndedUnit, ListedUnit } from '../judge/see-tunnel.ts';
import { allAtOnce } from './all-at-once.ts';

export interface LookDeps {
  docker: DockerLook;
  systemd: SystemdLook;
  http: HttpLook;
  clock: Clock;
  log: Log;
}

/** Of those that are quick; measured: more at once take no less time on two cores. */
export const AT_ONCE = 100;
export const SLOW_MS = 150;

/**
 * Looks at all containers and tunnels of a host: one call to Docker, one to systemd, one question to each container and to each
 * connector, and some more about those that fail.
 */
export async function lookAtHost(
  deps: LookDeps,
  targets: readonly HealthTarget[],
  signal: AbortSignal,
): Promise<HostLook> {
  const { docker, systemd } = deps;
  const away = (error: unknown) => {
    if (signal.aborted) throw signal.reason;
    deps.log.warn({ err: messageOf(error) }, 'host could not be asked');
    return null;
  };
  const [listed, units, containers, tunnels] = await Promise.all([
    docker.list(signal).catch(away),
    systemd.list(signal).catch(away),
    probeAll(
      deps,
      targets.filter(({ container }) => container?.reached),
      signal,
    ),
    askAll(
      deps,
      targets.filter(({ connector }) => connector?.reached),
      signal,
    ),
  ]);
  if (listed) await addContainers(deps, targets, containers, listed, signal);
  if (units) await addUnits(deps, targets, tunnels, units, signal);
  return { dockerAway: listed === null, systemdAway: units === null, containers, tunnels };
}

async function probeAll({ http, clock }: LookDeps, targets: readonly HealthTarget[], signal: AbortSignal) {
  const bounds = { clock, atOnce: AT_ONCE, givesWayAfterMs: SLOW_MS };
  const probed = await allAtOnce(targets, bounds, async ({ placementId, port, healthPath }) => {
    const seen: SeenContainer = {
      listed: null,
      probed: await http.probe(port, healthPath, signal),
      inspected: undefined,
    };
    return [placementId, seen] as const;
  });
  return new Map(probed);
}

async function askAll({ http, clock }: LookDeps, targets: readonly HealthTarget[], signal: AbortSignal) {
  const bounds = { clock, atOnce: AT_ONCE, givesWayAfterMs: SLOW_MS };
  const asked = await allAtOnce(targets, bounds, async ({ placementId, slot }) => {
    const seen: SeenTunnel = { unit: null, ended: undefined, ready: await http.ready(slot, signal) };
    return [placementId, seen] as const;
  });
  return new Map(asked);
}

async function addContainers(
  { docker, clock }: LookDeps,
  targets: readonly HealthTarget[],
  containers: Map<string, SeenContainer>,
  listed: readonly ListedContainer[],
  signal: AbortSignal,
): Promise<void> {
  const ours = new Map<string, ListedContainer[]>();
  for (const one of listed) ours.set(one.placementId, [...(ours.get(one.placementId) ?? []), one]);
  for (const { placementId, port } of targets) {
    const seen = containers.get(placementId);
    if (seen) seen.listed = chooseContainer(ours.get(placementId) ?? [], port);
  }
  const failing = [...containers.values()].filter(({ probed, listed: one }) => one && !isWell(probed, one));
  await allAtOnce(failing, { clock, atOnce: AT_ONCE, givesWayAfterMs: SLOW_MS }, async (seen) => {
    seen.inspected = seen.listed ? await docker.inspect(seen.listed.id, signal) : undefined;
  });
}

function isWell(probed: Probed, { state }: ListedContainer): boolean {
  return state === 'running' && probed.kind === 'answer' && probed.status >= 200 && probed.status < 300;
}

async function addUnits(
  { systemd }: LookDeps,
  targets: readonly HealthTarget[],
  tunnels: Map<string, SeenTunnel>,
  units: readonly ListedUnit[],
  signal: AbortSignal,
): Promise<void> {
  const byName = new Map(units.map((unit) => [unit.name, unit]));
  for (const { placementId, siteKey } of targets) {
    const seen = tunnels.get(placementId);
    if (seen) seen.unit = byName.get(unitName(siteKey));
  }
  const names = [...tunnels.values()].flatMap(({ unit }) => (unit && unit.active !== 'active' ? [unit.name] : []));
  const ended = await systemd.ended(names, signal).catch(() => new Map<string, EndedUnit>());
  for (const seen of tunnels.values()) seen.ended = seen.unit ? ended.get(seen.unit.name) : undefined;
}
