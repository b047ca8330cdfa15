import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import packet, { type DecodedPacket } from 'dns-packet';
import { answerQuestion, type Reply } from './answer-question.ts';
import { Registry } from './registry.ts';

/** Of so many questions it knows that they were asked: those that are sent again follow within seconds. */
const KNOWN_MAX = 1000;

export interface DnsSimulator {
  /** as `DNS_RESOLVER` wants it */
  address: string;
  registry: Registry;
  /** how many questions came, by type; one that was sent again, since its answer took long, is one */
  asked: Map<string, number>;
  stop(): Promise<void>;
}

/** Starts a DNS server on 127.0.0.1, over UDP and TCP: a resolver, and the name servers of all parents of domains. */
export async function startDns(registry = new Registry()): Promise<DnsSimulator> {
  const asked = new Map<string, number>();
  const known = new Set<string>();
  const note = (bytes: Buffer, { questions }: DecodedPacket) => {
    const whole = bytes.toString('base64');
    const type = questions?.[0]?.type ?? '';
    if (known.size >= KNOWN_MAX) known.clear();
    if (!known.has(whole)) asked.set(type, (asked.get(type) ?? 0) + 1);
    known.add(whole);
  };
  const answer = (bytes: Buffer): Reply | undefined => {
    try {
      const question = packet.decode(bytes);
      note(bytes, question);
      return answerQuestion(registry, question);
    } catch {
      return undefined;
    }
  };
  const open = new Set<Socket>();
  const streams = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    let all = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      all = Buffer.concat([all, chunk]);
      if (all.length < 2 || all.length < 2 + all.readUInt16BE()) return;
      const reply = answer(all.subarray(2, 2 + all.readUInt16BE()));
      if (!reply) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.whole.length);
      socket.end(Buffer.concat([length, reply.whole]));
    });
  });
  await new Promise<void>((resolve) => streams.listen(0, '127.0.0.1', resolve));
  const { port } = streams.address() as AddressInfo;
  const datagrams = createSocket('udp4');
  datagrams.on('message', (bytes, from) => {
    const reply = answer(bytes);
    if (reply) datagrams.send(reply.cut, from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    datagrams.once('error', reject);
    datagrams.bind(port, '127.0.0.1', resolve);
  });
  return {
    address: `127.0.0.1:${port}`,
    registry,
    asked,
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => streams.close(() => resolve()));
      await new Promise<void>((resolve) => datagrams.close(() => resolve()));
    },
  };
}
