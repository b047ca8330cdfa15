import type {
  AlertMember,
  AlertView,
  MaintenanceSpan,
  OpenAlert,
  UnsaidIncident,
} from '@berth/shared/store/alert-view';
import { describe, expect, test } from 'vitest';
import { planAlerts } from './plan-alerts.ts';

const NOW = 1_800_000_000_000;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const HELD = NOW - 31 * SECOND;

const incident = (id: string, more: Partial<UnsaidIncident> = {}): UnsaidIncident => ({
  id,
  kind: 'container-down',
  hostId: 'h1',
  siteId: `site of ${id}`,
  aspect: 'container',
  reason: 'ConnectionRefused',
  recordedAtMs: HELD,
  closedAtMs: null,
  recentOpenings: 1,
  ...more,
});
const member = (id: string, more: Partial<AlertMember> = {}): AlertMember => ({
  kind: 'container-down',
  hostId: 'h1',
  siteId: `site of ${id}`,
  closedAtMs: null,
  ...more,
});
const alert = (more: Partial<OpenAlert> = {}): OpenAlert => ({
  id: 'alert',
  kind: 'single',
  groupKey: 'host:h1',
  saidAtMs: NOW - MINUTE,
  reminders: 0,
  worse: false,
  members: [member('a')],
  ...more,
});
const maintenance = (more: Partial<MaintenanceSpan> = {}): MaintenanceSpan => ({
  id: 'window',
  scope: 'host',
  hostId: 'h1',
  siteId: null,
  startsAtMs: NOW - HOUR,
  endsAtMs: NOW + HOUR,
  ...more,
});
const plan = (view: Partial<AlertView>) => planAlerts({ nowMs: NOW, unsaid: [], alerts: [], windows: [], ...view });
const many = (count: number, more: Partial<UnsaidIncident> = {}) =>
  Array.from({ length: count }, (_, index) => incident(`i${index}`, more));

