import { tunnelTarget } from '@berth/shared/domain/names';
import type { FormerRecord, RouteRecord, RouteWish } from '@berth/shared/store/routes';
import type { ObservedRecord, RecordChanges } from './route-access.ts';

/** What is to be done so that the host names lead to the tunnel. */
export interface RoutePlan {
  /** to be committed before `changes` are sent */
  intents: { hostname: string; replaced: FormerRecord[] }[];
  changes: RecordChanges;
  /** records of ours that are there already */
  bound: { hostname: string; recordId: string }[];
  /** whether records that somebody else made are taken away */
  replaces: boolean;
  /** a host name that an NS record hands to other name servers */
  delegated: string | undefined;
}

const TUNNELS = tunnelTarget('');
const WEB_TYPES = new Set(['A', 'AAAA', 'CNAME']);

/** How a record of ours is marked: with the site's slug, and nothing about the customer. */
export function routeComment(slug: string): string {
  return `berth ${slug}`;
}

/**
 * Plans the records of all host names of a site. Only `A`, `AAAA` and `CNAME` of exactly these names are touched.
 * @param target what the records must point to
 */
export function planRoute(wish: RouteWish, observed: readonly ObservedRecord[], target: string): RoutePlan {
  const plan: RoutePlan = {
    intents: [],
    changes: { deletes: [], patches: [], posts: [] },
    bound: [],
    replaces: false,
    delegated: undefined,
  };
  for (const hostname of wish.hostnames) {
    const here = observed.filter((record) => record.name === hostname);
    if (here.some((record) => record.type === 'NS')) plan.delegated ??= hostname;
    planHostname(
      plan,
      wish,
      hostname,
      here.filter((record) => WEB_TYPES.has(record.type)),
      target,
    );
  }
  return plan;
}

function planHostname(
  plan: RoutePlan,
  wish: RouteWish,
  hostname: string,
  here: readonly ObservedRecord[],
  target: string,
): void {
  const row = wish.records.find((record) => record.hostname === hostname);
  const ours = here.find((record) => isOurs(record, row, target));
  const others = here.filter((record) => record !== ours);
  plan.intents.push({ hostname, replaced: replacedBy(row, others) });
  plan.changes.deletes.push(...others.map((record) => record.id));
  if (others.length > 0) plan.replaces = true;
  if (!ours) {
    plan.changes.posts.push({
      type: 'CNAME',
      name: hostname,
      content: target,
      proxied: true,
      ttl: 1,
      comment: routeComment(wish.slug),
    });
  } else if (ours.content !== target || !ours.proxied) {
    plan.changes.patches.push({ id: ours.id, content: target, proxied: true });
  } else {
    plan.bound.push({ hostname, recordId: ours.id });
  }
}

/** By its id, or, where the answer that told the id was lost, by pointing to our tunnel or to the one before it. */
function isOurs(record: ObservedRecord, row: RouteRecord | undefined, target: string): boolean {
  const known = record.id === row?.recordId || record.content === target || record.content === row?.content;
  return record.type === 'CNAME' && known;
}

/** Before ours was made, what is found adds up; after that, what somebody put in its place is what counts. */
function replacedBy(row: RouteRecord | undefined, others: readonly ObservedRecord[]): FormerRecord[] {
  const found = others.map(({ id: _, ...former }) => former);
  if (found.length === 0) return row?.replaced ?? [];
  if (row?.recordId) return found;
  const known = row?.replaced ?? [];
  return [...known, ...found.filter((one) => !known.some((other) => isSame(one, other)))];
}

/** Plans the way back: our records away and the former ones back, in one transaction. */
export function planRouteEnd(wish: RouteWish, observed: readonly ObservedRecord[]): RecordChanges {
  const changes: RecordChanges = { deletes: [], patches: [], posts: [] };
  for (const row of wish.records) {
    const here = observed.filter((record) => record.name === row.hostname && WEB_TYPES.has(record.type));
    const ours = here.filter((record) => isStillOurs(record, row, routeComment(wish.slug)));
    changes.deletes.push(...ours.map((record) => record.id));
    // Where something else stands by now, that is what somebody wants, or it is what was put back already.
    if (here.length === ours.length) changes.posts.push(...row.replaced);
  }
  return changes;
}

/** A record that somebody pointed elsewhere is theirs by now; one that points to a tunnel and carries our mark isn't. */
function isStillOurs(record: ObservedRecord, row: RouteRecord, mark: string): boolean {
  const made = record.id === row.recordId && record.comment === mark && record.content.endsWith(TUNNELS);
  return record.type === 'CNAME' && (record.content === row.content || made);
}

/** The changes without what only some plans have of records; undefined when there is nothing of that. */
export function withoutExtras(changes: RecordChanges): RecordChanges | undefined {
  if (!changes.posts.some(({ tags, settings }) => tags ?? settings)) return undefined;
  return { ...changes, posts: changes.posts.map(({ tags: _, settings: __, ...post }) => post) };
}

/** Whether there is nothing to be sent. */
export function isEmpty({ deletes, patches, posts }: RecordChanges): boolean {
  return deletes.length + patches.length + posts.length === 0;
}

function isSame(a: FormerRecord, b: FormerRecord): boolean {
  return a.type === b.type && a.name === b.name && a.content === b.content;
}
