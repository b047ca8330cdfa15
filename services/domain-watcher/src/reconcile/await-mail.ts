import type { FindMailRecords } from '@berth/edge/dns/find-mail-records';
import { type DomainRecord, isSameRecord } from '@berth/shared/domain/domain-record';
import { again, type Outcome } from '@berth/shared/domain/outcome';
import { isBerthError } from '@berth/shared/errors/berth-error';
import type { Work } from '@berth/shared/runtime/reconciler';
import type { Database } from '@berth/shared/store/database';
import { noteMail, noteMailUnanswered, type Takeover } from '@berth/shared/store/zone-takeovers';
import type { KnownZone } from '@berth/shared/store/zones';
import { makeRecords } from './make-records.ts';
import { planMail } from './plan-mail.ts';
import type { ZoneRecords } from './zone-access.ts';

interface Deps {
  db: Database;
  records: Pick<ZoneRecords, 'list' | 'create'>;
  findMailRecords: FindMailRecords;
  patienceMs: number;
}

const UNANSWERED_MS = 10_000;
const LOOK_AGAIN_MS = 300_000;

/**
 * Waits until the zone holds all that the present name servers say of the domain's mail: a scan tries common names only, and may be refused
 * or find nothing. What is missing is made.
 * @returns undefined once nothing is missing, or nobody could tell for long enough
 */
export async function awaitMail(
  { db, records, findMailRecords, patienceMs }: Deps,
  work: Work,
  zone: KnownZone,
  { found, mail, mailUnansweredMs }: Takeover,
): Promise<Outcome | undefined> {
  const { signal } = work.lease;
  const seen = await findMailRecords(zone.name, signal).catch((error: unknown) => {
    if (isBerthError(error, 'dns.unavailable')) return undefined;
    throw error;
  });
  if (!seen) {
    await noteMailUnanswered(db, zone.id);
    if (mailUnansweredMs >= patienceMs) return undefined;
    return again(Math.min(UNANSWERED_MS, patienceMs), 'CheckingMail', `nobody told yet how ${zone.name} gets its mail`);
  }
  const known = found ?? [];
  const isNew = seen.some((record) => !known.some((one) => isSameRecord(one, record)));
  const there = isNew ? await records.list(zone.cfZoneId, signal) : [];
  const plan = planMail({ seen, found: known, zone: there });
  const refused = await makeRecords(records, work, zone, plan.create);
  // What was made is looked at once more before anybody relies on it.
  if (plan.create.length > refused.length) {
    return again(0, 'TakingOverRecords', `what was found of the mail of ${zone.name} is taken over`);
  }
  const missing = [...plan.unclear, ...refused];
  const takesMail = mail !== 'taken-over' && seen.some(({ type }) => type === 'MX');
  await noteMail(db, zone.id, { missing, added: plan.there, ...(takesMail && { mail: 'taken-over' }) });
  return missing.length > 0 ? mailMissing(zone, missing) : undefined;
}

function mailMissing({ name }: KnownZone, missing: readonly DomainRecord[]): Outcome {
  const which = missing.map((record) => `${record.type} ${record.name} (${record.content})`).join(', ');
  const message = `the mail of ${name} needs these records, which are not in its zone at Cloudflare: ${which}; add them there, or what shall stand in their place, and the name servers are told`;
  return again(LOOK_AGAIN_MS, 'MailRecordsMissing', message);
}
