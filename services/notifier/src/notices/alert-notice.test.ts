import type { AlertFact, AlertFacts } from '@berth/shared/store/alerts';
import { describe, expect, test } from 'vitest';
import { alertNotice } from './alert-notice.ts';

const fact = (more: Partial<AlertFact> = {}): AlertFact => ({
  kind: 'container-down',
  host: 'h1',
  site: 'customer_1',
  domain: 'mustermann.de',
  aspect: 'container',
  reason: 'Timeout',
  message: 'mustermann.de: the container: did not answer in time',
  since: '2026-11-25T12:00:00.000Z',
  until: null,
  restarts: 2,
  ...more,
});
const notice = (members: AlertFact[], more: Partial<AlertFacts> = {}) =>
  alertNotice({
    id: '0a0a0a0a-0000-4000-8000-000000000001',
    kind: members.length > 1 ? 'storm' : 'single',
    saying: 'opened',
    reminders: 0,
    at: '2026-11-25T13:00:00.000Z',
    since: '2026-11-25T12:00:00.000Z',
    until: null,
    lastedMs: 3_600_000,
    total: members.length,
    open: members.length,
    maintenance: null,
    members,
    ...more,
  });
const restarted = (facts: [string, string][]) => facts.find(([name]) => name === 'Restarted')?.[1];

describe('alertNotice', () => {
  test.each(['opened', 'worse', 'reminder', 'maintenance', 'flapping', 'closed', 'over'] as const)(
    'names what was restarted and how often, when it says %s',
    (saying) => {
      expect(restarted(notice([fact()], { saying }).facts)).toBe('the container, 2 times');
      const many = notice([fact({ restarts: 1 }), fact({ domain: 'b.de', aspect: 'tunnel' })], { saying });
      expect(many.list).toEqual([
        expect.stringMatching(/^mustermann\.de: Timeout, .*; restarted: the container, once$/),
        expect.stringMatching(/^b\.de: Timeout, .*; restarted: the tunnel, 2 times$/),
      ]);
    },
  );

  test('says so where nothing was restarted', () => {
    expect(restarted(notice([fact({ restarts: 0 })]).facts)).toBe('nothing');
  });

  test('tells of what is unusual in its own words, and calls it no part that was restarted', () => {
    const message = 'mustermann.de: it was started again 9 times within 2 hours';
    const unusual = fact({ kind: 'anomaly', aspect: 'anomaly', reason: 'MoreRestartsThanUsual', message, restarts: 9 });
    const { title, text, facts, list } = notice([unusual]);
    expect({ title, text, list }).toEqual({ title: 'mustermann.de is unlike itself', text: [message], list: [] });
    expect(facts).toContainEqual(['Reason', 'MoreRestartsThanUsual']);
    expect(restarted(facts)).toBeUndefined();
    expect(notice([unusual, fact()]).list[0]).not.toContain('restarted');
  });

  test('says how long it took, once it is over', () => {
    const until = '2026-11-25T13:00:00.000Z';
    expect(notice([fact({ until })], { saying: 'closed', until }).facts).toContainEqual(['Length', '1 h']);
    expect(notice([fact()]).facts.map(([name]) => name)).not.toContain('Length');
  });

  test('keeps all that is said of one alert in a thread, which its first word begins', () => {
    const { thread } = notice([fact()]);
    expect(thread).toEqual({ id: 'alert-0a0a0a0a-0000-4000-8000-000000000001', begins: true });
    for (const saying of ['reminder', 'worse', 'closed'] as const)
      expect(notice([fact()], { saying }).thread).toEqual({ ...thread, begins: false });
  });
});
