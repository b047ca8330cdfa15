import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import { resolveAtNameServers } from './zone-resolver.ts';

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

/** A name server that knows one address, or none. @returns its port */
function startNameServer(address?: string): Promise<number> {
  const socket = createSocket('udp4');
  open.push(socket);
  socket.on('message', (question, { port }) => {
    const header = Buffer.from([...question.subarray(0, 2), 0x81, 0x80, 0, 1, 0, address ? 1 : 0, 0, 0, 0, 0]);
    const asked = question.subarray(12, question.indexOf(0, 12) + 5);
    const record = address ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)] : [];
    socket.send(Buffer.concat([header, asked, Buffer.from(record)]), port, '127.0.0.1');
  });
  return new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(socket.address().port)));
}

const resolve = (nameServers: string[], port: number, signal = new AbortController().signal) =>
  resolveAtNameServers('example.com', nameServers, signal, port);

describe('resolveAtNameServers', () => {
  test('gives the address that the name servers know', async () => {
    expect(await resolve(['localhost'], await startNameServer('192.0.2.5'))).toBe('192.0.2.5');
  });

  test('is content with one name server of several', async () => {
    expect(await resolve(['nobody.invalid', '127.0.0.1'], await startNameServer('192.0.2.5'))).toBe('192.0.2.5');
  });

  test.each([[[]], [['nobody.invalid']]])(
    'says that the edge is unreachable when it can ask nobody of %j',
    async (names) => {
      await expect(resolve(names, 53)).rejects.toMatchObject({ code: 'edge.unreachable' });
    },
  );

  test('says that the edge is unreachable when they know no address', async () => {
    await expect(resolve(['127.0.0.1'], await startNameServer())).rejects.toMatchObject({ code: 'edge.unreachable' });
  });

  test('gives up when told to', async () => {
    const silent = createSocket('udp4');
    open.push(silent);
    const port = await new Promise<number>((done) => silent.bind(0, '127.0.0.1', () => done(silent.address().port)));
    const controller = new AbortController();
    const asked = resolve(['127.0.0.1'], port, controller.signal);
    silent.once('message', () => controller.abort());
    await expect(asked).rejects.toMatchObject({ code: 'edge.unreachable' });
  });
});
