import { describe, expect, test } from 'vitest';
import { parseJournalEntry } from './journal-entry.ts';

const entry = {
  __CURSOR: 's=1;i=2',
  __REALTIME_TIMESTAMP: '1764100012345678',
  _PID: '77',
  _SYSTEMD_UNIT: 'cloudflared-customer-customer_1.2.service',
  MESSAGE: 'INF Registered tunnel connection',
};
const parsed = (more: Record<string, unknown> = {}) => parseJournalEntry(JSON.stringify({ ...entry, ...more }));

describe('parseJournalEntry', () => {
  test('says whose the line is, and when it was written', () => {
    expect(parsed()).toEqual({
      cursor: 's=1;i=2',
      at: '2025-11-25T19:46:52.345Z',
      siteKey: 'customer_1.2',
      stream: 'stderr',
      text: 'INF Registered tunnel connection',
    });
  });

  test("takes systemd's word for a unit from systemd alone", () => {
    const of = { UNIT: 'cloudflared-customer-a.service', _SYSTEMD_UNIT: 'init.scope' };
    expect(parsed({ ...of, _PID: '1' })).toMatchObject({ siteKey: 'a', stream: 'systemd' });
    expect(parsed(of)).toMatchObject({ siteKey: undefined });
  });

  test('belongs to no site where the unit is none of ours', () => {
    for (const unit of ['cloudflared.service', 'cloudflared-customer-../x.service', 'a-cloudflared-customer-b.service'])
      expect(parsed({ _SYSTEMD_UNIT: unit })?.siteKey).toBeUndefined();
  });

  test('reads bytes, repeated fields and what Postgres does not take', () => {
    expect(parsed({ MESSAGE: [99, 97, 102, 255] })?.text).toBe('caf\u{fffd}');
    expect(parsed({ MESSAGE: ['first', 'second'] })?.text).toBe('first');
    expect(parsed({ MESSAGE: 'a\0b' })?.text).toBe('a\u{fffd}b');
    expect(parsed({ MESSAGE: null })?.text).toBe('');
  });

  test('gives up on what is no entry', () => {
    expect(parseJournalEntry('-- No entries --')).toBeUndefined();
    expect(parseJournalEntry('[]')).toBeUndefined();
    expect(parsed({ __CURSOR: undefined })).toBeUndefined();
    expect(parsed({ __REALTIME_TIMESTAMP: 'yesterday' })).toBeUndefined();
  });
});
