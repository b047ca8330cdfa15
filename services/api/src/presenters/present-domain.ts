import type { DomainCheck, DsFinding, SiteDomain } from '@berth/contract/domain';
import { type DelegationState, judgeDelegation } from '@berth/shared/domain/delegation';
import { type DomainRecord, isSameRecord, purposeOf } from '@berth/shared/domain/domain-record';
import type { DomainFinding, DomainStanding } from '@berth/shared/store/domain-checks';

/** How a domain stands, with what its parent said when it was last asked. */
export function presentDomain(standing: DomainStanding): SiteDomain {
  const { siteKey, domain, domainUnicode, zoneStatus, activeAt, nameServers, reason, message } = standing;
  return {
    site: siteKey,
    domain,
    domainUnicode,
    zone: zoneStatus === null ? 'missing' : zoneStatus === 'initializing' ? 'pending' : zoneStatus,
    activeAt,
    nameServers: { state: nameServers.length > 0 ? 'told' : 'withheld', names: nameServers, reason, message },
    mail: presentMail(standing),
    records: presentRecords(standing),
    lastCheck: standing.finding && presentCheck(standing),
  };
}

function presentMail({ domain, mail, takeover, zoneStatus, nameServers }: DomainStanding): SiteDomain['mail'] {
  const looked = takeover !== null || (zoneStatus !== 'active' && nameServers.length === 0);
  const isMissing = (takeover?.missing.length ?? 0) > 0;
  const status = isMissing ? 'missing' : (mail ?? (looked ? 'checking' : 'not-looked'));
  const found = takeover?.found ?? [];
  const records = found.filter((record) => purposeOf(record, domain, found) === 'mail').length;
  return { status, message: mailSentences[status](domain), records };
}

const mailSentences: Record<SiteDomain['mail']['status'], (domain: string) => string> = {
  checking: (domain) => `what the present provider of ${domain} knows of its mail is being taken over`,
  'taken-over': (domain) => `the mail records of ${domain} are at Cloudflare: mail goes on after the switch`,
  missing: (domain) =>
    `records that the mail of ${domain} needs are not at Cloudflare yet: the name servers are told once they are`,
  'none-found': (domain) => `${domain} has no mail at its present provider`,
  unknown: (domain) =>
    `nothing was found at the present provider of ${domain}: if it has e-mail, its records must be at Cloudflare before the name servers are changed`,
  'not-looked': (domain) => `${domain} was at Cloudflare before; its records are as they were`,
};

function presentRecords({ domain, takeover }: DomainStanding): SiteDomain['records'] {
  const { found, refused, missing, ended } = takeover ?? { found: [], refused: [], missing: [], ended: false };
  const stateOf = (record: DomainRecord) =>
    refused.some((one) => isSameRecord(one, record)) ? 'refused' : ended ? 'taken-over' : 'to-come';
  const present = (record: DomainRecord, state: SiteDomain['records'][number]['state']) => ({
    type: record.type,
    name: record.name,
    content: record.content,
    priority: record.priority ?? null,
    purpose: purposeOf(record, domain, [...missing, ...found]),
    state,
  });
  return [
    ...missing.map((record) => present(record, 'missing')),
    ...found.map((record) => present(record, stateOf(record))),
  ];
}

/** @throws when the domain was never checked */
export function presentCheck(standing: DomainStanding): DomainCheck {
  const { siteKey, domain, nameServers: expected, finding, checkedAt } = standing;
  if (!finding || checkedAt === null) throw new Error(`${domain} was not checked yet`);
  const found = finding.nameServers;
  const status = judgeDelegation({ registered: finding.registered, found, expected });
  return {
    site: siteKey,
    domain,
    status,
    message: sentences[status](domain, expected, found),
    found,
    expected,
    parent: finding.parent,
    ds: presentDs(domain, finding.ds, standing.zoneStatus === 'active'),
    checkedAt,
  };
}

type Say = (domain: string, expected: readonly string[], found: readonly string[]) => string;

const sentences: Record<DelegationState, Say> = {
  set: (domain) => `the name servers of ${domain} are set; Cloudflare looks for itself, which can take some hours`,
  'partly-set': (domain, expected, found) =>
    `${domain} has the name servers ${found.join(', ')}, and must have ${expected.join(' and ')} and no others`,
  'not-set': (domain, expected, found) =>
    `${domain} has ${found.length > 0 ? `the name servers ${found.join(', ')}` : 'no name servers'}; set ${expected.join(' and ')} at its registrar`,
  'not-registered': (domain) => `${domain} is not registered`,
  withheld: (domain) =>
    `the name servers of ${domain} must not be changed yet; which ones to set is told when it's time`,
  unknown: (domain) => `the name servers above ${domain} did not answer in time; try again in a moment`,
};

/** @param active Cloudflare answers for the domain, so whatever its parent says of keys works */
function presentDs(domain: string, ds: DomainFinding['ds'], active: boolean): DsFinding {
  if (ds === null) return { status: 'unknown', records: [], message: `nobody told whether ${domain} is signed` };
  if (ds.length === 0) return { status: 'absent', records: [], message: `${domain} is not signed (DNSSEC is off)` };
  if (active) return { status: 'in-use', records: ds, message: `${domain} is signed (DNSSEC is on)` };
  const message = `${domain} is signed by its present provider: switch DNSSEC off at the registrar (remove the DS record) before the name servers are changed, or many will not find the domain any more`;
  return { status: 'must-be-removed', records: ds, message };
}
