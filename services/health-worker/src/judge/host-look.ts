import type { InspectedContainer, ListedContainer, Probed } from './see-container.ts';
import type { EndedUnit, ListedUnit, Ready } from './see-tunnel.ts';

/** What was seen of a placement's container; `listed` is null while Docker is away. */
export interface SeenContainer {
  listed: ListedContainer | undefined | null;
  probed: Probed;
  inspected: InspectedContainer | undefined;
}

/** What was seen of a placement's tunnel; `unit` is null while systemd is away. */
export interface SeenTunnel {
  unit: ListedUnit | undefined | null;
  ended: EndedUnit | undefined;
  ready: Ready;
}

/** What was seen of a host, by placement. */
export interface HostLook {
  dockerAway: boolean;
  systemdAway: boolean;
  containers: Map<string, SeenContainer>;
  tunnels: Map<string, SeenTunnel>;
}
