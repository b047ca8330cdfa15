import { describe, expect, test } from 'vitest';
import { planPage } from './plan-page.ts';
import type { SampledRequest } from './request-access.ts';

const site = { siteId: 'one', hosts: ['mustermann.de', 'www.mustermann.de'], since: '2026-11-01T00:00:00.000Z' };
const asked = { to: '2026-11-02T01:00:00.000Z', limit: 3, sites: [site], keep: { ipv4: 24, ipv6: 48 } };
const request = (second: number, more: Partial<SampledRequest> = {}): SampledRequest => ({
  at: new Date(Date.UTC(2026, 10, 2, 0, 0, second)).toISOString(),
  address: '192.0.2.77',
  country: 'DE',
  host: 'mustermann.de',
  method: 'GET',
  path: '/',
  status: 200,
  requests: 1,
  bytes: 10,
  ...more,
});

describe('planPage', () => {
  test('writes all of an answer that is not full, up to where it was asked for', () => {
    const page = planPage([request(1), request(2)], asked);
    expect(page).toMatchObject({ until: asked.to, more: false, skipped: false });
    expect(page.requests).toHaveLength(2);
  });

  test('keeps no address, but its network', () => {
    const [kept] = planPage([request(1)], asked).requests;
    expect(kept).toEqual({ ...without(request(1)), siteId: 'one', network: '192.0.2.0/24' });
    expect(JSON.stringify(kept)).not.toContain('192.0.2.77');
  });

  test('leaves the last second of a full answer to the next one', () => {
    const page = planPage([request(1), request(2), request(2)], asked);
    expect(page).toMatchObject({ until: request(2).at, more: true, skipped: false });
    expect(page.requests.map(({ at }) => at)).toEqual([request(1).at]);
  });

  test('goes on behind a second that alone fills an answer, and says that something was left out', () => {
    const page = planPage([request(1), request(1), request(1)], asked);
    expect(page).toMatchObject({ until: request(2).at, more: true, skipped: true });
    expect(page.requests).toHaveLength(3);
  });

  test('leaves out other names of the zone, and what was before the site', () => {
    const answer = [request(1, { host: 'shop.mustermann.de' }), request(2, { at: '2026-10-31T23:59:59.000Z' })];
    expect(planPage(answer, asked).requests).toEqual([]);
  });

  test('cuts a path that is too long, and takes what Postgres cannot keep out of it', () => {
    const [kept] = planPage([request(1, { path: `/a\0b${'c'.repeat(5000)}` })], asked).requests;
    expect(kept?.path).toHaveLength(1000);
    expect(kept?.path.slice(0, 3)).toBe('/ab');
  });

  test('leaves no half of a sign at the end of a path that was cut, nor anywhere else', () => {
    const paths = [`/${'c'.repeat(998)}\u{1f600}`, '/\ud83d', '/\u{1f600}'];
    const page = planPage(
      paths.map((path, second) => request(second, { path })),
      { ...asked, limit: 9 },
    );
    expect(page.requests.map(({ path }) => path)).toEqual([`/${'c'.repeat(998)}\ufffd`, '/\ufffd', '/\u{1f600}']);
  });
});

function without({ address: _, ...request }: SampledRequest) {
  return request;
}
