import { makeAddressGuard } from '@berth/shared/domain/private-address';
import { afterEach, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../testing/receiver.ts';
import { makePostJson } from './public-http.ts';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

async function receiver(): Promise<Receiver> {
  const started = await startReceiver();
  open.push(started);
  return started;
}

function poster(...allowed: [address: string, prefix: number][]) {
  return posterWithin(20_000, ...allowed);
}

function posterWithin(timeoutMs: number, ...allowed: [address: string, prefix: number][]) {
  const addresses = makeAddressGuard(allowed.map(([address, prefix]) => ({ address, prefix })));
  return (lookUp?: Parameters<typeof makePostJson>[0]['lookUp']) => {
    const post = makePostJson({ addresses, now: () => new Date(), timeoutMs, ...(lookUp && { lookUp }) });
    open.push({ stop: () => post.close() });
    return (url: string) => post(url, { headers: { 'webhook-id': 'evt_1' }, body: '{}' }, new AbortController().signal);
  };
}

describe('a post', () => {
  test('does not go to a private address', async () => {
    const target = await receiver();
    await expect(poster()()(`https://127.0.0.1:${target.port}/`)).rejects.toThrow('not a public address');
    expect(target.received).toHaveLength(0);
  });

  test('does not go to a name that stands for a private address: what was judged is what is connected to', async () => {
    const target = await receiver();
    await expect(poster()()(`https://localhost:${target.port}/`)).rejects.toThrow('not a public address');
    await expect(poster(['10.0.0.0', 8])()(`http://localhost:${target.port}/`)).rejects.toThrow('not a public address');
    expect(target.received).toHaveLength(0);
  });

  test('goes nowhere else when its name stands for another address a moment later: it is looked up once', async () => {
    const [target, inner] = [await receiver(), await receiver()];
    const answers = ['127.0.0.1', '127.0.0.2'];
    const post = poster(['127.0.0.1', 32])((_name, _options, callback) =>
      callback(null, [{ address: answers.shift() ?? '127.0.0.3', family: 4 }]),
    );
    expect(await post(`http://moving.example:${target.port}/a`)).toMatchObject({ status: 204 });
    expect(answers).toEqual(['127.0.0.2']);
    await expect(post(`http://moving.example:${inner.port}/b`)).rejects.toThrow('not a public address');
    expect([target.received.length, inner.received.length]).toEqual([1, 0]);
  });

  test('goes to those addresses alone of a name that may be used', async () => {
    const target = await receiver();
    const found = ['10.0.0.1', '127.0.0.1', '169.254.169.254'].map((address) => ({ address, family: 4 }));
    const post = poster(['127.0.0.1', 32])((_name, _options, callback) => callback(null, found));
    expect(await post(`http://many.example:${target.port}/`)).toMatchObject({ status: 204 });
  });

  test('goes to a private address that was named, by name or number', async () => {
    const target = await receiver();
    const post = poster(['127.0.0.0', 8])();
    expect(await post(`http://localhost:${target.port}/a`)).toEqual({ status: 204, retryAfterMs: undefined });
    expect(await post(`http://127.0.0.1:${target.port}/b`)).toMatchObject({ status: 204 });
    expect(target.received.map(({ path }) => path)).toEqual(['/a', '/b']);
    expect(target.received[0]?.headers).toMatchObject({ 'webhook-id': 'evt_1', connection: 'close' });
  });

  test('is answered by the status, although the body never ends', async () => {
    const target = await receiver();
    target.behave('endless');
    expect(await poster(['127.0.0.0', 8])()(target.url)).toMatchObject({ status: 200 });
  });

  test('fails when nothing is answered in time, or the connection is cut', async () => {
    const target = await receiver();
    target.behave('silence');
    await expect(posterWithin(300, ['127.0.0.0', 8])()(target.url)).rejects.toThrow(/timeout/);
    target.behave('cut');
    await expect(poster(['127.0.0.0', 8])()(target.url)).rejects.toThrow();
  });
});
