import { type DomainRecord, isSameRecord } from '@berth/shared/domain/domain-record';

/** What is to be done about mail records that the present name servers know and no scan found. */
export interface MailPlan {
  /** to be made in the zone */
  create: DomainRecord[];
  /** another one stands in their place that was taken over before: which of both is right, only a person can say */
  unclear: DomainRecord[];
  /** in the zone by now */
  there: DomainRecord[];
}

interface Known {
  /** what the present name servers say */
  seen: readonly DomainRecord[];
  /** what was taken over */
  found: readonly DomainRecord[];
  zone: readonly DomainRecord[];
}

/**
 * Compares what the present name servers say of a domain's mail with its zone. Where somebody has put something of their own in the place
 * of a record, that record isn't missed: it was decided.
 */
export function planMail({ seen, found, zone }: Known): MailPlan {
  const plan: MailPlan = { create: [], unclear: [], there: [] };
  for (const record of seen) {
    if (found.some((one) => isSameRecord(one, record))) continue;
    if (zone.some((one) => isSameRecord(one, record))) {
      plan.there.push(record);
      continue;
    }
    const instead = zone.filter((one) => isInPlaceOf(one, record));
    const isDecided = instead.some((one) => ![...found, ...seen].some((copy) => isSameRecord(copy, one)));
    if (isDecided) continue;
    const mayStandBeside = instead.every(({ type }) => type === record.type && type !== 'CNAME' && type !== 'TXT');
    (mayStandBeside ? plan.create : plan.unclear).push(record);
  }
  return plan;
}

const plain = (name: string) => name.toLowerCase().replace(/\.$/, '');
const versionOf = ({ content }: DomainRecord) => /^"?v=([a-z]+)/i.exec(content)?.[1]?.toLowerCase();

/** Whether a record says what another one would: of the texts at a name, those of one kind. */
function isInPlaceOf(one: DomainRecord, other: DomainRecord): boolean {
  if (plain(one.name) !== plain(other.name)) return false;
  if (one.type === 'CNAME' || other.type === 'CNAME') return true;
  if (one.type !== other.type) return false;
  return one.type !== 'TXT' || versionOf(one) === versionOf(other);
}
