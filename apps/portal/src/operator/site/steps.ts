import type { Condition, SiteEvent } from '@berth/contract/site';

/** The order in which a site comes to be. */
const ORDER = ['zone', 'placement', 'container', 'tunnel', 'connector', 'policy', 'route', 'reachable'];

export interface Step {
  condition: Condition;
  state: 'done' | 'running' | 'pending';
  /** how long it took until it was true for the first time, or has taken until now; undefined for what has not begun */
  tookMs: number | undefined;
}

/** The conditions as steps, in their order, with how long each took by what the site's events tell. */
export function toSteps(conditions: readonly Condition[], events: readonly SiteEvent[], nowMs: number): Step[] {
  return conditions
    .toSorted((one, other) => ORDER.indexOf(one.aspect) - ORDER.indexOf(other.aspect))
    .map((condition) => {
      const isDone = condition.status === 'true';
      const isPending = !isDone && (condition.observedAt === null || condition.reason === 'Waiting');
      return {
        condition,
        state: isDone ? 'done' : isPending ? 'pending' : 'running',
        tookMs: tookOf(condition, events, nowMs),
      };
    });
}

/** From the first time that it was worked on to the first time that it was true. */
function tookOf({ aspect, status }: Condition, events: readonly SiteEvent[], nowMs: number): number | undefined {
  const own = events.filter((event) => event.type === 'condition.changed' && event.aspect === aspect);
  const began = own.find((event) => event.reason !== 'Waiting');
  if (!began) return undefined;
  const done = own.find((event) => event.status === 'true');
  if (!done) return status === 'true' ? undefined : nowMs - Date.parse(began.at);
  return Date.parse(done.at) - Date.parse(began.at);
}
