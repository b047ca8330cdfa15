import type { HealthAspect, HealthStanding } from '@berth/shared/domain/health';
import type { HealthTarget } from '@berth/shared/store/read-health-targets';
import { describe, expect, test } from 'vitest';
import { consequenceOf, type Judged } from './consequences.ts';
import type { Verdict } from './judge-standing.ts';
import { failing, healthy } from './sight.ts';

const NOW = 1_000_000;
const target = {
  placementId: 'p',
  siteId: 's',
  name: 'example.de',
  serving: true,
  live: true,
  incidents: {},
  standings: {},
} as unknown as HealthTarget;
const hung = failing('unreachable', 'Timeout', '/health did not answer in time');

const verdict = (more: Partial<Verdict> = {}): Verdict => ({
  standing: { failures: 2, failingSince: NOW - 60_000, step: 1, restarts: [] } as unknown as HealthStanding,
  restart: false,
  confirmed: false,
  unsure: false,
  justConfirmed: false,
  crashLooping: false,
  ...more,
});

function consequence(more: Partial<Judged> & { open?: Record<string, string>; serving?: boolean } = {}) {
  const { open = {}, serving = true, ...rest } = more;
  const base: Judged = {
    hostId: 'one',
    target: { ...target, incidents: open, serving },
    aspect: 'container' as HealthAspect,
    sight: hung,
    verdict: verdict(),
    held: false,
    nowMs: NOW,
    ...rest,
  };
  const { events = [], ...result } = consequenceOf(base) ?? {};
  return { ...result, told: events.map(({ type }) => type) };
}

