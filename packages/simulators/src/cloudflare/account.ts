import { Access, type AccessSnapshot } from './access/access.ts';
import { QueryBudget } from './analytics/query-budget.ts';
import { RequestLog, type RequestSnapshot } from './analytics/request-log.ts';
import { VisitCounts, type VisitSnapshot } from './analytics/visit-counts.ts';
import { ApiError } from './api-error.ts';
import { Logpush, type LogpushSnapshot } from './logpush/logpush.ts';
import { type PairIndex, pairAt } from './name-servers.ts';
import { type Permission, permissions } from './permissions.ts';
import type { Profile } from './profile.ts';
import { Tunnel, type TunnelSnapshot } from './tunnel.ts';
import { Zone, type ZoneSnapshot, type ZoneStatus } from './zone.ts';

export interface AccountSnapshot {
  zones: ZoneSnapshot[];
  tunnels: TunnelSnapshot[];
  zonesMade: number;
  /** the pair of name servers that each name had last, of zones that are gone too */
  pairs?: [name: string, pair: PairIndex][];
  visits?: VisitSnapshot;
  requests?: RequestSnapshot;
  logpush?: LogpushSnapshot;
  access?: AccessSnapshot;
}

interface AccountOptions {
  id: string;
  profile: Profile;
  /** of the token; all when absent */
  permissions?: ReadonlySet<Permission>;
  /** a zone goes active by itself after this time; null: only when told */
  activateAfterMs: number | null;
  /** from a zone's activation until the edge has its certificate */
  certificateAfterMs: number;
  from?: AccountSnapshot | undefined;
  onChange: () => void;
}

const TEN_MINUTES_MS = 600_000;

/** One Cloudflare account: its zones and tunnels, found by index. */
export class Account {
  readonly id: string;
  readonly name = 'Simulated account';
  readonly profile: Profile;
  permissions: ReadonlySet<Permission>;
  /** how the token is, as its verification says */
  token: { status: string; expiresOn?: string } = { status: 'active' };
  readonly #options: AccountOptions;
  readonly #zones = new Map<string, Zone>();
  readonly #zoneIds = new Map<string, string>();
  readonly #tunnels = new Map<string, Tunnel>();
  readonly #tunnelIds = new Map<string, string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #pairs: Map<string, PairIndex>;
  #zonesMade = 0;
  #made: number[] = [];
  /** names that are zones in other accounts */
  readonly elsewhere = new Set<string>();
  /** names that Cloudflare refuses, with the code it says */
  readonly refused = new Map<string, number>();
  /** names of zones whose plan gives no analytics */
  readonly withoutAnalytics = new Set<string>();
  readonly graphQueries = new QueryBudget();
  /** what the edge saw */
  readonly visits: VisitCounts;
  readonly requests: RequestLog;
  readonly logpush: Logpush;
  readonly access: Access;
  /** what the former name servers of a domain know: what a scan finds there */
  readonly formerRecords = new Map<string, readonly Record<string, unknown>[]>();
  /** what they know beside that, and no scan finds */
  readonly unscannedRecords = new Map<string, readonly Record<string, unknown>[]>();
  /** from a scan's begin until what it found can be reviewed */
  scanMs = 0;
  /** names whose certificates are held back */
  readonly heldCertificates = new Set<string>();

  constructor(options: AccountOptions) {
    this.#options = options;
    this.id = options.id;
    this.profile = options.profile;
    this.permissions = options.permissions ?? new Set(permissions);
    this.access = new Access(options.from?.access);
    this.visits = new VisitCounts(options.from?.visits);
    this.requests = new RequestLog(options.from?.requests);
    this.logpush = new Logpush(options.from?.logpush);
    this.#pairs = new Map(options.from?.pairs);
    this.#zonesMade = options.from?.zonesMade ?? 0;
    for (const snapshot of options.from?.zones ?? []) {
      const zone = new Zone(snapshot);
      this.#keep(zone);
      if (zone.status === 'active') zone.certificateFromMs = Date.now();
      else this.#activateLater(zone);
    }
    for (const snapshot of options.from?.tunnels ?? []) this.#keepTunnel(new Tunnel(snapshot));
  }

