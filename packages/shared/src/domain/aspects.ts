/**
 * The aspects of a site, what each hangs on, which queue serves it, and what it waits for.
 * This table is the only place that knows the order in which a site comes and leaves.
 */

export const aspectNames = [
  'zone',
  'placement',
  'container',
  'tunnel',
  'connector',
  'policy',
  'route',
  'reachable',
] as const;

/** One thing about a site (or one of its placements) that must become and stay true. */
export type Aspect = (typeof aspectNames)[number];

interface AspectRule {
  hangsOn: 'site' | 'placement';
  /** `host` stands for one queue per host: `<queue>-<host id>` */
  queue: 'domain' | 'edge' | 'container' | 'connector';
  perHost: boolean;
  /** must have been reached once before this one is worked on, going up */
  waitsUp: readonly Aspect[];
  /** must be gone before this one is taken down */
  waitsDown: readonly Aspect[];
}

const others = (self: Aspect) => aspectNames.filter((name) => name !== self);

export const aspects = {
  zone: { hangsOn: 'site', queue: 'domain', perHost: false, waitsUp: [], waitsDown: others('zone') },
  placement: {
    hangsOn: 'site',
    queue: 'domain',
    perHost: false,
    waitsUp: ['zone'],
    waitsDown: ['connector', 'container'],
  },
  container: {
    hangsOn: 'placement',
    queue: 'container',
    perHost: true,
    waitsUp: ['placement'],
    waitsDown: ['connector'],
  },
  tunnel: { hangsOn: 'site', queue: 'edge', perHost: false, waitsUp: ['zone'], waitsDown: ['connector'] },
  connector: {
    hangsOn: 'placement',
    queue: 'connector',
    perHost: true,
    waitsUp: ['tunnel', 'placement'],
    waitsDown: ['route', 'policy'],
  },
  policy: { hangsOn: 'site', queue: 'edge', perHost: false, waitsUp: ['zone'], waitsDown: ['route'] },
  route: {
    hangsOn: 'site',
    queue: 'edge',
    perHost: false,
    waitsUp: ['container', 'connector', 'policy'],
    waitsDown: [],
  },
  reachable: { hangsOn: 'site', queue: 'edge', perHost: false, waitsUp: ['route'], waitsDown: [] },
} as const satisfies Record<Aspect, AspectRule>;

/** The aspects that hang on the site itself; their condition rows are made with the order. */
export const siteAspects: readonly Aspect[] = aspectNames.filter((name) => aspects[name].hangsOn === 'site');

/** The aspects that hang on a placement; their condition rows are made with the placement. */
export const placementAspects: readonly Aspect[] = aspectNames.filter((name) => aspects[name].hangsOn === 'placement');

/** The queue that serves an aspect; `hostId` is needed for those that hang on a placement. */
export function queueOf(aspect: Aspect, hostId?: string): string {
  const rule: AspectRule = aspects[aspect];
  if (!rule.perHost) return rule.queue;
  if (hostId === undefined) throw new Error(`aspect ${aspect} is served per host`);
  return `${rule.queue}-${hostId}`;
}

/** What `aspect` waits for in the direction that is wanted. */
export function waitsOf(aspect: Aspect, wanted: SiteWanted): readonly Aspect[] {
  return wanted === 'deleted' ? aspects[aspect].waitsDown : aspects[aspect].waitsUp;
}

/** Who waits for `aspect`: going up for it to be reached, going down for it to be gone. These are woken when that happens. */
export function dependentsOf(aspect: Aspect, direction: 'up' | 'down'): readonly Aspect[] {
  return aspectNames.filter((name) => {
    const rule: AspectRule = aspects[name];
    return (direction === 'up' ? rule.waitsUp : rule.waitsDown).includes(aspect);
  });
}

/** What is wanted of a site. */
export type SiteWanted = 'running' | 'suspended' | 'deleted';