describe('consequenceOf', () => {
  test('nothing follows from what is healthy, nor from the first failure', () => {
    expect(
      consequenceOf({
        hostId: 'one',
        target,
        aspect: 'container',
        sight: healthy(),
        verdict: verdict(),
        held: false,
        nowMs: NOW,
      }),
    ).toBeUndefined();
    expect(consequence()).toEqual({ told: [] });
  });

  test('a confirmed failure opens an incident since its first check, and wakes its worker', () => {
    expect(consequence({ verdict: verdict({ confirmed: true, justConfirmed: true }) })).toMatchObject({
      open: { kind: 'container-down', aspect: 'container', reason: 'Timeout', openedAt: NOW - 60_000, hostId: 'one' },
      wakes: [{ aspect: 'container', placementId: 'p' }],
      told: ['site.down'],
    });
  });

  test('an incident that is open is not told again', () => {
    expect(consequence({ verdict: verdict({ confirmed: true }), open: { container: 'container-down' } })).toEqual({
      told: [],
    });
  });

  test('an incident is told anew when it turns out that the zone has left, once', () => {
    const sight = failing('unreachable', 'ZoneMoved', 'the zone has left Cloudflare');
    const known = (reason: string) => ({ ...target, standings: { edge: { reason } } }) as unknown as HealthTarget;
    const told = (reason: string) =>
      consequenceOf({
        ...{ hostId: 'one', aspect: 'edge', sight, held: false, nowMs: NOW },
        target: { ...known(reason), incidents: { edge: 'edge-unreachable' } },
        verdict: verdict({ confirmed: true }),
      });
    expect(told('CertificateMissing')?.open).toMatchObject({ kind: 'edge-unreachable', reason: 'ZoneMoved' });
    expect(told('CertificateMissing')?.events).toEqual([]);
    expect(told('ZoneMoved')).toBeUndefined();
  });

  test('a restart is told, and added to the incident that is open', () => {
    const restarted = consequence({
      verdict: verdict({ confirmed: true, restart: true }),
      open: { container: 'container-down' },
    });
    expect(restarted).toMatchObject({
      restart: 'container',
      open: { data: { restarts: 1 } },
      told: ['health.restarted'],
    });
  });

  test('a tunnel is restarted by the connector, and its container is not', () => {
    const restarted = consequence({ aspect: 'tunnel', verdict: verdict({ restart: true }) });
    expect(restarted).toMatchObject({ restart: 'tunnel', wakes: [{ aspect: 'connector', placementId: 'p' }] });
  });

  test('the edge restarts nothing: those look who have a part in the way to it', () => {
    const seen = consequence({
      aspect: 'edge',
      verdict: verdict({ confirmed: true, justConfirmed: true, restart: true }),
    });
    expect(seen).not.toHaveProperty('restart');
    expect(seen).toMatchObject({
      open: { kind: 'edge-unreachable' },
      wakes: ['zone', 'route', 'reachable'].map((aspect) => ({ aspect, placementId: null })),
    });
  });

  test('nothing is told of single sites for a fault of the host', () => {
    const verdictOf = verdict({ confirmed: true, justConfirmed: true });
    expect(consequence({ verdict: verdictOf, held: true })).toEqual({ told: [] });
    const open = { container: 'container-down' };
    expect(consequence({ sight: healthy(), verdict: verdict(), held: true, open })).toEqual({ told: [] });
  });

  test('a placement that does not serve is neither restarted nor told', () => {
    const seen = consequence({
      verdict: verdict({ confirmed: true, justConfirmed: true, restart: true }),
      serving: false,
    });
    expect(seen).not.toHaveProperty('restart');
    expect(seen).not.toHaveProperty('open');
    expect(seen.told).toEqual([]);
  });

  test('what never was live is restarted, and not told', () => {
    const unborn = { ...target, live: false };
    const looked = {
      hostId: 'one',
      target: unborn,
      aspect: 'container',
      sight: hung,
      held: false,
      nowMs: NOW,
    } as const;
    const seen = consequenceOf({ ...looked, verdict: verdict({ confirmed: true, restart: true }) });
    expect(seen).toMatchObject({ restart: 'container' });
    expect(seen).not.toHaveProperty('open');
  });

  test('a crash loop makes the open incident worse, once', () => {
    const looping = verdict({ confirmed: true, crashLooping: true });
    expect(consequence({ verdict: looping, open: { container: 'container-down' } })).toMatchObject({
      open: { kind: 'crash-looping', reason: 'CrashLooping' },
      told: ['health.crash-looping'],
    });
    expect(consequence({ verdict: looping, open: { container: 'crash-looping' } })).toEqual({ told: [] });
    expect(consequence({ verdict: verdict({ confirmed: true }), open: { container: 'crash-looping' } })).toEqual({
      told: [],
    });
  });

  test('a crash loop is told even when it happens to answer', () => {
    const seen = consequence({ sight: healthy(), verdict: verdict({ crashLooping: true }) });
    expect(seen).toMatchObject({ open: { kind: 'crash-looping' }, told: ['site.down', 'health.crash-looping'] });
  });

  test('is closed once healthy; a crash loop once it has stayed so for ten minutes', () => {
    const open = { container: 'container-down' };
    expect(consequence({ sight: healthy(), open })).toMatchObject({
      close: { aspect: 'container' },
      told: ['site.recovered'],
    });
    const loop = { container: 'crash-looping' };
    expect(consequence({ sight: healthy(), verdict: verdict({ crashLooping: true }), open: loop })).toEqual({
      told: [],
    });
    expect(consequence({ sight: healthy(), open: loop })).toMatchObject({ told: ['site.recovered'] });
  });

  test('the site is down and recovers once, however many of its parts fail', () => {
    const other = { tunnel: 'tunnel-down' };
    const second = consequence({ verdict: verdict({ confirmed: true }), open: other });
    expect(second).toMatchObject({ open: { kind: 'container-down' }, told: [] });
    const first = consequence({ sight: healthy(), open: { ...other, container: 'container-down' } });
    expect(first).toMatchObject({ close: { aspect: 'container' }, told: [] });
    expect(consequence({ sight: healthy(), open: { container: 'container-down', '': 'anomaly' } }).told).toEqual([
      'site.recovered',
    ]);
  });

  test('what has drifted is looked at by its worker', () => {
    const seen = consequence({ aspect: 'tunnel', sight: healthy({ drifted: true }) });
    expect(seen).toMatchObject({ wakes: [{ aspect: 'connector', placementId: 'p' }], told: [] });
  });
});
