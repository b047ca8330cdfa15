import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HeldPorts, holdPorts, listen } from '../testing/hold-ports.ts';
import { makeHostPorts } from './host-ports.ts';
import { makeHttpProbe } from './http-probe.ts';

let held: HeldPorts;

beforeAll(async () => {
  held = await holdPorts();
});
afterAll(() => held.release());

describe('makeHostPorts', () => {
  const ports = makeHostPorts();

  test('finds a port free that nobody listens on, and leaves it free', async () => {
    expect(await ports.isFree(held.start)).toBe(true);
    expect(await ports.isFree(held.start)).toBe(true);
  });

  test('finds a port taken that somebody listens on, on loopback or on all addresses', async () => {
    const loopback = await listen(held.start);
    expect(await ports.isFree(held.start)).toBe(false);
    await new Promise((resolve) => loopback?.close(resolve));
    const everywhere = createServer();
    await new Promise<void>((resolve) => everywhere.listen(held.start, '0.0.0.0', resolve));
    expect(await ports.isFree(held.start)).toBe(false);
    await new Promise((resolve) => everywhere.close(resolve));
    expect(await ports.isFree(held.start)).toBe(true);
  });

  test('calls no port taken for another reason than that', async () => {
    await expect(ports.isFree(70_000)).rejects.toThrow(RangeError);
  });
});

describe('makeHttpProbe', () => {
  let server: Server;
  let status = 200;
  const probe = makeHttpProbe({ timeoutMs: 20_000 });
  const impatient = makeHttpProbe({ timeoutMs: 200 });
  const look = (path = '/health') => probe.look(held.end, path, new AbortController().signal);

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/hangs') return;
      if (request.url === '/drips') {
        response.writeHead(200).write('.');
        return;
      }
      response.writeHead(status, { location: '/health' }).end('x'.repeat(100_000));
    });
    await new Promise<void>((resolve) => server.listen(held.end, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  test.each([
    [200, 'healthy'],
    [204, 'healthy'],
    [302, 'unhealthy'],
    [404, 'unhealthy'],
    [503, 'unhealthy'],
  ] as const)('says of an answer with %i: %s', async (answered, expected) => {
    status = answered;
    expect(await look()).toBe(expected);
  });

  test('says unreachable when the answer does not come', async () => {
    expect(await impatient.look(held.end, '/hangs', new AbortController().signal)).toBe('unreachable');
  });

  test('goes by the status alone when the rest of the answer does not end', async () => {
    expect(await look('/drips')).toBe('healthy');
  });

  test('says unreachable when nobody listens', async () => {
    expect(await probe.look(held.start, '/', new AbortController().signal)).toBe('unreachable');
  });

  test('ends with the reason of its signal', async () => {
    const stop = AbortSignal.abort(new Error('lease lost'));
    await expect(probe.look(held.end, '/hangs', stop)).rejects.toThrow('lease lost');
  });
});