describe('planAlerts, of what is new,', () => {
  test('waits half a minute for others of the same host, then tells', () => {
    expect(plan({ unsaid: [incident('a', { recordedAtMs: NOW - 29 * SECOND })] })).toEqual([]);
    expect(plan({ unsaid: [incident('a')] })).toEqual([
      { kind: 'open', alertKind: 'single', groupKey: 'host:h1', incidentIds: ['a'], say: 'opened' },
    ]);
  });

  test('tells of few sites one by one, and of five or more as one', () => {
    expect(plan({ unsaid: many(4) })).toHaveLength(4);
    expect(plan({ unsaid: many(5) })).toMatchObject([
      { alertKind: 'storm', incidentIds: ['i0', 'i1', 'i2', 'i3', 'i4'] },
    ]);
  });

  test('takes those along whose half minute is not over', () => {
    const unsaid = [...many(4), incident('late', { recordedAtMs: NOW })];
    expect(plan({ unsaid })).toMatchObject([{ alertKind: 'storm', incidentIds: ['i0', 'i1', 'i2', 'i3', 'late'] }]);
  });

  test('does not count sites of another host', () => {
    const unsaid = [...many(4), incident('b', { hostId: 'h2' })];
    expect(plan({ unsaid })).toHaveLength(5);
  });

  test('counts those that were told of one by one within two minutes', () => {
    const said = ['a', 'b', 'c', 'd'].map((id) => alert({ id, members: [member(id)] }));
    expect(plan({ unsaid: many(2), alerts: said })).toMatchObject([{ alertKind: 'storm', incidentIds: ['i0', 'i1'] }]);
    const long = said.map((one) => ({ ...one, saidAtMs: NOW - 3 * MINUTE }));
    expect(plan({ unsaid: many(2), alerts: long })).toHaveLength(2);
  });

  test('says nothing of further sites within two minutes of a storm', () => {
    const storm = alert({ kind: 'storm', members: [member('a'), member('b')] });
    expect(plan({ unsaid: [incident('c')], alerts: [storm] })).toEqual([
      { kind: 'join', alertId: 'alert', incidentIds: ['c'] },
    ]);
    const past = { ...storm, saidAtMs: HELD - 3 * MINUTE };
    expect(plan({ unsaid: [incident('c')], alerts: [past] })).toMatchObject([{ kind: 'open', alertKind: 'single' }]);
  });

  test('says nothing of sites of a host that is known to be the cause', () => {
    const host = alert({
      saidAtMs: NOW - HOUR + MINUTE,
      members: [member('x', { siteId: null, kind: 'docker-away' })],
    });
    expect(plan({ unsaid: [incident('c')], alerts: [host] })).toEqual([
      { kind: 'join', alertId: 'alert', incidentIds: ['c'] },
    ]);
    expect(plan({ unsaid: [incident('c', { hostId: 'h2' })], alerts: [host] })).toMatchObject([{ kind: 'open' }]);
  });

  test('tells of a host together with its sites', () => {
    const unsaid = [incident('host', { siteId: null, aspect: null, kind: 'docker-away' }), ...many(2)];
    expect(plan({ unsaid })).toMatchObject([{ alertKind: 'storm', incidentIds: ['host', 'i0', 'i1'] }]);
  });

  test('tells once of one site with two aspects, at once or one after the other', () => {
    const both = [incident('a', { siteId: 's' }), incident('b', { siteId: 's', aspect: 'edge' })];
    expect(plan({ unsaid: both })).toMatchObject([{ alertKind: 'single', incidentIds: ['a', 'b'] }]);
    const said = alert({ saidAtMs: NOW - 5 * HOUR, reminders: 2, members: [member('a')] });
    const next = incident('edge', { siteId: 'site of a', aspect: 'edge' });
    expect(plan({ unsaid: [next], alerts: [said] })).toEqual([
      { kind: 'join', alertId: 'alert', incidentIds: ['edge'] },
    ]);
  });

  test('says in one message what began and ended within the half minute', () => {
    expect(plan({ unsaid: [incident('a', { closedAtMs: NOW - SECOND })] })).toMatchObject([{ say: 'over' }]);
  });

  test('says once that something comes and goes', () => {
    const third = incident('a', { recentOpenings: 3, recordedAtMs: NOW });
    expect(plan({ unsaid: [third] })).toMatchObject([{ alertKind: 'flapping', say: 'flapping' }]);
    const flapping = alert({ kind: 'flapping', groupKey: 'flapping:site of a:container' });
    expect(plan({ unsaid: [{ ...third, recentOpenings: 4 }], alerts: [flapping] })).toEqual([
      { kind: 'join', alertId: 'alert', incidentIds: ['a'] },
    ]);
  });

  test('tells of what waits for an operator by its reason, whatever the host', () => {
    const waits = { kind: 'attention', aspect: null, reason: 'NoHostReady', hostId: null };
    expect(plan({ unsaid: many(2, waits) })).toMatchObject([{ alertKind: 'storm', groupKey: 'reason:NoHostReady' }]);
    const storm = alert({
      kind: 'storm',
      groupKey: 'reason:NoHostReady',
      members: [member('x', { kind: 'attention' })],
    });
    expect(plan({ unsaid: [incident('c', waits)], alerts: [storm] })).toMatchObject([{ kind: 'join' }]);
    const single = { ...storm, kind: 'single' as const };
    expect(plan({ unsaid: [incident('c', waits)], alerts: [single] })).toMatchObject([{ kind: 'open' }]);
  });
});

