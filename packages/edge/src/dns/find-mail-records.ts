import type { DomainRecord } from '@berth/shared/domain/domain-record';
import { BerthError } from '@berth/shared/errors/berth-error';
import { doneWithin } from '@berth/shared/runtime/within';
import type { DecodedPacket } from 'dns-packet';
import { askServer, type DnsServer, type Question } from './ask-server.ts';
import { dkimSelectors } from './dkim-selectors.ts';
import { exchangesIn, hostIn, rcodeOf, textsIn } from './read-records.ts';

/** The records that a domain's mail goes by, as the present name servers say them. @throws BerthError `dns.unavailable` */
export type FindMailRecords = (domain: string, signal?: AbortSignal) => Promise<DomainRecord[]>;

const NOERROR = 0;
const NXDOMAIN = 3;
/** So many questions are open at once: a resolver may take more for an attack. */
const AT_ONCE = 8;

/** What mail needs beside the MX records, and how it begins. */
const policies = [
  { label: '', pattern: /^v=spf1(\s|$)/i },
  { label: '_dmarc', pattern: /^v=dmarc1\s*;/i },
] as const;
const furtherPolicies = [
  { label: '_mta-sts', pattern: /^v=stsv1\s*;/i },
  { label: '_smtp._tls', pattern: /^v=tlsrptv1\s*;/i },
  ...dkimSelectors.map((selector) => ({ label: `${selector}._domainkey`, pattern: /(^|;)\s*(v=dkim1|p=[\w+/=]{8})/i })),
];

/**
 * Makes a look at the records of a domain's mail: MX, what these lead to within the domain, SPF, DMARC, and keys under the usual names.
 * Where there is neither MX nor SPF nor DMARC there is no mail, and nothing else is asked for. What is further asked for and doesn't
 * answer in time is left out.
 * @param deadlineMs for all of it
 */
export function makeFindMailRecords({
  resolver,
  deadlineMs,
}: {
  resolver: DnsServer;
  deadlineMs: number;
}): FindMailRecords {
  return (domain, given) =>
    doneWithin(given, deadlineMs, async (signal) => {
      const ask = (name: string, type: Question['type']) =>
        askSurely(resolver, { name, type, recursive: true }, signal);
      const at = (label: string) => (label === '' ? domain : `${label}.${domain}`);
      const [mx, ...texts] = await Promise.all([
        ask(domain, 'MX'),
        ...policies.map(async ({ label, pattern }) => textsIn(await ask(at(label), 'TXT'), at(label), pattern)),
      ]);
      const exchanges = exchangesIn(mx, domain);
      const first = [...exchanges, ...texts.flat()];
      if (first.length === 0) return [];
      const hosts = [...new Set(exchanges.map(({ content }) => content))].filter((host) => host.endsWith(`.${domain}`));
      const further = [
        ...hosts.flatMap((host) =>
          (['A', 'AAAA'] as const).map((type) => async () => hostIn(await ask(host, type), host, type)),
        ),
        ...furtherPolicies.map(
          ({ label, pattern }) =>
            async () =>
              textsIn(await ask(at(label), 'TXT'), at(label), pattern),
        ),
      ];
      return eachOnce([...first, ...(await inTurns(further))]);
    });
}

/** @throws BerthError `dns.unavailable` also when the resolver says that it doesn't know */
async function askSurely(resolver: DnsServer, question: Question, signal: AbortSignal): Promise<DecodedPacket> {
  const answer = await askServer(resolver, question, signal);
  if ([NOERROR, NXDOMAIN].includes(rcodeOf(answer))) return answer;
  const message = `${resolver.address} answers code ${rcodeOf(answer)} for ${question.type} of ${question.name}`;
  throw new BerthError('dns.unavailable', message);
}

async function inTurns(looks: readonly (() => Promise<DomainRecord[]>)[]): Promise<DomainRecord[]> {
  const found: DomainRecord[] = [];
  for (let at = 0; at < looks.length; at += AT_ONCE) {
    const turn = await Promise.allSettled(looks.slice(at, at + AT_ONCE).map((look) => look()));
    found.push(...turn.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])));
  }
  return found;
}

/** A host's CNAME is found by both of its types. */
function eachOnce(records: readonly DomainRecord[]): DomainRecord[] {
  return [...new Map(records.map((record) => [`${record.type} ${record.name} ${record.content}`, record])).values()];
}
