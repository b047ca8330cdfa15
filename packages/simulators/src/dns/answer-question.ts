import packet, { type Answer, type DecodedPacket, type Packet } from 'dns-packet';
import type { DnsFault, Registry, SimulatedRecord } from './registry.ts';

const SERVFAIL = 2;
const NXDOMAIN = 3;
const REFUSED = 5;
const FLOOD = 1500;
/** Every name server of a parent is called so, and is at the address of this server. */
const PARENT_SERVER = 'ns.nic.';

/** What goes back for a question: bytes, or nothing. `cut` is what a datagram holds instead. */
export interface Reply {
  whole: Buffer;
  cut: Buffer;
}

/** Answers as a resolver where recursion is desired, and else as the name servers of all parents. @returns undefined: nothing comes */
export function answerQuestion(registry: Registry, asked: DecodedPacket): Reply | undefined {
  const question = asked.questions?.[0];
  if (!question) return undefined;
  const name = question.name.toLowerCase();
  const recursive = asked.flag_rd;
  if (recursive) {
    const isOfDomains = ['MX', 'TXT'].includes(question.type);
    if (isOfDomains && registry.resolverFails) return reply(asked, {}, SERVFAIL);
    return reply(asked, resolved(registry, name, question.type), 0);
  }
  if (registry.fault) return faulty(registry.fault, asked);
  const { registered, nameServers, ds } = registry.of(name);
  const soa = soaOf(name);
  if (!registered) return reply(asked, { authorities: [soa] }, NXDOMAIN | packet.AUTHORITATIVE_ANSWER);
  if (question.type === 'DS') {
    const answers = ds.map((one): Answer => {
      const data = { ...one, digest: Buffer.from(one.digest, 'hex') };
      return { type: 'DS', class: 'IN', name, ttl: 3600, data };
    });
    return reply(asked, answers.length > 0 ? { answers } : { authorities: [soa] }, packet.AUTHORITATIVE_ANSWER);
  }
  if (nameServers.length === 0) return reply(asked, { authorities: [soa] }, packet.AUTHORITATIVE_ANSWER);
  return reply(asked, { authorities: nameServers.map((data) => ns(name, data)) }, 0);
}

function resolved(registry: Registry, name: string, type: string): Partial<Packet> {
  if (type === 'A' && name.startsWith(PARENT_SERVER)) {
    return { answers: [{ type: 'A', class: 'IN', name, ttl: 3600, data: '127.0.0.1' }] };
  }
  if (type === 'NS' && registry.isParent(name)) return { answers: [ns(name, `${PARENT_SERVER}${name}`)] };
  const answers = answersAt(registry, name, type);
  return answers.length > 0 ? { answers } : { authorities: [soaOf(name)] };
}

/** What stands at a name, behind its alias where it is one. */
function answersAt(registry: Registry, name: string, type: string, hops = 0): Answer[] {
  const there = registry.recordsAt(name);
  const alias = type === 'CNAME' ? undefined : there.find((one) => one.type === 'CNAME');
  if (!alias) return there.filter((one) => one.type === type).flatMap(toAnswer);
  const further = hops < ALIASES_MAX ? answersAt(registry, alias.content, type, hops + 1) : [];
  return [...toAnswer(alias), ...further];
}

const ALIASES_MAX = 8;
/** What one string of a text holds (RFC 1035, 3.3). */
const STRING_BYTES = 255;

function toAnswer({ type, name, content, priority = 0 }: SimulatedRecord): Answer[] {
  const common = { class: 'IN', name, ttl: 300 } as const;
  switch (type) {
    case 'A':
    case 'AAAA':
    case 'CNAME':
      return [{ ...common, type, data: content }];
    case 'MX':
      return [{ ...common, type, data: { preference: priority, exchange: content } }];
    case 'TXT': {
      const text = content.replaceAll(/^"|"$/g, '').replaceAll('" "', '');
      const strings = Array.from({ length: Math.max(1, Math.ceil(text.length / STRING_BYTES)) }, (_, n) =>
        text.slice(n * STRING_BYTES, (n + 1) * STRING_BYTES),
      );
      return [{ ...common, type, data: strings }];
    }
    default:
      return [];
  }
}

const ns = (name: string, data: string): Answer => ({ type: 'NS', class: 'IN', name, ttl: 86_400, data });

function soaOf(name: string): Answer {
  const zone = name.split('.').slice(1).join('.');
  const data = {
    mname: `${PARENT_SERVER}${zone}`,
    rname: `host.${zone}`,
    serial: 1,
    refresh: 1,
    retry: 1,
    expire: 1,
    minimum: 60,
  };
  return { type: 'SOA', class: 'IN', name: zone, ttl: 60, data };
}

function reply(asked: DecodedPacket, parts: Partial<Packet>, flags: number): Reply {
  const desired = asked.flag_rd ? packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE : 0;
  const encode = (more: Partial<Packet>, bits: number) =>
    packet.encode({ type: 'response', id: asked.id, flags: bits | desired, questions: asked.questions, ...more });
  const whole = encode(parts, flags);
  const fits = whole.length <= sizeOf(asked);
  return { whole, cut: fits ? whole : encode({}, flags | packet.TRUNCATED_RESPONSE) };
}

/** How large a datagram may be: 512 bytes for who doesn't say. */
function sizeOf({ additionals }: DecodedPacket): number {
  const option = additionals?.find((one) => one.type === 'OPT');
  return option && 'udpPayloadSize' in option ? Math.max(512, Number(option.udpPayloadSize)) : 512;
}

function faulty(fault: DnsFault, asked: DecodedPacket): Reply | undefined {
  const name = asked.questions?.[0]?.name ?? '';
  switch (fault) {
    case 'silent':
      return undefined;
    case 'servfail':
      return reply(asked, {}, SERVFAIL);
    case 'refused':
      return reply(asked, {}, REFUSED);
    case 'garbage':
      return same(Buffer.from('this is no message of DNS'));
    case 'other-id':
      return reply({ ...asked, id: ((asked.id ?? 0) + 1) % 65_536 }, { authorities: [ns(name, 'evil.example')] }, 0);
    case 'loop': {
      // A record whose name is a pointer to this very pointer.
      const { whole } = reply(asked, {}, 0);
      whole.writeUInt16BE(1, 8);
      const at = whole.length;
      return same(
        Buffer.concat([whole, Buffer.from([0xc0 | (at >> 8), at & 0xff, 0, 2, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12])]),
      );
    }
    case 'truncated': {
      const { whole } = reply(asked, { authorities: [ns(name, 'ns1.registrar.example')] }, 0);
      return { whole, cut: reply(asked, {}, packet.TRUNCATED_RESPONSE).whole };
    }
    case 'flood': {
      const names = Array.from({ length: FLOOD }, (_, n) => (n % 2 === 0 ? `n${n}.e` : `<n${n}>.e`));
      return reply(asked, { authorities: names.map((data) => ns(name, data)) }, 0);
    }
    case 'lame':
      return reply(asked, { authorities: [ns('.', 'a.root-servers.net')] }, 0);
  }
}

const same = (bytes: Buffer): Reply => ({ whole: bytes, cut: bytes });
