import type { DomainRecord } from '@berth/shared/domain/domain-record';
import { isBerthError } from '@berth/shared/errors/berth-error';
import type { Work } from '@berth/shared/runtime/reconciler';
import type { KnownZone } from '@berth/shared/store/zones';
import type { ZoneRecords } from './zone-access.ts';

/**
 * Makes the records in a zone of Cloudflare's, one after the other.
 * @returns those that Cloudflare refuses for good
 * @throws BerthError whatever else keeps it from being known: the next time begins with what is missing then
 */
export async function makeRecords(
  records: Pick<ZoneRecords, 'create'>,
  work: Work,
  zone: KnownZone,
  wanted: readonly DomainRecord[],
): Promise<DomainRecord[]> {
  const refused: DomainRecord[] = [];
  for (const record of wanted) {
    await work.lease.assert();
    try {
      await records.create(zone.cfZoneId, record, work.lease.signal);
    } catch (error) {
      if (!isBerthError(error, 'cloudflare.refused')) throw error;
      refused.push(record);
    }
  }
  return refused;
}
