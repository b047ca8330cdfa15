import type { SiteHealth } from '@berth/contract/health';

type Beat = SiteHealth['beats'][number];

/** How many there is room for: the last hour and a half at one a minute. */
export const BEATS = 90;

export type BeatTone = 'green' | 'amber' | 'red' | 'grey';

/** How a check went in one colour: red when the site itself failed, amber when only the way to it did. */
export function toneOf({ outcome, tunnel, edge }: Beat): BeatTone {
  if (outcome === 'unhealthy' || outcome === 'unreachable') return 'red';
  if ([tunnel, edge].some((one) => one === 'unhealthy' || one === 'unreachable'))
    return edge === 'unreachable' ? 'red' : 'amber';
  return [outcome, tunnel, edge].includes('healthy') ? 'green' : 'grey';
}

/** Ninety places, the newest at the end; undefined where nothing was looked at yet. */
export function toBar(beats: readonly Beat[]): { place: number; beat: Beat | undefined }[] {
  const last = beats.slice(-BEATS);
  return Array.from({ length: BEATS }, (_, place) => ({ place, beat: last[place - BEATS + last.length] }));
}
