import type { Hint } from '../contracts/jobs.ts';
import type { Aspect, SiteWanted } from '../domain/aspects.ts';
import { dependentsOf } from '../domain/aspects.ts';
import type { ConditionStatus } from '../domain/outcome.ts';
import type { Parts } from '../domain/parts.ts';
import type { Database, Statement } from './database.ts';
import * as sql from './protocol-sql.ts';

/** A condition that this process holds by a lease. */
export interface Claimed {
  id: string;
  siteId: string;
  placementId: string | null;
  aspect: Aspect;
  queue: string;
  status: ConditionStatus;
  reason: string;
  message: string;
  observedGeneration: number;
  tries: number;
  /** how often it was woken when it was claimed; `record` compares */
  wakes: string;
  /** the fencing number of this lease */
  leaseNo: string;
  reached: boolean;
  causeId: string | null;
}

/** What a statement of a reconciler's own carries, so that it writes nothing for one whose lease another has taken over. */
export interface Fence {
  conditionId: string;
  leaseNo: string;
}

/** How one condition of a site stands, as the waits of another are judged. */
export interface Standing {
  aspect: Aspect;
  placementId: string | null;
  placementWanted: 'serving' | 'draining' | 'gone' | null;
  reached: boolean;
  gone: boolean;
}

/** What the loop needs to know of a site before it reconciles one of its conditions. */
export interface SiteContext {
  siteKey: string;
  orderId: string;
  wanted: SiteWanted;
  parts: Parts;
  generation: number;
  conditions: Standing[];
}

/** What a reconcile found, to be written down. */
export interface Finding {
  status: ConditionStatus;
  reason: string;
  message: string;
  generation: number;
  tries: number;
  /** when to look again, in milliseconds from now; null: when woken */
  nextMs: number | null;
  gone: boolean;
}

/** What `record` did. `due` tells that the row was woken meanwhile and is due at once. */
export interface Recorded {
  changed: boolean;
  due: boolean;
  woken: Hint[];
  /** the site answered for the first time: seconds since its order, and since its zone was active */
  wentLive: { order: number; active: number | null } | null;
}

/** The protocol's statements (DESIGN, "The protocol"): each is one statement, and each is safe to repeat. */
export interface Protocol {
  claim(conditionId: string, owner: string, leaseMs: number): Promise<Claimed | undefined>;
  claimDue(queue: string, owner: string, leaseMs: number, limit: number): Promise<Claimed[]>;
  context(siteId: string): Promise<SiteContext>;
  /** @returns whether the lease is still ours; if so it now lives for another `leaseMs` */
  renew(claimed: Claimed, owner: string, leaseMs: number): Promise<boolean>;
  /** @returns undefined when the lease was lost: then nothing was written */
  record(claimed: Claimed, owner: string, finding: Finding): Promise<Recorded | undefined>;
  /** Gives the row back unworked and due at once. */
  release(claimed: Claimed, owner: string): Promise<void>;
  /** Makes conditions of a site due. @returns whom to hint once the caller's transaction is committed */
  wake(siteId: string, aspects: readonly Aspect[], causeId?: string): Promise<Hint[]>;
  wakeOne(conditionId: string): Promise<void>;
  /** @returns milliseconds until the earliest row of `queue` that nobody holds is due; undefined when none is within `horizonMs` */
  nextDueMs(queue: string, horizonMs: number): Promise<number | undefined>;
}

interface ClaimRow {
  id: string;
  site_id: string;
  placement_id: string | null;
  aspect: Aspect;
  queue: string;
  status: ConditionStatus;
  reason: string;
  message: string;
  observed_generation: number;
  tries: number;
  wakes: string;
  lease_no: string;
  reached: boolean;
  cause_id: string | null;
}

interface RecordRow {
  stale: boolean;
  changed: boolean | null;
  due: boolean;
  woken: Hint[];
  went_live: Recorded['wentLive'];
}

/** The protocol over a database. */
export function makeProtocol(db: Database): Protocol {
  return {
    claim: async (id, owner, leaseMs) => (await claims(db, sql.claim, [id, owner, leaseMs]))[0],
    claimDue: (queue, owner, leaseMs, limit) => claims(db, sql.claimDue, [queue, owner, leaseMs, limit]),
    context: (siteId) => readContext(db, siteId),
    renew: async (claimed, owner, leaseMs) =>
      (await db.run(sql.renew, [claimed.id, owner, claimed.leaseNo, leaseMs])).length === 1,
    record: (claimed, owner, finding) => record(db, claimed, owner, finding),
    release: async (claimed, owner) => {
      await db.run(sql.release, [claimed.id, owner, claimed.leaseNo]);
    },
    wake: (siteId, aspects, causeId) => wake(db, siteId, aspects, causeId),
    wakeOne: async (id) => {
      await db.run(sql.wakeOne, [id]);
    },
    nextDueMs: async (queue, horizonMs) => {
      const [row] = await db.run<{ ms: number }>(sql.nextDue, [queue, horizonMs]);
      return row?.ms;
    },
  };
}

async function claims(db: Database, statement: Statement, values: readonly unknown[]): Promise<Claimed[]> {
  const rows = await db.run<ClaimRow>(statement, values);
  return rows.map((row) => ({
    id: row.id,
    siteId: row.site_id,
    placementId: row.placement_id,
    aspect: row.aspect,
    queue: row.queue,
    status: row.status,
    reason: row.reason,
    message: row.message,
    observedGeneration: row.observed_generation,
    tries: row.tries,
    wakes: row.wakes,
    leaseNo: row.lease_no,
    reached: row.reached,
    causeId: row.cause_id,
  }));
}

async function readContext(db: Database, siteId: string): Promise<SiteContext> {
  const [row] = await db.run<{
    key: string;
    order_id: string;
    wanted: SiteWanted;
    parts: Parts;
    generation: number;
    conditions: Standing[];
  }>(sql.context, [siteId]);
  if (!row) throw new Error(`site ${siteId} is missing although one of its conditions exists`);
  return {
    siteKey: row.key,
    orderId: row.order_id,
    wanted: row.wanted,
    parts: row.parts,
    generation: row.generation,
    conditions: row.conditions,
  };
}

async function record(db: Database, claimed: Claimed, owner: string, finding: Finding): Promise<Recorded | undefined> {
  const values = [
    claimed.id,
    claimed.siteId,
    claimed.leaseNo,
    owner,
    finding.status,
    finding.reason,
    finding.message,
    finding.generation,
    finding.tries,
    claimed.wakes,
    finding.nextMs,
    finding.gone,
    dependentsOf(claimed.aspect, finding.gone ? 'down' : 'up'),
  ];
  for (;;) {
    const [row] = await db.run<RecordRow>(sql.record, values);
    // Others of the site were quicker each time, so somebody gets on.
    if (row?.stale) continue;
    if (!row || row.changed === null) return undefined;
    return { changed: row.changed, due: row.due, woken: row.woken, wentLive: row.went_live };
  }
}

async function wake(db: Database, siteId: string, aspects: readonly Aspect[], causeId?: string): Promise<Hint[]> {
  const rows = await db.run<{ id: string; queue: string }>(sql.wake, [siteId, aspects, causeId ?? null]);
  return rows.map((row) => ({ conditionId: row.id, queue: row.queue }));
}
