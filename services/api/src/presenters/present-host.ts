import type { Host, HostDetail } from '@berth/contract/host';
import { stateOfHost, whyUnwatched } from '@berth/shared/domain/host-state';
import type { ReadHost, ReadHostParts } from '@berth/shared/store/read-hosts';

export function presentHost({ containers, connectors, health, ...host }: ReadHost): Host {
  return {
    ...host,
    ...stateOfHost({ draining: host.draining, containers, connectors }),
    leases: { containers: containers.until, connectors: connectors.until, health: health.until },
    warning: whyUnwatched({ health }) ?? null,
  };
}

export function presentHostDetail(host: ReadHost, parts: ReadHostParts): HostDetail {
  return { ...presentHost(host), ...parts };
}
