import type { DnsFault, Registry, SimulatedDelegation } from '../dns/registry.ts';
import type { Edge, ForeignServer } from '../edge/start-edge.ts';
import type { Account } from './account.ts';
import type { CallLog, LoggedCall } from './call-log.ts';
import type { DnsRecord } from './dns-record.ts';
import type { ShownJob } from './logpush/logpush.ts';
import type { Misbehaviour, Misbehaviours } from './misbehaviour.ts';
import { permissions as everything, type Permission } from './permissions.ts';
import type { Plan } from './rules/plan.ts';
import type { Zone, ZoneStatus } from './zone.ts';

/** A zone as the control shows it. */
export interface ShownZone {
  id: string;
  name: string;
  status: ZoneStatus;
  nameServers: string[];
}

export interface ShownTunnel {
  id: string;
  name: string;
  deleted: boolean;
  connections: number;
  /** the connectors that these are of */
  connectors: string[];
}

/**
 * What a test, or another process, can do to the simulated Cloudflare from behind. All methods answer with a promise, so that the same
 * calls can be made over HTTP.
 */
export interface CloudflareControl {
  activateZone(name: string): Promise<void>;
  /** `deleted` takes the zone away, as Cloudflare does after 28 days. */
  setZoneStatus(name: string, status: ZoneStatus | 'deleted'): Promise<void>;
  /** A zone that is in the account without anybody's call. */
  addZone(name: string, status: ZoneStatus): Promise<ShownZone>;
  /** A record that somebody else makes. */
  addRecord(zone: string, record: Record<string, unknown>): Promise<DnsRecord>;
  changeRecord(zone: string, id: string, fields: Record<string, unknown>): Promise<void>;
  removeRecord(zone: string, id: string): Promise<void>;
  addTunnel(name: string): Promise<ShownTunnel>;
  listZones(): Promise<ShownZone[]>;
  listRecords(zone: string): Promise<DnsRecord[]>;
  /** Without those that are deleted. */
  listTunnels(): Promise<ShownTunnel[]>;
  /** Zones of these names exist in other accounts. */
  setElsewhere(names: string[]): Promise<void>;
  /** What is paid for a zone. */
  setPlan(zone: string, plan: Plan): Promise<void>;
  /** The service tokens of this name end then. */
  endServiceToken(name: string, at: string): Promise<void>;
  /** Creating a zone of this name is refused with this code. */
  refuseZone(name: string, code: number): Promise<void>;
  /** How the token is from now on, and what it may do; all, when no permissions are given. */
  setToken(token: { status?: string; expiresOn?: string; permissions?: Permission[] }): Promise<void>;
  holdCertificate(name: string): Promise<void>;
  issueCertificate(name: string): Promise<void>;
  setEdgeUp(up: boolean): Promise<void>;
  dropConnections(tunnelId: string): Promise<void>;
  /** What answers at an address that A records point to. */
  setForeignServer(address: string, server: ForeignServer): Promise<void>;
  /** What a scan of the domain's former name servers finds, and after how long. */
  setFormerRecords(domain: string, records: Record<string, unknown>[], afterMs?: number): Promise<void>;
  /** What the domain's former name servers know beside that, and no scan finds. */
  setUnscannedRecords(domain: string, records: Record<string, unknown>[]): Promise<void>;
  /** Whether the plan of a zone gives analytics. */
  setAnalytics(domain: string, given: boolean): Promise<void>;
  /** How many GraphQL queries may come in five minutes. */
  setQueryLimit(max: number): Promise<void>;
  /** A visit that the edge has not seen, but might have. */
  addVisit(
    domain: string,
    visit: {
      at: string;
      status: number;
      bytes: number;
      address: string;
      country: string;
      /** the domain itself when absent */
      host?: string;
      method?: string;
      path?: string;
    },
  ): Promise<void>;
  /** Of a domain's requests, every which one is in the sample that can be asked for. */
  setSampling(domain: string, every: number): Promise<void>;
  /** A Logpush job that somebody else makes. */
  addLogpushJob(domain: string, job: Record<string, unknown>): Promise<ShownJob>;
  listLogpushJobs(domain: string): Promise<ShownJob[]>;
  /** What a person finds in the file that Cloudflare has put at a destination of logs. */
  readChallenge(destination: string): Promise<string | null>;
  /** How a domain's parent delegates it from now on; what is left out stays. */
  setDelegation(domain: string, delegation: Partial<SimulatedDelegation>): Promise<void>;
  /** How the parents' name servers go wrong from now on; null: not at all. */
  setDnsFault(fault: DnsFault | null): Promise<void>;
  /** Whether the resolver gets no answer from the name servers of domains about their mail. */
  setResolverFault(fails: boolean): Promise<void>;
  misbehave(fault: Misbehaviour): Promise<void>;
  behave(): Promise<void>;
  calls(): Promise<LoggedCall[]>;
  callCounts(): Promise<Record<string, number>>;
  clearCalls(): Promise<void>;
}

