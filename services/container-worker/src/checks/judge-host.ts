import { type Check, compareVersions, fails, isOk, judgeClock, warns } from '@berth/shared/domain/checks';
import { doNetworksOverlap } from '@berth/shared/domain/ipv4-network';

/** What the Engine says of itself. */
export interface EngineFacts {
  version: string;
  liveRestore: boolean;
  seccomp: boolean;
  /** the networks that Berth didn't make */
  foreignNetworks: readonly { name: string; subnet: string }[];
}

/** What is there on a host; undefined is what can't be seen from where the worker runs. */
export interface HostFacts {
  engine: EngineFacts;
  /** what is in the way of the firewall; undefined when it stands */
  unprotected: string | undefined;
  /** on the disk of Docker's folder */
  freeBytes: number | undefined;
  /** the ports that something listens at */
  listening: ReadonlySet<number> | undefined;
  /** where packets go by the routes that Berth's networks didn't bring */
  routes: readonly { device: string; network: string }[] | undefined;
  /** by how much its clock is ahead of Postgres's */
  clockSkewMs: number;
}

/** What a host is held against. */
export interface HostWants {
  subnetPool: string;
  minFreeBytes: number;
  /** the ports of the host that belong to no site */
  freePorts: readonly number[];
}

/** The first with the API 1.41, which all calls were measured with. */
const DOCKER_MIN = '20.10';
const MB = 1e6;
const SHOWN = 10;

/** How a host is, as far as containers need it. */
export function judgeHost(facts: HostFacts, wants: HostWants): Check[] {
  const { engine } = facts;
  return [
    judgeVersion(engine.version),
    judgeLiveRestore(engine.liveRestore),
    judgeSeccomp(engine.seccomp),
    judgeFirewall(facts.unprotected),
    judgeDisk(facts.freeBytes, wants.minFreeBytes),
    judgePorts(facts.listening, wants.freePorts),
    judgeSubnets(facts, wants.subnetPool),
    judgeClock({ id: 'host.clock', title: 'Clock' }, facts.clockSkewMs),
  ];
}

function judgeVersion(version: string): Check {
  const subject = { id: 'docker.version', title: `Docker ${DOCKER_MIN} or later` };
  if (compareVersions(version, DOCKER_MIN) >= 0) return isOk(subject, version);
  return fails(subject, `it is ${version}`, `update Docker to ${DOCKER_MIN} or later`);
}

function judgeLiveRestore(isOn: boolean): Check {
  const subject = { id: 'docker.live-restore', title: 'Containers outlive a restart of Docker' };
  if (isOn) return isOk(subject, 'live-restore is on');
  const fix = 'set "live-restore": true in /etc/docker/daemon.json, then systemctl reload docker';
  return fails(subject, 'live-restore is off: each restart of Docker takes all sites of this host down', fix);
}

function judgeSeccomp(isOn: boolean): Check {
  const subject = { id: 'docker.seccomp', title: 'System calls of containers are filtered' };
  if (isOn) return isOk(subject, "Docker's seccomp profile");
  return warns(subject, 'Docker runs without seccomp', 'use a kernel and a Docker with seccomp (docker info)');
}

function judgeFirewall(unprotected: string | undefined): Check {
  const subject = { id: 'host.firewall', title: 'The host and other customers are protected from containers' };
  if (unprotected === undefined) return isOk(subject, 'the firewall stands');
  const fix = 'docs/hosts.md; BERTH_FIREWALL=elsewhere only where something else does it';
  return fails(subject, `${unprotected}: no container is started`, fix);
}

function judgeDisk(freeBytes: number | undefined, minFreeBytes: number): Check {
  const subject = { id: 'docker.disk', title: "Room on the disk of Docker's folder" };
  if (freeBytes === undefined) {
    return isOk(subject, 'cannot be seen from where the worker runs; a full disk shows as DiskFull of a site');
  }
  const found = `${Math.round(freeBytes / MB)} MB are free`;
  const least = `${Math.round(minFreeBytes / MB)} MB (IMAGE_MIN_FREE_BYTES)`;
  const fix = 'make room: docker system df shows what takes it';
  if (freeBytes < minFreeBytes) return fails(subject, `${found}, less than ${least}: no image is pulled`, fix);
  return freeBytes < 2 * minFreeBytes
    ? warns(subject, `${found}, hardly more than ${least}`, fix)
    : isOk(subject, found);
}

function judgePorts(listening: ReadonlySet<number> | undefined, freePorts: readonly number[]): Check {
  const subject = { id: 'host.ports', title: "Berth's ports are free of strangers" };
  if (!listening) return isOk(subject, 'cannot be seen here; a port that a stranger holds is found when it is needed');
  const taken = freePorts.filter((port) => listening.has(port));
  if (taken.length === 0) return isOk(subject, `${freePorts.length} ports are free`);
  const shown = taken.slice(0, SHOWN).join(', ') + (taken.length > SHOWN ? `, and ${taken.length - SHOWN} more` : '');
  const detail = `others listen at ${shown}; sites are given other ports`;
  return warns(subject, detail, `end what listens there (ss -ltnp 'sport = :${taken[0]}'), or move the range`);
}

function judgeSubnets({ engine, routes = [] }: HostFacts, pool: string): Check {
  const subject = { id: 'host.subnets', title: `Addresses of BERTH_SUBNET_POOL (${pool}) are Berth's alone` };
  const known = new Set(engine.foreignNetworks.map(({ subnet }) => subnet));
  const others = [
    ...engine.foreignNetworks.map(({ name, subnet }) => ({ what: `Docker's network ${name}`, network: subnet })),
    ...routes
      .filter(({ network }) => !known.has(network))
      .map(({ device, network }) => ({ what: `the route by ${device}`, network })),
  ].filter(({ network }) => doNetworksOverlap(pool, network));
  if (others.length === 0) return isOk(subject, 'no other network has any of them');
  const list = others.slice(0, SHOWN).map(({ what, network }) => `${what} (${network})`);
  const detail = `also of ${list.join(', ')}: sites there don't start, or reach the wrong machines`;
  return fails(subject, detail, 'remove that network, or set BERTH_SUBNET_POOL to a range that nothing else uses');
}
