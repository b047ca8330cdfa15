import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';

/** A change that somebody asks for. */
export interface NewAuditEntry {
  actorKind: 'user' | 'api-key' | 'customer' | 'nobody' | 'system';
  actorId: string | null;
  actorName: string;
  action: string;
  target: string | null;
  after: unknown;
  requestId: string | null;
  ipAddress: string | null;
}

export interface ReadAuditEntry {
  id: string;
  at: string;
  actor: { kind: NewAuditEntry['actorKind']; id: string | null; name: string };
  action: string;
  target: string | null;
  status: number | null;
  before: unknown;
  after: unknown;
  requestId: string | null;
  ipAddress: string | null;
}

export interface AuditFilter {
  actor?: string | undefined;
  action?: string | undefined;
  target?: string | undefined;
}

/** 0 until the answer is known: what is found so was begun by a process that ended. */
const begin: Statement = {
  name: 'audit-begin',
  text: `insert into audit_entries (actor_kind, actor_id, actor_name, action, target, status, after, request_id, ip_address)
  values ($1, $2, $3, $4, $5, 0, $6::jsonb, $7, $8) returning id`,
};

/** $1 id, $2 status, $3 before, $4 after or null to leave it, $5 actor's kind, $6 id and $7 name where they're known now */
const end: Statement = {
  name: 'audit-end',
  text: `update audit_entries set status = $2, before = $3::jsonb, after = coalesce($4::jsonb, after),
    actor_kind = coalesce($5, actor_kind), actor_id = coalesce($6, actor_id), actor_name = coalesce($7, actor_name) where id = $1`,
};

/** By the column: `id` alone would be the text that is answered, where 9 comes after 10. $1 actor's id or name, $2 action, $3 target (each null where it doesn't matter), $4 id before, $5 how many */
const list: Statement = {
  name: 'audit-list',
  text: `select id::text, ${iso('at')} as at, json_build_object('kind', actor_kind, 'id', actor_id, 'name', actor_name) as actor,
    action, target, nullif(status, 0) as status, before, after, request_id as "requestId", ip_address as "ipAddress"
  from audit_entries where ($1::text is null or actor_id = $1 or actor_name = $1) and ($2::text is null or action = $2)
    and ($3::text is null or target = $3) and ($4::bigint is null or id < $4)
  order by audit_entries.id desc limit $5`,
};

/** Writes down that somebody asks for a change, before it is made. @returns the entry's id */
export async function beginAudit(db: Database, entry: NewAuditEntry): Promise<string> {
  const { actorKind, actorId, actorName, action, target, after, requestId, ipAddress } = entry;
  const values = [actorKind, actorId, actorName, action, target, JSON.stringify(after ?? null), requestId, ipAddress];
  const [row] = await db.run<{ id: string }>(begin, values);
  return row?.id ?? '';
}

/** Writes down how it ended. */
export async function endAudit(
  db: Database,
  id: string,
  {
    status,
    before,
    after,
    actor,
  }: { status: number; before?: unknown; after?: unknown; actor?: ReadAuditEntry['actor'] | undefined },
): Promise<void> {
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
  const who = [actor?.kind ?? null, actor?.id ?? null, actor?.name ?? null];
  await db.run(end, [id, status, json(before), json(after), ...who]);
}

/** @param page `before`: the number of the last entry that was read, 0 at first. @returns up to `limit` entries, the newest first, and where they go on */
export async function listAudit(
  db: Database,
  filter: AuditFilter,
  { before, limit }: { before: number; limit: number },
): Promise<{ entries: ReadAuditEntry[]; next: number | undefined }> {
  const { actor = null, action = null, target = null } = filter;
  const rows = await db.run<ReadAuditEntry & Record<string, unknown>>(list, [
    actor,
    action,
    target,
    before || null,
    limit + 1,
  ]);
  const entries = rows.slice(0, limit);
  const last = entries.at(-1);
  return { entries, next: rows.length > limit && last ? Number(last.id) : undefined };
}
