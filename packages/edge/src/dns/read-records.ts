import type { Answer, DecodedPacket } from 'dns-packet';
import type { Delegation } from './delegation.ts';

/** More than any zone has; what a stranger sends beyond is left out. */
const NAMES_MAX = 32;
const DS_MAX = 16;
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
