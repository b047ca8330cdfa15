import type { SiteHealth } from '@berth/contract/health';
import type { Operation } from '@berth/contract/operation';
import type { SiteEvent } from '@berth/contract/site';

/** Aspects whose messages are about what customers know and can act on: their domain. */
const TOLD_ASPECTS: ReadonlySet<string | null> = new Set(['zone', 'reachable']);
/** Beginnings of types of events whose messages are for everybody. */
const TOLD_TYPES = ['order.', 'site.', 'restart.', 'deploy.', 'deletion.', 'zone.'];

/** Whether a customer is told the message about an aspect: of the others it names hosts, ports and images. */
export function isTold(aspect: string | null): boolean {
  return TOLD_ASPECTS.has(aspect);
}

/** An event as the site's own customer sees it. */
export function presentOwnEvent(event: SiteEvent): SiteEvent {
  const told =
    event.type === 'condition.changed' ? isTold(event.aspect) : TOLD_TYPES.some((one) => event.type.startsWith(one));
  return { ...event, message: told ? event.message : '', data: {} };
}

/** How far an operation is, as the site's own customer sees it. */
export function presentOwnOperation(operation: Operation): Operation {
  const steps = operation.steps.map((step) => ({
    ...step,
    message: isTold(step.aspect) ? step.message : '',
    // Its name names the host.
    queue: step.queue && { ...step.queue, name: '' },
  }));
  return { ...operation, steps };
}

/** How well a site is, as its own customer sees it: whether it answers, and since when; not where it runs. */
export function presentOwnHealth(health: SiteHealth): SiteHealth {
  return {
    ...health,
    aspects: health.aspects.map((aspect) => ({ ...aspect, host: '', message: null, word: null, connections: null })),
    beats: health.beats.map((beat) => ({ ...beat, error: null, connections: null })),
    incidents: health.incidents.map((incident) => ({ ...incident, message: '' })),
  };
}