  zones(): Zone[] {
    return [...this.#zones.values()];
  }

  /** @throws ApiError: an unknown zone is answered as one that isn't ours */
  zone(id: string): Zone {
    const zone = this.#zones.get(id);
    if (!zone) throw new ApiError(403, 9109, 'Unauthorized to access requested resource');
    return zone;
  }

  zoneNamed(name: string): Zone | undefined {
    return this.#zones.get(this.#zoneIds.get(name) ?? '');
  }

  /** The zone that a host name lies in. */
  zoneOf(hostname: string): Zone | undefined {
    const labels = hostname.split('.');
    for (let from = 0; from < labels.length - 1; from += 1) {
      const zone = this.zoneNamed(labels.slice(from).join('.'));
      if (zone) return zone;
    }
    return undefined;
  }

  createZone(name: string): Zone {
    const refusal = this.refused.get(name);
    if (refusal !== undefined) throw new ApiError(400, refusal, refusalText(refusal, name));
    if (this.elsewhere.has(name) || this.#zoneIds.has(name)) throw new ApiError(400, 1061, `${name} already exists`);
    const now = Date.now();
    this.#made = this.#made.filter((at) => at > now - TEN_MINUTES_MS);
    const pending = this.zones().filter((zone) => zone.status !== 'active').length;
    const full =
      this.#made.length >= this.profile.zonesPer10Minutes ||
      (this.#zones.size > this.profile.pendingCapFrom && pending > this.#zones.size - pending);
    if (full) {
      throw new ApiError(400, 1118, 'You have exceeded the limit for adding zones. Please activate some zones.');
    }
    this.#made.push(now);
    return this.addZone(name, 'pending');
  }

  /** A zone that is there, however it came. */
  addZone(name: string, status: ZoneStatus): Zone {
    // A zone that is made again gets another pair, whatever the customer has set meanwhile.
    if (this.#pairs.get(name) === pairAt(this.#zonesMade).index) this.#zonesMade += 1;
    const pair = pairAt(this.#zonesMade);
    this.#zonesMade += 1;
    this.#pairs.set(name, pair.index);
    const zone = Zone.make(name, status, pair.names);
    if (status === 'active') zone.certificateFromMs = Date.now();
    this.#keep(zone);
    this.#activateLater(zone);
    this.#options.onChange();
    return zone;
  }

  setZoneStatus(zone: Zone, status: ZoneStatus): void {
    if (zone.status === status) return;
    zone.status = status;
    zone.modifiedOn = new Date().toISOString();
    if (status === 'active') {
      zone.activatedOn ??= zone.modifiedOn;
      zone.certificateFromMs = Date.now() + this.#options.certificateAfterMs;
    }
    this.#options.onChange();
  }

  /** Begins to look at what the zone's former name servers know. */
  scan(zone: Zone): void {
    const end = () => {
      zone.find(this.formerRecords.get(zone.name) ?? []);
      this.#options.onChange();
    };
    if (this.scanMs === 0) {
      end();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      end();
    }, this.scanMs);
    this.#timers.add(timer);
  }

  removeZone(zone: Zone): void {
    this.#zones.delete(zone.id);
    this.#zoneIds.delete(zone.name);
    this.logpush.forget(zone.id);
    this.#options.onChange();
  }

  /** Whether the edge answers for the zone: a paused one is served by its origin alone. */
  hasCertificate(zone: Zone): boolean {
    if (zone.paused) return false;
    return zone.status === 'active' && zone.certificateFromMs <= Date.now() && !this.heldCertificates.has(zone.name);
  }

  tunnels(): Tunnel[] {
    return [...this.#tunnels.values()];
  }

  /** @throws ApiError */
  tunnel(id: string): Tunnel {
    const tunnel = this.#tunnels.get(id);
    if (!tunnel) throw new ApiError(404, 1003, 'Tunnel not found');
    return tunnel;
  }

  findTunnel(id: string): Tunnel | undefined {
    return this.#tunnels.get(id);
  }

  liveTunnelNamed(name: string): Tunnel | undefined {
    return this.#tunnels.get(this.#tunnelIds.get(name) ?? '');
  }

  createTunnel(name: string, secret: string | undefined, configSrc: 'local' | 'cloudflare'): Tunnel {
    if (this.#tunnelIds.has(name)) throw tunnelNameTaken();
    if (this.#tunnelIds.size >= this.profile.tunnels) {
      throw new ApiError(403, 1029, 'You have reached the maximum number of tunnels for this account');
    }
    const tunnel = Tunnel.make(name, secret, configSrc);
    this.#keepTunnel(tunnel);
    this.#options.onChange();
    return tunnel;
  }

  renameTunnel(tunnel: Tunnel, name: string): void {
    if (tunnel.name === name) return;
    if (this.#tunnelIds.has(name)) throw tunnelNameTaken();
    this.#tunnelIds.delete(tunnel.name);
    tunnel.name = name;
    this.#tunnelIds.set(name, tunnel.id);
    this.#options.onChange();
  }

  deleteTunnel(tunnel: Tunnel): void {
    if (tunnel.deletedAt) throw new ApiError(404, 1003, 'Tunnel not found');
    if (tunnel.connections.size > 0) {
      throw new ApiError(400, 1022, 'Cannot delete tunnel because it has active connections');
    }
    tunnel.deletedAt = new Date().toISOString();
    this.#tunnelIds.delete(tunnel.name);
    this.#options.onChange();
  }

  changed(): void {
    this.#options.onChange();
  }

  snapshot(): AccountSnapshot {
    return {
      zones: this.zones().map((zone) => zone.snapshot()),
      tunnels: this.tunnels().map((tunnel) => tunnel.snapshot()),
      zonesMade: this.#zonesMade,
      visits: this.visits.snapshot(),
      requests: this.requests.snapshot(),
      logpush: this.logpush.snapshot(),
      access: this.access.snapshot(),
      pairs: [...this.#pairs],
    };
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const tunnel of this.#tunnels.values()) tunnel.drop();
  }

  #keep(zone: Zone): void {
    this.#zones.set(zone.id, zone);
    this.#zoneIds.set(zone.name, zone.id);
  }

  #keepTunnel(tunnel: Tunnel): void {
    this.#tunnels.set(tunnel.id, tunnel);
    if (!tunnel.deletedAt) this.#tunnelIds.set(tunnel.name, tunnel.id);
  }

  #activateLater(zone: Zone): void {
    const after = this.#options.activateAfterMs;
    if (after === null || zone.status !== 'pending') return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#zones.has(zone.id) && zone.status === 'pending') this.setZoneStatus(zone, 'active');
    }, after);
    this.#timers.add(timer);
  }
}

function tunnelNameTaken(): ApiError {
  return new ApiError(
    409,
    1013,
    'You already have a tunnel with this name. Delete the existing tunnel, or choose a different name for your new tunnel',
  );
}

function refusalText(code: number, name: string): string {
  if (code === 1049) return `${name} is not a registered domain`;
  if (code === 1099) return `We were unable to identify ${name} as a registered domain.`;
  return 'This zone cannot be added to Cloudflare at this time.';
}
