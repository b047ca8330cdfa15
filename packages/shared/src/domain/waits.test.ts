import { describe, expect, test } from 'vitest';
import { aspectNames } from './aspects.ts';
import { unmetWaits, type WaitedFor } from './waits.ts';

const row = (aspect: WaitedFor['aspect'], more: Partial<WaitedFor> = {}): WaitedFor => ({
  aspect,
  placementId: null,
  placementWanted: null,
  reached: false,
  gone: false,
  ...more,
});
const on = (placementId: string, placementWanted: WaitedFor['placementWanted'] = 'serving') => ({
  placementId,
  placementWanted,
});

describe('unmetWaits', () => {
  test('holds a route back until container, connector and policy were reached', () => {
    const route = { aspect: 'route', placementId: null } as const;
    const rows = [
      row('container', { ...on('p1'), reached: true }),
      row('connector', on('p1')),
      row('policy', { reached: true }),
    ];
    expect(unmetWaits(route, 'running', rows)).toEqual(['connector']);
    expect(
      unmetWaits(
        route,
        'running',
        rows.map((r) => ({ ...r, reached: true })),
      ),
    ).toEqual([]);
  });

  test('does not let an aspect of a placement pass when there is no placement yet', () => {
    expect(unmetWaits({ aspect: 'route', placementId: null }, 'running', [row('policy', { reached: true })])).toEqual([
      'container',
      'connector',
    ]);
  });

  test('ignores placements that do not serve, going up, and counts them going down', () => {
    const rows = [
      row('container', { ...on('p1', 'gone'), gone: false }),
      row('container', { ...on('p2'), reached: true, gone: true }),
      row('connector', { ...on('p2'), reached: true, gone: true }),
      row('policy', { reached: true, gone: true }),
    ];
    expect(unmetWaits({ aspect: 'route', placementId: null }, 'running', rows)).toEqual([]);
    expect(unmetWaits({ aspect: 'placement', placementId: null }, 'deleted', rows)).toEqual(['container']);
  });

  test("lets a container wait for its own placement's connector only", () => {
    const rows = [row('connector', { ...on('p1'), gone: true }), row('connector', on('p2'))];
    expect(unmetWaits({ aspect: 'container', placementId: 'p1' }, 'deleted', rows)).toEqual([]);
    expect(unmetWaits({ aspect: 'container', placementId: 'p2' }, 'deleted', rows)).toEqual(['connector']);
  });

  test('takes the zone down last', () => {
    const all = aspectNames.map((aspect) => row(aspect, { gone: aspect !== 'tunnel' }));
    expect(unmetWaits({ aspect: 'zone', placementId: null }, 'deleted', all)).toEqual(['tunnel']);
  });
});
