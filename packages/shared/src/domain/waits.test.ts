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

  test.each(['running', 'suspended'] as const)(
    'takes a placement of a %s site down that is to be gone, connector first',
    (wanted) => {
      const rows = (connectorGone: boolean) => [
        row('route', { reached: true }),
        row('policy', { reached: true }),
        row('container', { ...on('p1', 'gone'), reached: true }),
        row('connector', { ...on('p1', 'gone'), reached: true, gone: connectorGone }),
        row('connector', on('p2')),
      ];
      const [container, connector] = [
        { aspect: 'container', placementId: 'p1' } as const,
        { aspect: 'connector', placementId: 'p1' } as const,
      ];
      expect(unmetWaits(container, wanted, rows(false))).toEqual(['connector']);
      expect(unmetWaits(container, wanted, rows(true))).toEqual([]);
      expect(unmetWaits(connector, wanted, rows(false))).toEqual([]);
    },
  );

  test('keeps a draining placement up until it is to be gone', () => {
    const rows = [row('placement', { reached: true }), row('connector', { ...on('p1', 'draining'), reached: true })];
    expect(unmetWaits({ aspect: 'container', placementId: 'p1' }, 'running', rows)).toEqual([]);
  });

  test('brings a suspended site up as a running one', () => {
    const rows = [row('container', { ...on('p1'), reached: true }), row('policy', { reached: true })];
    const route = { aspect: 'route', placementId: null } as const;
    expect(unmetWaits(route, 'suspended', rows)).toEqual(unmetWaits(route, 'running', rows));
  });

  test('counts what was reached before once a site is placed anew, and waits for what hangs on the new placement', () => {
    const rows = [
      row('zone', { reached: true }),
      row('placement', { reached: true }),
      row('tunnel', { reached: true }),
      row('policy', { reached: true }),
      row('container', { ...on('p1', 'draining'), reached: true }),
      row('connector', { ...on('p1', 'draining'), reached: true }),
      row('container', on('p2')),
      row('connector', { ...on('p2'), reached: true }),
    ];
    expect(unmetWaits({ aspect: 'connector', placementId: 'p2' }, 'running', rows)).toEqual([]);
    expect(unmetWaits({ aspect: 'route', placementId: null }, 'running', rows)).toEqual(['container']);
  });

  test('takes the zone down last', () => {
    const all = aspectNames.map((aspect) => row(aspect, { gone: aspect !== 'tunnel' }));
    expect(unmetWaits({ aspect: 'zone', placementId: null }, 'deleted', all)).toEqual(['tunnel']);
  });

  describe('of a site of one part', () => {
    const containerAlone = { container: true, tunnel: false };
    const tunnelAlone = { container: false, tunnel: true };
    const placed = on('p1');

    test('needs no zone for a container alone, and no container for the route of a tunnel alone', () => {
      const placement = { aspect: 'placement', placementId: null } as const;
      expect(unmetWaits(placement, 'running', [row('zone')])).toEqual(['zone']);
      expect(unmetWaits(placement, 'running', [row('zone')], containerAlone)).toEqual([]);
      const rows = [
        row('policy', { reached: true }),
        row('connector', { ...placed, reached: true }),
        row('container', placed),
      ];
      expect(unmetWaits({ aspect: 'route', placementId: null }, 'running', rows, tunnelAlone)).toEqual([]);
    });

    test('takes the tunnel of a site that stays down in its order, and waits for nothing that stays', () => {
      const rows = (gone: readonly string[]) =>
        aspectNames.map((aspect) =>
          row(aspect, {
            ...(aspect === 'container' || aspect === 'connector' ? placed : {}),
            reached: true,
            gone: gone.includes(aspect),
          }),
        );
      const waits = (aspect: WaitedFor['aspect'], gone: readonly string[]) =>
        unmetWaits(
          { aspect, placementId: aspect === 'connector' ? 'p1' : null },
          'running',
          rows(gone),
          containerAlone,
        );
      expect(waits('route', [])).toEqual([]);
      expect(waits('connector', [])).toEqual(['route', 'policy']);
      expect(waits('tunnel', ['route', 'policy'])).toEqual(['connector']);
      expect(waits('zone', ['route', 'policy', 'connector', 'reachable'])).toEqual(['tunnel']);
      expect(waits('zone', ['route', 'policy', 'connector', 'reachable', 'tunnel'])).toEqual([]);
      expect(waits('placement', [])).toEqual([]);
    });

    test('takes a container away whose tunnel stays', () => {
      const rows = [row('connector', { ...placed, reached: true }), row('container', { ...placed, reached: true })];
      expect(unmetWaits({ aspect: 'container', placementId: 'p1' }, 'running', rows, tunnelAlone)).toEqual([]);
    });

    test('takes all of it down in the order of every site once it leaves', () => {
      const rows = [
        row('zone', { gone: true }),
        row('placement'),
        row('connector', { ...placed, gone: true }),
        row('container', placed),
      ];
      expect(unmetWaits({ aspect: 'placement', placementId: null }, 'deleted', rows, containerAlone)).toEqual([
        'container',
      ]);
    });
  });
});
