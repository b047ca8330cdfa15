import { createServer, type Socket } from 'node:net';
import { metricsAddress } from '@berth/shared/domain/slots';
import { systemClock } from '@berth/shared/runtime/clock';
import { afterEach, describe, expect, test } from 'vitest';
import { makeHttpLook } from './http-look.ts';

const { signal } = new AbortController();
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** A server that does as it's told with each connection's first bytes. @returns its port, and all connections that it got */
async function serve(answer: (socket: Socket, asked: string) => void, at: { host?: string; port?: number } = {}) {
  const sockets: Socket[] = [];
  const asked: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', (data: Buffer) => {
      asked.push(data.toString());
      answer(socket, data.toString());
    });
  });
  await new Promise<void>((resolve) => server.listen(at.port ?? 0, at.host ?? '127.0.0.1', resolve));
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  stops.push(stop);
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, sockets, asked, stop };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\nKeep-Alive: timeout=60\r\n\r\nok';
const look = (timeoutMs = 20_000) => makeHttpLook({ timeoutMs, clock: systemClock });

describe('probe', () => {
  test('asks each time over a connection of its own, and keeps none though the container would', async () => {
    const server = await serve((socket) => socket.write(OK));
    const http = look();
    for (let time = 0; time < 3; time += 1) {
      expect(await http.probe(server.port, '/health', signal)).toMatchObject({ kind: 'answer', status: 200 });
    }
    expect(server.sockets).toHaveLength(3);
    expect(server.asked[0]).toMatch(/^GET \/health HTTP\/1\.1\r\n(.*\r\n)*connection: close\r\n/i);
    await expect.poll(() => server.sockets.every(({ destroyed }) => destroyed), { timeout: 60_000 }).toBe(true);
  });

  test.each([500, 302, 404])('tells status %i as it is', async (status) => {
    const server = await serve((socket) =>
      socket.end(`HTTP/1.1 ${status} X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n`),
    );
    expect(await look().probe(server.port, '/', signal)).toMatchObject({ kind: 'answer', status });
    expect(server.sockets).toHaveLength(1);
  });

  test('tells apart what refuses, what hangs up, and what says nothing', async () => {
    const gone = await serve(() => undefined);
    await gone.stop();
    expect(await look().probe(gone.port, '/', signal)).toMatchObject({ kind: 'none', reason: 'Refused' });
    const rude = await serve((socket) => socket.destroy());
    expect(await look().probe(rude.port, '/', signal)).toMatchObject({ kind: 'none', reason: 'ConnectionLost' });
    const silent = await serve(() => undefined);
    expect(await look(50).probe(silent.port, '/', signal)).toMatchObject({ kind: 'none', reason: 'Timeout' });
  });

  test('waits no longer for a body than for its beginning', async () => {
    const server = await serve((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok'));
    expect(await look(200).probe(server.port, '/', signal)).toMatchObject({ kind: 'none', reason: 'Timeout' });
    await expect.poll(() => server.sockets.every(({ destroyed }) => destroyed), { timeout: 60_000 }).toBe(true);
  });

  test('reads no more of a body than anybody needs, and closes the connection', async () => {
    const server = await serve((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      const more = () => void (socket.destroyed || socket.write(`8000\r\n${'x'.repeat(0x8000)}\r\n`, more));
      more();
    });
    expect(await look().probe(server.port, '/', signal)).toMatchObject({ kind: 'answer', status: 200 });
    await expect.poll(() => server.sockets.every(({ destroyed }) => destroyed), { timeout: 60_000 }).toBe(true);
  });

  test('ends with the sweep', async () => {
    const sweep = new AbortController();
    const server = await serve(() => sweep.abort(new Error('the process stops')));
    await expect(look().probe(server.port, '/', sweep.signal)).rejects.toThrow('the process stops');
  });
});

describe('ready', () => {
  const SLOT = 4321;
  const [host = '', port = ''] = metricsAddress(SLOT).split(':');
  const answering = (text: string) =>
    serve((socket) => socket.end(`HTTP/1.1 503 X\r\nContent-Length: ${text.length}\r\n\r\n${text}`), {
      host,
      port: Number(port),
    });

  test('tells how many connections there are, also from an answer that says that there are none', async () => {
    await answering('{"status":503,"readyConnections":0,"connectorId":"c"}');
    expect(await look().ready(SLOT, signal)).toMatchObject({ connections: 0, connectorId: 'c' });
  });

  test('knows nothing of what does not answer, or says something else', async () => {
    expect(await look().ready(SLOT, signal)).toBeUndefined();
    await answering('<html>');
    expect(await look().ready(SLOT, signal)).toBeUndefined();
  });
});
