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
import { allAtOnce, makePlaces } from './all-at-once.ts';

export interface LookDeps {
  docker: DockerLook;
  systemd: SystemdLook;
  http: HttpLook;
  clock: Clock;
  log: Log;
}

/** Of those that are quick; measured: more at once take no less time on two cores. */
export const AT_ONCE = 100;
/** So soon that the last of 900 that hang is asked half a second after the first. */
export const SLOW_MS = 50;

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
  const listing = docker.list(signal).then(byPlacement).catch(away);
  const [listed, units, containers, tunnels] = await Promise.all([
    listing,
    systemd.list(signal).catch(away),
    lookAtContainers(
      deps,
      targets.filter(({ container }) => container?.reached),
      listing,
      signal,
    ),
    askAll(
      deps,
      targets.filter(({ connector }) => connector?.reached),
      signal,
    ),
  ]);
  if (units) await addUnits(deps, targets, tunnels, units, signal);
  return { dockerAway: listed === null, systemdAway: units === null, containers, tunnels };
}

type Listing = ReadonlyMap<string, readonly ListedContainer[]>;

function byPlacement(listed: readonly ListedContainer[]): Listing {
  const all = new Map<string, ListedContainer[]>();
  for (const one of listed) all.set(one.placementId, [...(all.get(one.placementId) ?? []), one]);
  return all;
}

/** Of those that fail it's asked more, each as soon as it does: others still have time to answer then. */
async function lookAtContainers(
  { docker, http, clock }: LookDeps,
  targets: readonly HealthTarget[],
  listing: Promise<Listing | null>,
  signal: AbortSignal,
): Promise<Map<string, SeenContainer>> {
  const bounds = { clock, atOnce: AT_ONCE, givesWayAfterMs: SLOW_MS };
  const [probing, inspecting] = [makePlaces(bounds), makePlaces(bounds)];
  const all = targets.map(async ({ placementId, port, healthPath }): Promise<[string, SeenContainer]> => {
    const probe = () => probing(() => http.probe(port, healthPath, signal));
    const first = await probe();
    const known = await listing;
    const listed = known && chooseContainer(known.get(placementId) ?? [], port);
    const probed = listed && wasTooEarly(first, listed) ? await probe() : first;
    const fails = listed && !isWell(probed, listed);
    const inspected = fails ? await inspecting(() => docker.inspect(listed.id, signal)) : undefined;
    return [placementId, { probed, listed, inspected }];
  });
  return new Map(await Promise.all(all));
}

/** A daemon that starts lets whoever asks it wait until it has published its containers' ports again: what was refused meanwhile isn't theirs. */
function wasTooEarly(probed: Probed, { state }: ListedContainer): boolean {
  return state === 'running' && probed.kind === 'none' && probed.reason !== 'Timeout';
}

function isWell(probed: Probed, { state }: ListedContainer): boolean {
  return state === 'running' && probed.kind === 'answer' && probed.status >= 200 && probed.status < 300;
}

async function askAll({ http, clock }: LookDeps, targets: readonly HealthTarget[], signal: AbortSignal) {
  const bounds = { clock, atOnce: AT_ONCE, givesWayAfterMs: SLOW_MS };
  const asked = await allAtOnce(targets, bounds, async ({ placementId, slot }) => {
    const seen: SeenTunnel = { unit: null, ended: undefined, ready: await http.ready(slot, signal) };
    return [placementId, seen] as const;
  });
  return new Map(asked);
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
