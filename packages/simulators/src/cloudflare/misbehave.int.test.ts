import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CallApi, makeApiClient, toOutcome } from '../testing/make-api-client.ts';
import { makeCloudflareControl } from './control-over-http.ts';
import { type CloudflareSimulator, startCloudflare } from './start-cloudflare.ts';

let simulator: CloudflareSimulator;
let call: CallApi;

const zone = (name: string) => ({ account: { id: simulator.accountId }, name });
const names = async (): Promise<string[]> => (await simulator.control.listZones()).map(({ name }) => name);
const raw = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(simulator.apiUrl + path, { ...init, headers: { authorization: `Bearer ${simulator.apiToken}` } });

beforeEach(async () => {
  simulator = await startCloudflare({ profile: 'enterprise' });
  call = makeApiClient(simulator);
});

afterEach(() => simulator.stop());

describe('a misbehaving API', () => {
  test('answers late', async () => {
    await simulator.control.misbehave({ kind: 'latency', ms: 50 });
    const from = performance.now();
    expect((await call('GET', '/zones')).status).toBe(200);
    expect(performance.now() - from).toBeGreaterThanOrEqual(45);
  });

  test('answers 429 with Retry-After and without the effect', async () => {
    await simulator.control.misbehave({ kind: '429', retryAfterSeconds: 7 });
    const answer = await call('POST', '/zones', zone('mustermann.de'));
    expect(toOutcome(answer)).toEqual([429, 971]);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(await names()).toEqual([]);
  });

  test('answers 5xx as JSON and as a page, without the effect', async () => {
    await simulator.control.misbehave({ kind: '5xx', status: 503 });
    expect(toOutcome(await call('POST', '/zones', zone('mustermann.de')))).toEqual([503, 10_001]);
    await simulator.control.misbehave({ kind: 'html-5xx', status: 522 });
    const page = await raw('/zones', { method: 'POST', body: JSON.stringify(zone('mustermann.de')) });
    expect([page.status, page.headers.get('content-type')]).toEqual([522, 'text/html']);
    expect(await page.text()).toContain('<html>');
    expect(await names()).toEqual([]);
  });

  test('loses an answer after the effect, or the call before it', async () => {
    await simulator.control.misbehave({ kind: 'lost-answer', method: 'POST' });
    await expect(call('POST', '/zones', zone('mustermann.de'))).rejects.toThrow('fetch failed');
    expect(await names()).toEqual(['mustermann.de']);
    expect(toOutcome(await call('POST', '/zones', zone('mustermann.de')))).toEqual([400, 1061]);
    await simulator.control.misbehave({ kind: 'cut', method: 'POST' });
    await expect(call('POST', '/zones', zone('beispiel.de'))).rejects.toThrow('fetch failed');
    expect(await names()).toEqual(['mustermann.de']);
  });

  test('hangs until the caller gives up', async () => {
    await simulator.control.misbehave({ kind: 'hang' });
    const abort = new AbortController();
    const hanging = raw('/zones', { signal: abort.signal });
    await expect.poll(() => simulator.control.callCounts(), { timeout: 60_000 }).toEqual({ 'GET /zones': 1 });
    expect((await call('GET', '/zones')).status).toBe(200);
    abort.abort();
    await expect(hanging).rejects.toThrow('aborted');
  });

  test('sends the head of an answer and not its body', async () => {
    await simulator.control.misbehave({ kind: 'stalled-body' });
    const abort = new AbortController();
    const answer = await raw('/zones', { signal: abort.signal });
    expect(answer.status).toBe(200);
    const read = answer.text();
    expect((await call('GET', '/zones')).status).toBe(200);
    abort.abort();
    await expect(read).rejects.toThrow('aborted');
  });

  test('does so to the calls that are meant, as often as is meant', async () => {
    const control = makeCloudflareControl(simulator.controlUrl);
    await control.misbehave({ kind: '5xx', method: 'GET', path: '/cfd_tunnel$', times: 2 });
    const tunnels = `/accounts/${simulator.accountId}/cfd_tunnel`;
    expect((await call('GET', '/zones')).status).toBe(200);
    expect((await call('POST', tunnels, { name: 'a' })).status).toBe(200);
    expect((await call('GET', tunnels)).status).toBe(500);
    expect((await call('GET', tunnels)).status).toBe(500);
    expect((await call('GET', tunnels)).status).toBe(200);
    await control.misbehave({ kind: '5xx' });
    await control.behave();
    await control.misbehave({ kind: '5xx', path: '/cfd_tunnel$', after: 1 });
    for (const status of [200, 500, 200]) expect((await call('GET', tunnels)).status).toBe(status);
    expect(await control.callCounts()).toEqual({
      'GET /zones': 1,
      'POST /accounts/:id/cfd_tunnel': 1,
      'GET /accounts/:id/cfd_tunnel': 6,
    });
  });
});

describe('makeCloudflareControl', () => {
  test('says what went wrong in the other process', async () => {
    const control = makeCloudflareControl(simulator.controlUrl);
    await expect(control.activateZone('nobody.de')).rejects.toThrow('there is no zone nobody.de');
    const unknown = control as unknown as { nonsense(): Promise<void> };
    await expect(unknown.nonsense()).rejects.toThrow('there is no control "nonsense"');
  });
});
