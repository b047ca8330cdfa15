import type { DomainRecord } from '@berth/shared/domain/domain-record';
import type { Answer, DecodedPacket } from 'dns-packet';
import type { Delegation } from './delegation.ts';

/** More than any zone has; what a stranger sends beyond is left out. */
const NAMES_MAX = 32;
const DS_MAX = 16;
const RECORDS_MAX = 32;
/** As long as Cloudflare thinks fit: what a resolver still remembers says nothing. */
const TTL_AUTOMATIC = 1;
const HOSTNAME = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

const plain = (name: string) => name.toLowerCase().replace(/\.$/, '');

export function ownsRecord(records: readonly Answer[] | undefined, owner: string, type: Answer['type']): boolean {
  return (records ?? []).some((record) => record.type === type && plain(record.name) === owner);
}

/** The name servers of `owner`, whether the answer holds them or refers to them: in small letters, each once, sorted. */
export function namesIn(
  { answers, authorities }: Pick<DecodedPacket, 'answers' | 'authorities'>,
  owner: string,
): string[] {
  const names = [...(answers ?? []), ...(authorities ?? [])].flatMap((record) =>
    record.type === 'NS' && plain(record.name) === owner ? [plain(record.data)] : [],
  );
  return [...new Set(names.filter((name) => HOSTNAME.test(name)))].sort().slice(0, NAMES_MAX);
}

/** The DS records of `owner`; null when there was no answer. */
export function dsIn(answer: DecodedPacket | undefined, owner: string): Pick<Delegation, 'ds' | 'dsTtlSeconds'> {
  if (!answer) return { ds: null, dsTtlSeconds: 0 };
  const found = (answer.answers ?? []).flatMap((record) =>
    record.type === 'DS' && plain(record.name) === owner ? [{ ...record.data, ttl: record.ttl ?? 0 }] : [],
  );
  return {
    ds: found.slice(0, DS_MAX).map(({ keyTag, algorithm, digestType }) => ({ keyTag, algorithm, digestType })),
    dsTtlSeconds: Math.max(0, ...found.map(({ ttl }) => ttl)),
  };
}

/** The answer's code: 0 all is well, 3 there is no such name (RFC 1035, 4.1.1). */
export function rcodeOf({ flags = 0 }: DecodedPacket): number {
  return flags & 0x0f;
}

/** The MX records of `owner`; none for one that says that it takes no mail (RFC 7505). */
export function exchangesIn({ answers }: Pick<DecodedPacket, 'answers'>, owner: string): DomainRecord[] {
  const found = (answers ?? []).flatMap((record) => {
    if (record.type !== 'MX' || plain(record.name) !== owner) return [];
    const content = plain(record.data.exchange);
    const priority = record.data.preference ?? 0;
    return HOSTNAME.test(content) ? [{ type: 'MX', name: owner, content, priority, ttl: TTL_AUTOMATIC }] : [];
  });
  return found.slice(0, RECORDS_MAX);
}

/** The texts at `owner` that fit; where the name is another one's alias, that alias, if a text that fits stands there. */
export function textsIn({ answers }: Pick<DecodedPacket, 'answers'>, owner: string, pattern: RegExp): DomainRecord[] {
  const texts = (answers ?? []).flatMap((record) => {
    if (record.type !== 'TXT') return [];
    const parts = [record.data].flat().map(String);
    return pattern.test(parts.join('')) ? [{ at: plain(record.name), content: quoted(parts) }] : [];
  });
  if (texts.length === 0) return [];
  const alias = aliasIn(answers, owner);
  if (alias) return [alias];
  const own = texts.filter(({ at }) => at === owner).slice(0, RECORDS_MAX);
  return own.map(({ content }) => ({ type: 'TXT', name: owner, content, ttl: TTL_AUTOMATIC }));
}

/** The addresses of a host, or what it is an alias of. */
export function hostIn({ answers }: Pick<DecodedPacket, 'answers'>, owner: string, type: 'A' | 'AAAA'): DomainRecord[] {
  const alias = aliasIn(answers, owner);
  if (alias) return [alias];
  const found = (answers ?? []).flatMap((record) =>
    record.type === type && plain(record.name) === owner
      ? [{ type, name: owner, content: record.data, ttl: TTL_AUTOMATIC }]
      : [],
  );
  return found.slice(0, RECORDS_MAX);
}

function aliasIn(answers: readonly Answer[] | undefined, owner: string): DomainRecord | undefined {
  for (const record of answers ?? []) {
    if (record.type !== 'CNAME' || plain(record.name) !== owner) continue;
    const content = plain(record.data);
    if (HOSTNAME.test(content)) return { type: 'CNAME', name: owner, content, ttl: TTL_AUTOMATIC };
  }
  return undefined;
}

/** As zone files have texts (RFC 1035, 5.1). */
const quoted = (parts: readonly string[]) =>
  parts.map((part) => `"${part.replaceAll(/[\\"]/g, (sign) => `\\${sign}`)}"`).join(' ');
