import type { Database, Statement } from './database.ts';
import type { StateRules } from './fleet.ts';
import { HOST_OUT_SITES, IS_HOST_OUT } from './host-outages.ts';
import { OF_WANTED_PART } from './parts-sql.ts';
import { ORDERED, type Position, type ReadSite, SITE_COLUMNS, SITES_FROM } from './read-sites.ts';

/** A site's state in one word, as the API says it (the API's presenters). */
export type StateWord = 'queued' | 'working' | 'waiting' | 'online' | 'degraded' | 'leaving' | 'gone';

/** Which sites are looked for; what isn't said doesn't matter. */
export interface SitesWish {
  /** also those that are gone */
  gone: boolean;
  after: Position | undefined;
  limit: number;
  /** only of customers with this address */
  owner?: string | undefined;
  /** each of its words is in the domain, key, customer or order */
  q?: string | undefined;
  state?: StateWord | undefined;
  environment?: string | undefined;
  /** only those that were ordered, not those that an operator made */
  ordered?: boolean | undefined;
}

/** $n stands for the rules' serving aspects, $m for the reasons that a person must do something about */
const isUnserved = (n: string) =>
  `${OF_WANTED_PART} and c.status <> 'true' and c.aspect = any(${n}::text[]) and p.wanted is distinct from 'gone'`;
const unserved = (n: string) => `exists (select from site_conditions c left join placements p on p.id = c.placement_id
  where c.site_id = s.id and ${isUnserved(n)})`;
/** The few first, all at once: asked site by site, ten thousand that are well would be looked at for each that isn't. */
const amongUnserved = (n: string) => `s.id in (select c.site_id from site_conditions c join sites s on s.id = c.site_id
  left join placements p on p.id = c.placement_id where s.gone_at is null and ${isUnserved(n)} union all ${HOST_OUT_SITES} offset 0)`;
const waits = (m: string) => `exists (select from site_conditions c where c.site_id = s.id and ${OF_WANTED_PART}
  and c.status <> 'true' and c.reason = any(${m}::text[]))`;
const SEEN = 'exists (select from site_conditions c where c.site_id = s.id and c.observed_at is not null)';
const THERE = `s.gone_at is null and s.wanted <> 'deleted'`;

/** The same as `stateOf` says of one site, each word as plain conditions, so that few rows are looked at for a rare one. */
const stateIs: Record<StateWord, (add: (value: unknown) => string, rules: StateRules) => string> = {
  gone: () => 's.gone_at is not null',
  leaving: () => `s.gone_at is null and s.wanted = 'deleted'`,
  online: (add, { serving }) =>
    `${THERE} and s.live_at is not null and not ${unserved(add(serving))} and not ${IS_HOST_OUT}`,
  degraded: (add, { serving }) => `${THERE} and s.live_at is not null and ${amongUnserved(add(serving))}`,
  waiting: (add, { waiting }) => `${THERE} and s.live_at is null and ${waits(add(waiting))}`,
  working: (add, { waiting }) => `${THERE} and s.live_at is null and not ${waits(add(waiting))} and ${SEEN}`,
  queued: (add, { waiting }) => `${THERE} and s.live_at is null and not ${waits(add(waiting))} and not ${SEEN}`,
};

/** A word of a search stands for itself, also where it has a sign of `like`. */
const likeOf = (word: string) => `%${word.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;
const WORDS = /\S+/g;
const MOST_WORDS = 5;

const isLike = (n: string) => `(s.key like ${n} or s.domain like ${n} or lower(s.domain_unicode) like ${n}
  or lower(cu.external_id) like ${n} or lower(cu.name) like ${n} or lower(cu.email) like ${n}
  or (lower(o.external_id) like ${n} and ${ORDERED}))`;

const FOUND_FROM = 'from sites s join orders o on o.id = s.order_id join customers cu on cu.id = s.customer_id';

/** The statement for a wish: only what is asked for is in it, so that its plan is one for this question. */
function toStatement(wish: SitesWish, rules: StateRules): { statement: Statement; values: unknown[] } {
  const values: unknown[] = [];
  const add = (value: unknown) => `$${values.push(value)}`;
  const { after, owner, state, environment } = wish;
  const words = (wish.q?.match(WORDS) ?? []).slice(0, MOST_WORDS);
  const conditions = [
    state ? stateIs[state](add, rules) : !wish.gone && 's.gone_at is null',
    after && `(s.created_at, s.id) < (${add(after.at)}::timestamptz, ${add(after.id)}::uuid)`,
    owner !== undefined &&
      `s.customer_id in (select id from customers where lower(email) = ${add(owner.toLowerCase())} and email <> '')`,
    environment !== undefined && `s.environment = ${add(environment)}`,
    wish.ordered && ORDERED,
    ...words.map((word) => isLike(add(likeOf(word)))),
  ].filter((one) => typeof one === 'string');
  // What is shown of a site costs more than finding it: it's read of those alone that are shown.
  const text = `with found as materialized (
    select s.id ${FOUND_FROM} where ${conditions.join(' and ') || 'true'}
    order by s.created_at desc, s.id desc limit ${add(wish.limit + 1)}
  )
  select ${SITE_COLUMNS} ${SITES_FROM} where s.id in (select id from found) order by s.created_at desc, s.id desc`;
  const asked = [wish.gone, after, owner, environment, wish.ordered].map((one) => (one ? 1 : 0)).join('');
  return { statement: { name: `list-sites-${asked}-${state ?? 'any'}-${words.length}`, text }, values };
}

const positionOf: Statement = {
  name: 'list-sites-position',
  text: 'select created_at::text as at, id from sites where id = $1',
};

/** @returns up to `limit` sites, the newest first, and the position after them when there are more */
export async function listSites(
  db: Database,
  wish: SitesWish,
  rules: StateRules,
): Promise<{ sites: ReadSite[]; next: Position | undefined }> {
  const { statement, values } = toStatement(wish, rules);
  const rows = await db.run<ReadSite>(statement, values);
  const sites = rows.slice(0, wish.limit);
  const last = sites.at(-1);
  const [next] = rows.length > wish.limit && last ? await db.run<Position>(positionOf, [last.id]) : [];
  return { sites, next };
}
