/** A DNS record of a domain, as it is taken over from its former provider. */
export interface DomainRecord {
  type: string;
  name: string;
  content: string;
  ttl: number;
  priority?: number;
  /** the parts of types that have them (SRV, CAA) */
  data?: unknown;
}

/** What a record is for: mail first of all, since nobody sees at once when that is lost. */
export type RecordPurpose = 'mail' | 'web' | 'other';

/** What is known of a domain's mail after the take-over. `unknown`: nothing was found, or nobody could look. */
export type MailSafety = 'taken-over' | 'none-found' | 'unknown';

/** First labels (below the domain) whose records mail needs, beside those that the MX records name. */
const MAIL_LABELS =
  /^(mail|smtp|imap|pop|pop3|webmail|mx\d*|autodiscover|autoconfig|mta-sts|_mta-sts|_dmarc|_smtp|_tls|_submissions?|_imaps?|_pop3s?|_autodiscover)$/;

const plain = (name: string) => name.toLowerCase().replace(/\.$/, '');
const unquoted = (content: string) => content.replaceAll(/^"|"$/g, '').replaceAll('" "', '');

/** @param all the domain's records: what its MX records lead to belongs to mail */
export function purposeOf(record: DomainRecord, domain: string, all: readonly DomainRecord[]): RecordPurpose {
  const { type, name, content } = record;
  if (type === 'MX') return 'mail';
  const labels = plain(name)
    .slice(0, -domain.length - 1)
    .split('.');
  if (type === 'TXT' && /^v=(spf1|dmarc1|dkim1|stsv1|tlsrptv1)\b/i.test(unquoted(content))) return 'mail';
  if (labels.includes('_domainkey') || MAIL_LABELS.test(labels[0] ?? '')) return 'mail';
  const isHost = type === 'A' || type === 'AAAA' || type === 'CNAME';
  if (isHost && isServing(name, domain)) return 'web';
  const isMailHost = all.some((one) => one.type === 'MX' && plain(one.content) === plain(name));
  return isHost && isMailHost ? 'mail' : 'other';
}

/** The names that a site is served at: its route replaces what is there, and gives it back when the site leaves. */
function isServing(name: string, domain: string): boolean {
  return plain(name) === domain || plain(name) === `www.${domain}`;
}

/**
 * The records to take over, those for mail first. Left out is what names the former provider's own servers and keys: they would be wrong
 * in a zone at Cloudflare.
 */
export function recordsToTakeOver(found: readonly DomainRecord[], domain: string): DomainRecord[] {
  const order: readonly RecordPurpose[] = ['mail', 'web', 'other'];
  const kept = found.filter(({ type, name }) => {
    if (['SOA', 'DS', 'DNSKEY', 'CDS', 'CDNSKEY', 'RRSIG', 'NSEC'].includes(type)) return false;
    return type !== 'NS' || plain(name) !== domain;
  });
  const rank = (record: DomainRecord) => order.indexOf(purposeOf(record, domain, kept));
  return [...kept].sort((a, b) => rank(a) - rank(b));
}

/** Whether two records say the same; how long that may be remembered doesn't count. */
export function isSameRecord(a: DomainRecord, b: DomainRecord): boolean {
  const says = (record: DomainRecord) =>
    record.type === 'TXT' ? unquoted(record.content) : plain(record.content).replaceAll(/\s+/g, ' ');
  return a.type === b.type && plain(a.name) === plain(b.name) && says(a) === says(b);
}

/** What is known of a domain's mail by what was found of it. */
export function mailSafetyOf(found: readonly DomainRecord[]): MailSafety {
  if (found.length === 0) return 'unknown';
  return found.some(({ type }) => type === 'MX') ? 'taken-over' : 'none-found';
}
