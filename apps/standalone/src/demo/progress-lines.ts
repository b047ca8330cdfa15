import type { SiteEvent } from '@berth/contract/site';
import type { StepState } from './terminal.ts';

/** What each aspect of a site means to somebody who sees it for the first time, once it is true. */
const DONE: Readonly<Record<string, string>> = {
  zone: 'the zone is active',
  placement: 'has its place',
  container: 'the container runs and is healthy',
  tunnel: 'the tunnel is made',
  connector: 'cloudflared runs and is connected to the edge',
  route: 'DNS routes lead to the tunnel',
  reachable: 'answers through the edge',
};

/** The demo says these in its own words. */
const SAID_OTHERWISE = new Set(['order.accepted', 'order.live', 'image.resolved']);

/** An event of a site as a line of progress; undefined where it says nothing new to a person. */
export function toProgress({
  type,
  aspect,
  status,
  reason,
  message,
}: SiteEvent): { state: StepState; text: string } | undefined {
  if (SAID_OTHERWISE.has(type) || reason === 'Waiting') return undefined;
  if (type !== 'condition.changed') return { state: 'note', text: message || type };
  const done = DONE[aspect ?? ''];
  if (done === undefined) return undefined;
  if (status === 'true') return { state: 'done', text: message ? `${done}: ${message}` : done };
  return message ? { state: 'waits', text: `${aspect}: ${message} (${reason})` } : undefined;
}
