import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { BerthError } from '@berth/shared/errors/berth-error';
import { type Chance, systemChance } from '@berth/shared/runtime/chance';
import packet, { type DecodedPacket } from 'dns-packet';

/** Where a DNS server listens. */
export interface DnsServer {
  address: string;
  port: number;
}

export interface Question {
  name: string;
  type: 'NS' | 'DS' | 'A' | 'AAAA' | 'MX' | 'TXT';
  /** whether a resolver is asked, and not a name server for what it holds itself */
  recursive: boolean;
}

/** What a datagram may hold without being cut up on its way (DNS flag day 2020). */
const DATAGRAM_BYTES = 1232;
/** Datagrams get lost; a server that hasn't answered by then is asked once more. */
const ASK_AGAIN_MS = 600;
/** Whoever guesses at ids is not listened to for ever. */
const STRANGERS_MAX = 50;

/**
 * Asks one server one question: by a datagram, and over TCP what doesn't fit into one. What answers something else than was asked is
 * not listened to.
 * @throws BerthError `dns.unavailable` when there is no answer that can be read until `signal` is aborted
 */
export async function askServer(
  server: DnsServer,
  question: Question,
  signal: AbortSignal,
  chance: Pick<Chance, 'bytes'> = systemChance,
): Promise<DecodedPacket> {
  const id = chance.bytes(2).readUInt16BE();
  const sent = packet.encode({
    type: 'query',
    id,
    flags: question.recursive ? packet.RECURSION_DESIRED : 0,
    questions: [{ name: question.name, type: question.type, class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: DATAGRAM_BYTES,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
  const read = (bytes: Buffer) => readAnswer(bytes, id, question);
  try {
    const answer = await overUdp(server, sent, read, signal);
    return answer.flag_tc ? await overTcp(server, sent, read, signal) : answer;
  } catch (cause) {
    const message = `${server.address} did not answer for ${question.type} of ${question.name || '.'}`;
    throw new BerthError('dns.unavailable', message, { cause });
  }
}

/** @returns undefined for what isn't the answer to this question, and for what can't be read */
function readAnswer(bytes: Buffer, id: number, question: Question): DecodedPacket | undefined {
  try {
    const answer = packet.decode(bytes);
    const [asked, ...more] = answer.questions ?? [];
    const isOurs =
      answer.type === 'response' &&
      answer.id === id &&
      more.length === 0 &&
      asked?.type === question.type &&
      asked.name.toLowerCase() === question.name.toLowerCase();
    return isOurs ? answer : undefined;
  } catch {
    return undefined;
  }
}

type Read = (bytes: Buffer) => DecodedPacket | undefined;

function overUdp(server: DnsServer, sent: Buffer, read: Read, signal: AbortSignal): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    let strangers = 0;
    let again: NodeJS.Timeout | undefined;
    const end = (then: () => void) => {
      clearTimeout(again);
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.close();
      then();
    };
    const fail = (error: unknown) => end(() => reject(error));
    const onAbort = () => fail(new Error('no answer in time'));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('error', fail);
    socket.on('message', (bytes) => {
      const answer = read(bytes);
      if (answer) return end(() => resolve(answer));
      strangers += 1;
      if (strangers > STRANGERS_MAX) fail(new Error('too many answers to other questions'));
    });
    // A connected socket hears nobody but the server.
    socket.connect(server.port, server.address, (error?: Error) => {
      // Node tells here, and not by an event, that there is no way to the server.
      if (error) return fail(error);
      socket.send(sent);
      again = setTimeout(() => socket.send(sent), ASK_AGAIN_MS);
    });
  });
}

function overTcp(server: DnsServer, sent: Buffer, read: Read, signal: AbortSignal): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server.address, port: server.port, signal });
    const chunks: Buffer[] = [];
    let size = 0;
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection ended before the answer')));
    socket.on('connect', () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(sent.length);
      socket.write(Buffer.concat([length, sent]));
    });
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      // The length is told in two bytes, so this is at most 64 kB.
      const all = size >= 2 ? Buffer.concat(chunks) : undefined;
      if (!all || size < 2 + all.readUInt16BE()) return;
      const answer = read(all.subarray(2, 2 + all.readUInt16BE()));
      if (answer) resolve(answer);
      else reject(new Error('an answer to another question'));
      socket.destroy();
    });
  });
}
