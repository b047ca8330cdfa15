import { describe, expect, test } from 'vitest';
import { requestLines } from './request-lines.ts';

const request = {
  ...{ id: '1', at: '2026-11-26T08:00:00.000Z', host: 'example.com', method: 'GET', path: '/prices', status: 404 },
  ...{ country: 'DE', network: '192.0.2.0/24', requests: 3, bytes: 10 },
};

describe('requestLines', () => {
  test('shows requests as a table', () => {
    const [head, line] = requestLines({ data: [request] }, undefined);
    expect(head).toMatch(/^AT +STATUS +METHOD +PATH +COUNTRY +NETWORK +REQUESTS$/);
    expect(line?.split(/ {2,}/)).toEqual(['2026-11-26T08:00:00Z', '404', 'GET', '/prices', 'DE', '192.0.2.0/24', '3']);
  });

  test('shows no network where none is kept, and nothing of nothing', () => {
    expect(requestLines({ data: [{ ...request, network: null }] }, undefined)[1]).toContain(' - ');
    expect(requestLines({ data: [] }, undefined)).toEqual([]);
  });
});
