import { randomBytes } from 'node:crypto';
import { ApiError } from './api-error.ts';
import { checkRecord, type DnsRecord, makeRecord } from './dns-record.ts';
import type { Profile } from './profile.ts';
import type { Plan } from './rules/plan.ts';
import { type Ruleset, ZoneRules } from './rules/ruleset.ts';

export type ZoneStatus = 'initializing' | 'pending' | 'active' | 'moved';

/** What of a zone outlives the process. */
export interface ZoneSnapshot {
  id: string;
  name: string;
  status: ZoneStatus;
  nameServers: string[];
  createdOn: string;
  activatedOn: string | null;
  paused?: boolean;
  records: DnsRecord[];
  /** what a scan found and nobody has accepted or rejected */
  found?: DnsRecord[];
  plan?: Plan;
  rulesets?: Ruleset[];
}

/** A zone with its records. */
export class Zone {
  readonly id: string;
  readonly name: string;
  readonly nameServers: string[];
  readonly createdOn: string;
  readonly rules: ZoneRules;
  plan: Plan;
  status: ZoneStatus;
  paused: boolean;
  activatedOn: string | null;
  modifiedOn: string;
  /** `Date.now()` from which the edge has a certificate */
  certificateFromMs = Number.POSITIVE_INFINITY;
  checkedAtMs = Number.NEGATIVE_INFINITY;
  #records: Map<string, DnsRecord>;
  #found: Map<string, DnsRecord>;

  constructor(from: ZoneSnapshot) {
    this.id = from.id;
    this.name = from.name;
    this.nameServers = from.nameServers;
    this.createdOn = from.createdOn;
    this.modifiedOn = from.createdOn;
    this.status = from.status;
    this.paused = from.paused ?? false;
    this.activatedOn = from.activatedOn;
    this.plan = from.plan ?? 'free';
    this.rules = new ZoneRules(from.rulesets);
    this.#records = new Map(from.records.map((record) => [record.id, record]));
    this.#found = new Map((from.found ?? []).map((record) => [record.id, record]));
  }

  static make(name: string, status: ZoneStatus, nameServers: string[]): Zone {
    const now = new Date().toISOString();
    const activatedOn = status === 'active' ? now : null;
    return new Zone({
      id: randomBytes(16).toString('hex'),
      name,
      status,
      nameServers,
      createdOn: now,
      activatedOn,
      records: [],
    });
  }

  records(): DnsRecord[] {
    return [...this.#records.values()];
  }

  recordsAt(name: string): DnsRecord[] {
    return this.records().filter((record) => record.name === name);
  }

  record(id: string): DnsRecord {
    const record = this.#records.get(id);
    if (!record) throw new ApiError(404, 81_044, 'Record does not exist.');
    return record;
  }

  add(body: Record<string, unknown>, profile: Profile): DnsRecord {
    if (this.#records.size >= profile.recordsPerZone) {
      throw new ApiError(400, 81_045, 'The record quota has been exceeded.');
    }
    return this.#put(makeRecord(body, this));
  }

  change(id: string, body: Record<string, unknown>): DnsRecord {
    const { id: _, ...fields } = body;
    return this.#put(checkRecord(this.record(id), fields, this));
  }

  remove(id: string): DnsRecord {
    const record = this.record(id);
    this.#records.delete(id);
    return record;
  }

  /** What a scan found and nobody has accepted or rejected. */
  found(): DnsRecord[] {
    return [...this.#found.values()];
  }

  /** A scan found these: those that neither the zone nor an earlier scan has are kept for review. */
  find(bodies: readonly Record<string, unknown>[]): void {
    for (const body of bodies) {
      const record = makeRecord(body, this);
      const known = [...this.#records.values(), ...this.#found.values()].some(
        (one) => one.type === record.type && one.name === record.name && one.content === record.content,
      );
      if (!known) this.#found.set(record.id, record);
    }
  }

  /** Takes one of those that a scan found. @throws ApiError when there is none */
  takeFound(isIt: (record: DnsRecord) => boolean): DnsRecord {
    const record = this.found().find(isIt);
    if (!record) throw new ApiError(404, 81_044, 'Record does not exist.');
    this.#found.delete(record.id);
    return record;
  }

  /** All of `work` or nothing of it. */
  transaction<T>(work: () => T): T {
    const before = new Map(this.#records);
    const foundBefore = new Map(this.#found);
    try {
      return work();
    } catch (error) {
      this.#records = before;
      this.#found = foundBefore;
      throw error;
    }
  }

  #put(record: DnsRecord): DnsRecord {
    const beside = this.recordsAt(record.name).filter((other) => other.id !== record.id);
    checkBeside(record, beside);
    this.#records.set(record.id, record);
    return record;
  }

  snapshot(): ZoneSnapshot {
    const { id, name, status, nameServers, createdOn, activatedOn, paused, plan } = this;
    return {
      id,
      name,
      status,
      nameServers,
      createdOn,
      activatedOn,
      paused,
      records: this.records(),
      found: this.found(),
      plan,
      rulesets: this.rules.all(),
    };
  }
}

const ADDRESS = new Set(['A', 'AAAA']);

/** The uniqueness rules of a name. */
function checkBeside(record: DnsRecord, beside: readonly DnsRecord[]): void {
  if (beside.some((other) => other.type === record.type && other.content === record.content)) {
    throw new ApiError(400, 81_058, 'An identical record already exists.');
  }
  const types = beside.map((other) => other.type);
  const web = types.some((type) => ADDRESS.has(type) || type === 'CNAME');
  if (record.type === 'CNAME' && web) {
    throw new ApiError(400, 81_053, 'An A, AAAA, or CNAME record with that host already exists.');
  }
  if (ADDRESS.has(record.type) && types.includes('CNAME')) {
    throw new ApiError(400, 81_054, 'A CNAME record with that host already exists.');
  }
  if (
    (record.type === 'NS' && web) ||
    (types.includes('NS') && (ADDRESS.has(record.type) || record.type === 'CNAME'))
  ) {
    throw new ApiError(400, 81_056, 'NS records with that host already exist.');
  }
}
