import { isIP } from 'node:net';
import { makeAddressGuard } from '@berth/shared/domain/private-address';
import { BerthError } from '@berth/shared/errors/berth-error';
import { within } from '@berth/shared/runtime/within';
import type { DecodedPacket } from 'dns-packet';
import { askServer, type DnsServer } from './ask-server.ts';
import type { Delegation } from './delegation.ts';
import { dsIn, namesIn, ownsRecord, rcodeOf } from './read-records.ts';

export type FindDelegation = (domain: string, signal?: AbortSignal) => Promise<Delegation>;

/** Of the parent's name servers so many are asked at once; the first good answer counts. */
const SERVERS_MAX = 4;

const NOERROR = 0;
const NXDOMAIN = 3;

const guard = makeAddressGuard([]);

/**
 * Makes a look at how a domain is delegated. The parent zone's name servers are found by a resolver and then asked themselves: what a
 * resolver remembers of a domain can be days old. They are only asked on the public Internet, or at the resolver's own address and port.
 * @param resolver who is asked for the parent's name servers
 * @param deadlineMs for all of it
 */
export function makeFindDelegation({
  resolver,
  deadlineMs,
}: {
  resolver: DnsServer;
  deadlineMs: number;
}): FindDelegation {
  return async function findDelegation(domain, given) {
    const signal = within(given, deadlineMs);
    const { parent, names } = await findParent(resolver, domain, signal);
    const servers = await findServers(resolver, names, signal);
    const ds = askFirst(servers, { name: domain, type: 'DS', recursive: false }, isAboutDs(domain), signal).catch(
      () => undefined,
    );
    const referral = await askFirst(servers, { name: domain, type: 'NS', recursive: false }, isAboutNs(domain), signal);
    const signed = await ds;
    return {
      parent,
      registered: rcodeOf(referral) !== NXDOMAIN,
      nameServers: namesIn(referral, domain),
      ...dsIn(signed, domain),
    };
  };
}

/** The closest zone above a domain: not each label has one of its own. */
async function findParent(resolver: DnsServer, domain: string, signal: AbortSignal) {
  const labels = domain.split('.');
  for (let cut = 1; cut <= labels.length; cut += 1) {
    const parent = labels.slice(cut).join('.');
    const answer = await askServer(resolver, { name: parent, type: 'NS', recursive: true }, signal);
    const names = namesIn({ ...answer, authorities: [] }, parent);
    if (names.length > 0) return { parent, names };
  }
  throw new BerthError('dns.unavailable', `the resolver ${resolver.address} names no name servers above ${domain}`);
}

async function findServers(resolver: DnsServer, names: readonly string[], signal: AbortSignal): Promise<DnsServer[]> {
  const found = await Promise.allSettled(names.slice(0, SERVERS_MAX).map((name) => findServer(resolver, name, signal)));
  const servers = found.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []));
  if (servers.length > 0) return servers;
  throw new BerthError('dns.unavailable', `none of ${names.join(', ')} has an address that can be asked`);
}

async function findServer(resolver: DnsServer, name: string, signal: AbortSignal): Promise<DnsServer | undefined> {
  for (const type of ['A', 'AAAA'] as const) {
    const answer = await askServer(resolver, { name, type, recursive: true }, signal);
    for (const record of answer.answers ?? []) {
      if (record.type !== type || isIP(record.data) === 0) continue;
      if (record.data === resolver.address) return resolver;
      if (guard.mayConnect(record.data)) return { address: record.data, port: 53 };
    }
  }
  return undefined;
}

/** Asks all of them at once. @throws BerthError `dns.unavailable` when none gives an answer that is good */
async function askFirst(
  servers: readonly DnsServer[],
  question: Parameters<typeof askServer>[1],
  isGood: (answer: DecodedPacket) => boolean,
  signal: AbortSignal,
): Promise<DecodedPacket> {
  const decided = new AbortController();
  const all = AbortSignal.any([signal, decided.signal]);
  const asked = servers.map(async (server) => {
    const answer = await askServer(server, question, all);
    if (isGood(answer)) return answer;
    throw new BerthError('dns.unavailable', `${server.address} answers code ${rcodeOf(answer)} for ${question.name}`);
  });
  try {
    return await Promise.any(asked);
  } catch (cause) {
    const message = `no name server of the parent answers for ${question.type} of ${question.name}`;
    throw new BerthError('dns.unavailable', message, { cause });
  } finally {
    decided.abort();
  }
}

const isSure = (answer: DecodedPacket) => [NOERROR, NXDOMAIN].includes(rcodeOf(answer));

/** A referral, an answer with authority, or word that there is nothing; not a server that sends one elsewhere. */
function isAboutNs(domain: string) {
  return (answer: DecodedPacket) =>
    isSure(answer) && (answer.flag_aa || namesIn(answer, domain).length > 0 || rcodeOf(answer) === NXDOMAIN);
}

function isAboutDs(domain: string) {
  return (answer: DecodedPacket) => isSure(answer) && (answer.flag_aa || ownsRecord(answer.answers, domain, 'DS'));
}