interface Controlled {
  account: Account;
  edge: Edge;
  misbehaviours: Misbehaviours;
  calls: CallLog;
  registry: Registry;
}

/** The control of a simulator in this process. */
export function makeControl({ account, edge, misbehaviours, calls, registry }: Controlled): CloudflareControl {
  const zoneNamed = (name: string): Zone => {
    const zone = account.zoneNamed(name);
    if (!zone) throw new Error(`there is no zone ${name}`);
    return zone;
  };
  const changed = <T>(result: T): T => {
    account.changed();
    return result;
  };
  return {
    async activateZone(name) {
      const zone = zoneNamed(name);
      registry.set(name, { nameServers: zone.nameServers });
      account.setZoneStatus(zone, 'active');
    },
    async setZoneStatus(name, status) {
      if (status === 'deleted') account.removeZone(zoneNamed(name));
      else account.setZoneStatus(zoneNamed(name), status);
    },
    addZone: async (name, status) => showZone(account.addZone(name, status)),
    addRecord: async (zone, record) => changed(zoneNamed(zone).add(record, account.profile)),
    async changeRecord(zone, id, fields) {
      changed(zoneNamed(zone).change(id, fields));
    },
    async removeRecord(zone, id) {
      changed(zoneNamed(zone).remove(id));
    },
    async addTunnel(name) {
      const { id } = account.createTunnel(name, undefined, 'local');
      return { id, name, deleted: false, connections: 0, connectors: [] };
    },
    listZones: async () => account.zones().map(showZone),
    listRecords: async (zone) => zoneNamed(zone).records(),
    listTunnels: async () =>
      account
        .tunnels()
        .filter((tunnel) => !tunnel.deletedAt)
        .map(({ id, name, connections }) => ({
          id,
          name,
          deleted: false,
          connections: connections.size,
          connectors: [...new Set([...connections.values()].map(({ connector }) => connector.connectorId))],
        })),
    async setElsewhere(names) {
      account.elsewhere.clear();
      for (const name of names) account.elsewhere.add(name);
    },
    async setPlan(zone, plan) {
      changed(zoneNamed(zone)).plan = plan;
    },
    async endServiceToken(name, at) {
      for (const token of account.access.tokens.values()) if (token.name === name) token.expires_at = at;
      account.changed();
    },
    async refuseZone(name, code) {
      account.refused.set(name, code);
    },
    async setToken({ status = 'active', expiresOn, permissions = [...everything] }) {
      account.token = { status, ...(expiresOn !== undefined && { expiresOn }) };
      account.permissions = new Set(permissions);
    },
    async holdCertificate(name) {
      account.heldCertificates.add(name);
    },
    async issueCertificate(name) {
      account.heldCertificates.delete(name);
    },
    setEdgeUp: async (up) => edge.setUp(up),
    dropConnections: async (tunnelId) => account.tunnel(tunnelId).drop(),
    async setForeignServer(address, server) {
      edge.foreign.set(address, server);
    },
    async setFormerRecords(domain, records, afterMs = 0) {
      account.formerRecords.set(domain, records);
      account.scanMs = afterMs;
    },
    async setUnscannedRecords(domain, records) {
      account.unscannedRecords.set(domain, records);
    },
    async setAnalytics(domain, given) {
      if (given) account.withoutAnalytics.delete(domain);
      else account.withoutAnalytics.add(domain);
    },
    async setQueryLimit(max) {
      account.graphQueries.max = max;
    },
    async addVisit(domain, { at, host = domain, method = 'GET', path = '/', ...visit }) {
      const zoneId = zoneNamed(domain).id;
      const atMs = Date.parse(at);
      account.requests.add(zoneId, { atMs, host, method, path, ...visit });
      changed(account.visits.add({ zoneId, atMs, ...visit }));
    },
    async setSampling(domain, every) {
      account.requests.sampling.set(zoneNamed(domain).id, every);
    },
    addLogpushJob: async (domain, job) => changed(account.logpush.create(zoneNamed(domain), job)),
    listLogpushJobs: async (domain) => account.logpush.jobs(zoneNamed(domain)),
    readChallenge: async (destination) => account.logpush.challengeAt(destination)?.token ?? null,
    async setDelegation(domain, delegation) {
      registry.set(domain, delegation);
    },
    async setDnsFault(fault) {
      registry.fault = fault ?? undefined;
    },
    async setResolverFault(fails) {
      registry.resolverFails = fails;
    },
    misbehave: async (fault) => misbehaviours.add(fault),
    behave: async () => misbehaviours.clear(),
    calls: async () => calls.list(),
    callCounts: async () => calls.counts(),
    clearCalls: async () => calls.clear(),
  };
}

function showZone({ id, name, status, nameServers }: Zone): ShownZone {
  return { id, name, status, nameServers };
}
