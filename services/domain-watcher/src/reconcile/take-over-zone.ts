import type { FindDelegation } from '@berth/edge/dns/find-delegation';
import type { FindMailRecords } from '@berth/edge/dns/find-mail-records';
import {
  type DomainRecord,
  isSameRecord,
  mailSafetyOf,
  purposeOf,
  recordsToTakeOver,
} from '@berth/shared/domain/domain-record';
import { again, type Outcome } from '@berth/shared/domain/outcome';
import { isBerthError } from '@berth/shared/errors/berth-error';
import type { Work } from '@berth/shared/runtime/reconciler';
import type { Database } from '@berth/shared/store/database';
import { tellOnce } from '@berth/shared/store/site-events';
import { endTakeover, noteFound, noteScan, openTakeover, tellNameServers } from '@berth/shared/store/zone-takeovers';
import type { KnownZone } from '@berth/shared/store/zones';
import { awaitMail } from './await-mail.ts';
import { awaitUnsigned } from './await-unsigned.ts';
import { makeRecords } from './make-records.ts';
import { planTakeover } from './plan-takeover.ts';
import type { ZoneRecords } from './zone-access.ts';

export interface TakeoverDeps {
  db: Database;
  records: ZoneRecords;
  findDelegation: FindDelegation;
  findMailRecords: FindMailRecords;
  /** how long Cloudflare's scan is given */
  scanMs: number;
  /** for how long name servers may not answer before the name servers are told all the same */
  patienceMs: number;
}

const REFUSED_AGAIN_MS = 600_000;

/**
 * Takes over what a pending zone's former name servers know, and waits until all that they say of its mail is there and the domain isn't
 * signed any more (ADR 0014).
 * @returns undefined once the customer may be told the name servers
 */
export async function takeOverZone(deps: TakeoverDeps, work: Work, zone: KnownZone): Promise<Outcome | undefined> {
  const { db, records, scanMs } = deps;
  const { signal } = work.lease;
  const takeover = await openTakeover(db, zone.id);
  const step = planTakeover(takeover, scanMs);
  switch (step.kind) {
    case 'scan':
      return scan(deps, work, zone);
    case 'wait':
      return scanning(zone, step.ms);
    case 'look': {
      const found = recordsToTakeOver(await records.listFound(zone.cfZoneId, signal), zone.name);
      if (found.length > 0) await noteFound(db, zone.id, found);
      else if (!step.last) return scanning(zone, step.againMs);
      else await endWithoutFinds(deps, work, zone);
      return again(0, 'TakingOverRecords', `what was found of ${zone.name} is taken over`);
    }
    case 'accept':
      return accept(deps, work, zone, step.records);
    case 'ask': {
      // Both are asked each time, so that what both need takes no longer than one of them.
      const mail = await awaitMail(deps, work, zone, takeover);
      const waiting = (await awaitUnsigned(deps, work, zone, takeover)) ?? mail;
      if (!waiting) await tellNameServers(db, zone.id);
      return waiting;
    }
  }
}

function scanning({ name }: KnownZone, ms: number): Outcome {
  return again(ms, 'ScanningRecords', `what the present name servers of ${name} know is looked for, its mail first`);
}

/** Asking twice does no harm, so it's written down afterwards. A scan that is refused for good leaves things unknown. */
async function scan({ db, records, scanMs }: TakeoverDeps, work: Work, zone: KnownZone): Promise<Outcome> {
  await work.lease.assert();
  try {
    await records.scan(zone.cfZoneId, work.lease.signal);
  } catch (error) {
    if (!isBerthError(error, 'cloudflare.refused')) throw error;
    work.log.warn({ zone: zone.name, err: error.message }, 'zone cannot be scanned, its mail stays unknown');
    await endTakeover(db, zone.id, { mail: 'unknown' });
    return scanning(zone, 0);
  }
  await noteScan(db, zone.id);
  return scanning(zone, scanMs / 2);
}

/** A zone that was there before may hold all already, and then a scan finds nothing that is missing. */
async function endWithoutFinds({ db, records }: TakeoverDeps, work: Work, zone: KnownZone): Promise<void> {
  const there = zone.madeByUs ? [] : await records.list(zone.cfZoneId, work.lease.signal);
  const mail = mailSafetyOf(there);
  await endTakeover(db, zone.id, { mail });
  if (mail !== 'unknown') return;
  await tellOnce(db, work.siteId, {
    type: 'zone.mail-unknown',
    aspect: 'zone',
    reason: 'MailSafetyUnknown',
    message: `nothing was found at the present name servers of ${zone.name}: whether its mail goes on after the switch is not known`,
    causeId: work.causeId,
  });
}

/** What was accepted once is refused the second time: then each that is missing is made, those for mail first. */
async function accept(
  deps: TakeoverDeps,
  work: Work,
  zone: KnownZone,
  wanted: readonly DomainRecord[],
): Promise<Outcome> {
  const { db, records } = deps;
  const { signal } = work.lease;
  await work.lease.assert();
  const accepted = await records.accept(zone.cfZoneId, wanted, signal).catch((error: unknown) => {
    if (isBerthError(error, 'cloudflare.refused')) return [];
    throw error;
  });
  const missingIn = (there: readonly DomainRecord[]) =>
    wanted.filter((record) => !there.some((one) => isSameRecord(one, record)));
  const missing = missingIn(accepted).length === 0 ? [] : missingIn(await records.list(zone.cfZoneId, signal));
  const refused = await makeRecords(records, work, zone, missing);
  const lost = refused.filter((record) => purposeOf(record, zone.name, wanted) === 'mail');
  if (lost.length > 0) return mailRefused(zone, lost);
  await endTakeover(db, zone.id, { mail: mailSafetyOf(wanted), refused });
  await tellOnce(db, work.siteId, {
    type: 'zone.records-taken-over',
    aspect: 'zone',
    reason: 'RecordsTakenOver',
    message: `${wanted.length - refused.length} records of the present provider of ${zone.name} are in the zone`,
    data: { records: wanted.length - refused.length, refused: refused.length },
    causeId: work.causeId,
  });
  return again(0, 'RecordsTakenOver', `what was found of ${zone.name} is in the zone`);
}

function mailRefused({ name }: KnownZone, records: readonly DomainRecord[]): Outcome {
  const which = records.map((record) => `${record.type} ${record.name}`).join(', ');
  const message = `Cloudflare does not take these records of ${name}, which its mail needs: ${which}; add them by hand`;
  return again(REFUSED_AGAIN_MS, 'MailRecordsRefused', message);
}
