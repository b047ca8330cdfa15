import { type Container, toLabels } from './container.ts';
import type { ContainerEngine } from './container-engine.ts';
import { type Json, toRecord } from './json.ts';
import { type Network, toContainerAddress } from './network-store.ts';

/** The container as `GET /containers/{id}/json` answers it. */
export function toContainerInspect(engine: ContainerEngine, container: Container): Json {
  const { state } = container;
  return {
    Id: container.id,
    Created: container.created,
    Path: '/app/server',
    Args: [],
    State: {
      Status: state.status,
      Running: state.status === 'running' || state.status === 'restarting',
      Paused: false,
      Restarting: state.status === 'restarting',
      OOMKilled: state.outOfMemory === true,
      Dead: false,
      Pid: state.pid,
      ExitCode: state.exitCode,
      Error: state.error,
      StartedAt: state.startedAt,
      FinishedAt: state.finishedAt,
    },
    Image: container.imageId,
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig: container.hostConfig,
    GraphDriver: { Name: 'overlay2', Data: null },
    Mounts: [],
    Config: container.config,
    NetworkSettings: {
      Bridge: '',
      Ports: toPorts(engine, container),
      Networks: toEndpoints(engine, container),
    },
  };
}

/** The container as `GET /containers/json` lists it. */
export function toContainerSummary(engine: ContainerEngine, container: Container): Json {
  const bound = engine.processOf(container)?.ports ?? [];
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image:
      engine.images.find(container.imageReference)?.id === container.imageId
        ? container.imageReference
        : container.imageId,
    ImageID: container.imageId,
    Command: '/app/server',
    Created: Math.floor(Date.parse(container.created) / 1000),
    Ports: bound.map(({ containerPort, hostIp, hostPort }) => ({
      IP: hostIp,
      PrivatePort: Number.parseInt(containerPort, 10),
      PublicPort: hostPort,
      Type: containerPort.split('/')[1] ?? 'tcp',
    })),
    Labels: toLabels(container),
    State: container.state.status,
    Status: toStatusText(container),
    HostConfig: { NetworkMode: container.hostConfig.NetworkMode },
    NetworkSettings: { Networks: toEndpoints(engine, container) },
    Mounts: [],
  };
}

/** One sample as `GET /containers/{id}/stats?one-shot=true` answers it; figures of a small, idle program. */
export function toStats(container: Container): Json {
  const running = container.state.status === 'running';
  const limit = Number(container.hostConfig.Memory) || 25_000_000_000;
  const ranMs = running ? Date.now() - Date.parse(container.state.startedAt) : 0;
  const cpu = {
    cpu_usage: { total_usage: ranMs * 1000, usage_in_kernelmode: 0, usage_in_usermode: ranMs * 1000 },
    ...(running ? { system_cpu_usage: Math.round(performance.now() * 2e6), online_cpus: 2 } : {}),
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  };
  return {
    read: new Date().toISOString(),
    preread: '0001-01-01T00:00:00Z',
    name: `/${container.name}`,
    id: container.id,
    num_procs: 0,
    pids_stats: running ? { current: 2, limit: container.hostConfig.PidsLimit ?? 0 } : {},
    cpu_stats: cpu,
    precpu_stats: { cpu_usage: { total_usage: 0 }, throttling_data: {} },
    memory_stats: running ? { usage: 5_200_000, max_usage: 6_000_000, limit, stats: { cache: 0 } } : {},
    blkio_stats: {},
    networks: running ? { eth0: { rx_bytes: 0, tx_bytes: 0, rx_packets: 0, tx_packets: 0 } } : {},
  };
}

/** The network as `GET /networks/{id}` answers it; `Containers` only there, not in the list. */
export function toNetworkInspect(network: Network, members: Container[] | undefined): Json {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.driver,
    EnableIPv6: false,
    IPAM: {
      Driver: 'default',
      Options: null,
      Config: network.subnet === '' ? [] : [{ Subnet: network.subnet, Gateway: network.gateway }],
    },
    Internal: network.internal,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      (members ?? []).map((container, index) => [
        container.id,
        {
          Name: container.name,
          EndpointID: container.id,
          MacAddress: '',
          IPv4Address: `${toContainerAddress(network.subnet, index)}/${network.subnet.split('/')[1] ?? ''}`,
          IPv6Address: '',
        },
      ]),
    ),
    Options: network.options,
    Labels: network.labels,
  };
}

function toPorts(engine: ContainerEngine, container: Container): Json {
  const bound = engine.processOf(container)?.ports;
  if (bound === undefined) {
    return {};
  }
  const exposed = Object.keys(toRecord(container.config.ExposedPorts)).map((port) => [port, null] as const);
  const published = bound.map(
    ({ containerPort, hostIp, hostPort }) =>
      [containerPort, [{ HostIp: hostIp === '' ? '0.0.0.0' : hostIp, HostPort: String(hostPort) }]] as const,
  );
  return Object.fromEntries([...exposed, ...published]);
}

function toEndpoints(engine: ContainerEngine, container: Container): Json {
  const running = engine.processOf(container) !== undefined;
  return Object.fromEntries(
    container.networks.map((name) => {
      const id = container.networkIds?.[name];
      const network = engine.networks.find(id ?? name);
      const attached = running && network !== undefined;
      return [
        network?.name ?? name,
        {
          IPAMConfig: null,
          Links: null,
          Aliases: null,
          NetworkID: id ?? '',
          EndpointID: attached ? container.id : '',
          Gateway: attached ? network.gateway : '',
          IPAddress: attached ? toContainerAddress(network.subnet, 0) : '',
          IPPrefixLen: attached ? Number(network.subnet.split('/')[1] ?? 0) : 0,
          MacAddress: '',
        },
      ];
    }),
  );
}

function toStatusText({ state }: Container): string {
  switch (state.status) {
    case 'created':
      return 'Created';
    case 'running':
      return `Up ${toAge(state.startedAt)}`;
    case 'restarting':
      return `Restarting (${state.exitCode}) ${toAge(state.finishedAt)} ago`;
    case 'exited':
      return `Exited (${state.exitCode}) ${toAge(state.finishedAt)} ago`;
  }
}

function toAge(time: string): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(time)) / 1000));
  const minutes = Math.floor(seconds / 60);
  if (seconds < 1) return 'Less than a second';
  if (seconds < 60) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  return minutes === 1 ? 'About a minute' : `${minutes} minutes`;
}
