import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type CloudflareOptions, type CloudflareSimulator, startCloudflare } from './cloudflare/start-cloudflare.ts';
import type { DockerSimulator } from './docker/start-docker.ts';
import { makeHostControlServer } from './systemd/host-control-over-http.ts';
import { type HostEnvironment, type HostOptions, type HostSimulator, startHost } from './systemd/start-host.ts';
import type { SystemdSimulator } from './systemd/start-systemd.ts';

export interface SimulatorsOptions {
  /** sockets, unit files and, with `persist`, all state; made when missing */
  dir: string;
  /** Cloudflare's limits; `ordinary` when absent */
  profile?: CloudflareOptions['profile'];
  /** name of the first host; `one` when absent */
  host?: string;
  /** a later start in the same directory finds zones, containers and units again; otherwise the hosts' files go at `stop` */
  persist?: boolean;
  /** a zone goes active by itself after this time, in ms; when absent only by control */
  activateAfterMs?: number;
  /** from a zone's activation until the edge has its certificate, in ms; 0 when absent */
  certificateAfterMs?: number;
  /** the address at which connectors of other processes may register; none may when absent */
  connectorHost?: string;
  images?: HostOptions['images'];
  pullMs?: number;
  timings?: HostOptions['timings'];
}

/** What points Berth at the simulators; the values of `process.env`. */
export interface SimulatorsEnvironment extends HostEnvironment {
  CF_API_BASE_URL: string;
  CF_API_TOKEN: string;
  CF_ACCOUNT_ID: string;
  EDGE_ADDRESS: string;
  EDGE_CA_FILE: string;
  DNS_RESOLVER: string;
  /** a simulated scan is over at once */
  ZONE_SCAN_SECONDS: string;
}

/** A host with the environment of all its workers. */
export interface AddedHost {
  env: Record<keyof SimulatorsEnvironment, string>;
  host: HostSimulator;
}

export interface Simulators {
  env: Record<keyof SimulatorsEnvironment, string>;
  cloudflare: CloudflareSimulator;
  /** those of the first host */
  docker: DockerSimulator;
  systemd: SystemdSimulator;
  /** for `makeHostControl` in other processes; Cloudflare's own is `cloudflare.controlUrl` */
  hostControlUrl: string;
  /** Starts another host before the same edge. Its port ranges must differ from the other hosts'. @throws Error when the name is taken */
  addHost(name: string): Promise<AddedHost>;
  stop(): Promise<void>;
}

/** Starts Cloudflare with its edge, and one host with Docker and systemd, all inside this process. */
export async function startSimulators(options: SimulatorsOptions): Promise<Simulators> {
  const { dir, profile = 'ordinary', host = 'one', persist = false } = options;
  mkdirSync(dir, { recursive: true });
  const cloudflare = await startCloudflare({
    profile,
    activateAfterMs: options.activateAfterMs ?? null,
    certificateAfterMs: options.certificateAfterMs,
    connectorHost: options.connectorHost,
    dataDir: persist ? join(dir, 'cloudflare') : undefined,
  });
  const shared = {
    CF_API_BASE_URL: cloudflare.apiUrl,
    CF_API_TOKEN: cloudflare.apiToken,
    CF_ACCOUNT_ID: cloudflare.accountId,
    EDGE_ADDRESS: cloudflare.edgeAddress,
    EDGE_CA_FILE: cloudflare.edgeCaFile,
    DNS_RESOLVER: cloudflare.dnsAddress,
    ZONE_SCAN_SECONDS: '0',
  };
  const hosts = new Map<string, HostSimulator>();
  const addHost: Simulators['addHost'] = async (name) => {
    if (hosts.has(name) || !/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) {
      throw new Error(`a host can't be called ${name}: it exists or the name has other letters than a-z, 0-9 and -`);
    }
    const { images, pullMs, timings } = options;
    const started = await startHost({
      dir: join(dir, 'hosts', name),
      edge: cloudflare.edge,
      persist,
      images,
      pullMs,
      timings,
    });
    hosts.set(name, started);
    return { host: started, env: { ...shared, ...started.env } };
  };
  const first = await addHost(host);
  const control = makeHostControlServer((name) => {
    const found = hosts.get(name);
    return found === undefined ? undefined : { docker: found.docker.control, systemd: found.systemd.control };
  });
  await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve));
  return {
    env: first.env,
    cloudflare,
    docker: first.host.docker,
    systemd: first.host.systemd,
    hostControlUrl: `http://127.0.0.1:${(control.address() as AddressInfo).port}`,
    addHost,
    stop: async () => {
      control.close();
      control.closeAllConnections();
      await Promise.all([...hosts.values()].map((started) => started.stop()));
      await cloudflare.stop();
    },
  };
}
