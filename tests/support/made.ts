import type { World } from './world.ts';

/** Everything that is there, by name: doubles would show. */
export interface Made {
  zones: string[];
  records: string[];
  tunnels: string[];
  containers: string[];
  networks: string[];
  units: string[];
}

/** What the simulated Cloudflare, Docker and systemd hold: not what Berth believes. */
export async function madeIn({ simulators: { cloudflare, docker, systemd } }: World): Promise<Made> {
  const zones = await cloudflare.control.listZones();
  const records = await Promise.all(zones.map(({ name }) => cloudflare.control.listRecords(name)));
  const tunnels = await cloudflare.control.listTunnels();
  const namesOf = (those: readonly { name: string }[]) => those.map(({ name }) => name).sort();
  return {
    zones: namesOf(zones),
    records: namesOf(records.flat()),
    tunnels: namesOf(tunnels),
    containers: namesOf(docker.control.containers()),
    networks: docker.control
      .networks()
      .filter((name) => name.startsWith('customer-'))
      .sort(),
    units: namesOf(systemd.control.units()),
  };
}

/** What is there when the site of each of these customers, at `<id>.de`, was made once. */
export function madeOnceFor(ids: readonly string[]): Made {
  const named = (format: (id: string) => string | string[]) => ids.flatMap(format).sort();
  return {
    zones: named((id) => `${id}.de`),
    records: named((id) => [`${id}.de`, `www.${id}.de`]),
    tunnels: named((id) => `customer-${id}`),
    containers: named((id) => `customer-${id}`),
    networks: named((id) => `customer-${id}`),
    units: named((id) => `cloudflared-customer-${id}.service`),
  };
}
