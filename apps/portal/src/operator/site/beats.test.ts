import type { SiteHealth } from '@berth/contract/health';
import { describe, expect, test } from 'vitest';
import { BEATS, toBar, toneOf } from './beats.ts';

type Beat = SiteHealth['beats'][number];
const beat = (more: Partial<Beat>) => ({ outcome: null, tunnel: null, edge: null, ...more }) as Beat;

describe('toneOf', () => {
  test('tells the site from the way to it', () => {
    expect(toneOf(beat({ outcome: 'healthy', tunnel: 'healthy' }))).toBe('green');
    expect(toneOf(beat({ outcome: 'unreachable' }))).toBe('red');
    expect(toneOf(beat({ outcome: 'healthy', tunnel: 'unhealthy' }))).toBe('amber');
    expect(toneOf(beat({ edge: 'unreachable' }))).toBe('red');
    expect(toneOf(beat({}))).toBe('grey');
  });
});

describe('toBar', () => {
  test('has always as many places, the newest at the end', () => {
    const bar = toBar([beat({ code: 1 }), beat({ code: 2 })]);
    expect(bar).toHaveLength(BEATS);
    expect(bar[0]?.beat).toBeUndefined();
    expect(bar.at(-1)?.beat?.code).toBe(2);
    expect(toBar(Array.from({ length: 120 }, () => beat({})))).toHaveLength(BEATS);
  });
});
