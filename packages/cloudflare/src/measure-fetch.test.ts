import { systemClock } from '@berth/shared/runtime/clock';
import { makeMetrics } from '@berth/shared/runtime/metrics';
import { describe, expect, test } from 'vitest';
import { measureFetch, toCallName } from './measure-fetch.ts';

const ZONE = 'https://api.cloudflare.com/client/v4/zones/0123456789abcdef0123456789abcdef';

describe('toCallName', () => {
  test('leaves out every id and all of the query', () => {
    expect(toCallName('get', `${ZONE}/dns_records?name=mustermann.de`)).toBe('GET /zones/:id/dns_records');
    expect(
      toCallName(
        'DELETE',
        'http://127.0.0.1:4000/client/v4/accounts/0123456789abcdef0123456789abcdef/cfd_tunnel/6f1c1a9e-0d3b-4f5e-9d7a-0123456789ab',
      ),
    ).toBe('DELETE /accounts/:id/cfd_tunnel/:id');
  });
});

describe('measureFetch', () => {
  test('counts by endpoint and by how the call ended', async () => {
    const metrics = makeMetrics();
    const answers = [new Response('{}'), new Response('{}', { status: 429 })];
    const measured = measureFetch(
      async () => answers.shift() ?? Promise.reject(new Error('gone')),
      systemClock,
      metrics,
    );
    await measured(ZONE);
    await measured(ZONE);
    await expect(measured(ZONE)).rejects.toThrow('gone');
    const text = await metrics.registry.metrics();
    for (const outcome of ['ok', '429', 'no-answer'])
      expect(text).toContain(
        `berth_cloudflare_call_duration_seconds_count{call="GET /zones/:id",outcome="${outcome}"} 1`,
      );
    expect(text).not.toContain('0123456789abcdef');
  });
});