describe('planAlerts, of what was told,', () => {
  const ended = (minutesAgo: number) => [member('a', { closedAtMs: NOW - minutesAgo * MINUTE })];

  test('tells the end, once all of it has ended', () => {
    expect(plan({ alerts: [alert({ members: ended(0) })] })).toEqual([
      { kind: 'say', alertId: 'alert', say: 'closed' },
    ]);
    expect(plan({ alerts: [alert({ kind: 'storm', members: [...ended(0), member('b')] })] })).toEqual([]);
  });

  test('tells the end of flapping after half an hour of quiet', () => {
    expect(plan({ alerts: [alert({ kind: 'flapping', members: ended(29) })] })).toEqual([]);
    expect(plan({ alerts: [alert({ kind: 'flapping', members: ended(30) })] })).toMatchObject([{ say: 'closed' }]);
  });

  test.each([
    [59 * MINUTE, 0, undefined],
    [HOUR, 0, 1],
    [HOUR, 1, undefined],
    [4 * HOUR, 1, 2],
    [23 * HOUR, 2, undefined],
    [24 * HOUR, 2, 3],
    [48 * HOUR, 3, 4],
    [30 * 24 * HOUR, 0, 32],
  ])('after %i ms and %i reminders reminds by number %s', (ms, reminders, due) => {
    const steps = plan({ alerts: [alert({ saidAtMs: NOW - ms, reminders })] });
    expect(steps).toEqual(due ? [{ kind: 'say', alertId: 'alert', say: 'reminder', reminders: due }] : []);
  });

  test('says once that it loops', () => {
    const looping = alert({ members: [member('a', { kind: 'crash-looping' })] });
    expect(plan({ alerts: [looping] })).toEqual([{ kind: 'say', alertId: 'alert', say: 'worse' }]);
    expect(plan({ alerts: [{ ...looping, worse: true }] })).toEqual([]);
  });
});

describe('planAlerts, within a maintenance,', () => {
  test.each<[string, Partial<MaintenanceSpan>]>([
    ['of the host', {}],
    ['of the site', { scope: 'site', hostId: null, siteId: 'site of a' }],
    ['of all', { scope: 'all', hostId: null }],
  ])('%s says nothing', (_what, more) => {
    const windows = [maintenance(more)];
    expect(plan({ unsaid: [incident('a')], windows })).toEqual([]);
    expect(plan({ alerts: [alert({ saidAtMs: NOW - 5 * HOUR })], windows })).toEqual([]);
    expect(plan({ alerts: [alert({ members: [member('a', { closedAtMs: NOW })] })], windows })).toEqual([]);
  });

  test.each<[string, Partial<MaintenanceSpan>]>([
    ['of another host', { hostId: 'h2' }],
    ['of another site', { scope: 'site', hostId: null, siteId: 'other' }],
    ['that is to come', { startsAtMs: NOW + 1 }],
  ])('%s tells as always', (_what, more) => {
    expect(plan({ unsaid: [incident('a')], windows: [maintenance(more)] })).toMatchObject([{ say: 'opened' }]);
  });

  test('sums up half a minute after its end what is still wrong, and forgets what has ended', () => {
    const during = { recordedAtMs: NOW - 30 * MINUTE };
    const unsaid = [
      incident('a', during),
      incident('b', during),
      incident('c', { ...during, closedAtMs: NOW - 20 * MINUTE }),
    ];
    const over = [maintenance({ endsAtMs: NOW - 31 * SECOND })];
    expect(plan({ unsaid, windows: over })).toEqual([
      { kind: 'silence', incidentIds: ['c'] },
      {
        kind: 'open',
        alertKind: 'maintenance',
        groupKey: 'window:window',
        incidentIds: ['a', 'b'],
        say: 'maintenance',
      },
    ]);
    const just = [maintenance({ endsAtMs: NOW - 5 * SECOND })];
    expect(plan({ unsaid: unsaid.slice(0, 2), windows: just })).toEqual([]);
  });

  test('goes on while another one lasts', () => {
    const windows = [maintenance({ endsAtMs: NOW - MINUTE }), maintenance({ id: 'other', scope: 'all', hostId: null })];
    expect(plan({ unsaid: [incident('a', { recordedAtMs: NOW - 30 * MINUTE })], windows })).toEqual([]);
  });
});
