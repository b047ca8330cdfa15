import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { isRefusal } from '@berth/cloudflare/to-berth-error';
import type { DomainRecord } from '@berth/shared/domain/domain-record';
import type { RecordCreateParams, RecordResponse, RecordScanReviewParams } from 'cloudflare/resources/dns/records';
import type { ZoneRecords } from '../reconcile/zone-access.ts';

const PER_PAGE = 1000;
/** "The record already exists", "An identical record already exists". */
const EXISTS = [81_057, 81_058];

/** The scan of a zone's former name servers, and the zone's records, over Cloudflare's API. */
export function makeCloudflareScans(cloudflare: Cloudflare): ZoneRecords {
  return {
    async scan(cfZoneId, signal) {
      await cloudflare.call({ doing: `scanning for records of zone ${cfZoneId}`, signal }, (sdk, options) =>
        sdk.dns.records.scanTrigger({ zone_id: cfZoneId }, options),
      );
    },
    async listFound(cfZoneId, signal) {
      const page = await cloudflare.call(
        { doing: `reading what a scan of ${cfZoneId} found`, signal },
        (sdk, options) => sdk.dns.records.scanList({ zone_id: cfZoneId }, options),
      );
      return (page.result ?? []).map(toDomainRecord);
    },
    async accept(cfZoneId, records, signal) {
      const params = {
        zone_id: cfZoneId,
        accepts: records.map(toBody),
        rejects: [],
      } as unknown as RecordScanReviewParams;
      const answer = await cloudflare.call(
        { doing: `accepting found records of ${cfZoneId}`, signal },
        (sdk, options) => sdk.dns.records.scanReview(params, options),
      );
      return (answer.accepts ?? []).map(toDomainRecord);
    },
    async list(cfZoneId, signal) {
      const all: DomainRecord[] = [];
      for (let page = 1; ; page += 1) {
        const answer = await cloudflare.call({ doing: `listing records of zone ${cfZoneId}`, signal }, (sdk, options) =>
          sdk.dns.records.list({ zone_id: cfZoneId, page, per_page: PER_PAGE }, options),
        );
        const found = answer.result ?? [];
        all.push(...found.map(toDomainRecord));
        if (found.length < PER_PAGE) return all;
      }
    },
    async create(cfZoneId, record, signal) {
      const params = { zone_id: cfZoneId, ...toBody(record) } as unknown as RecordCreateParams;
      try {
        await cloudflare.call({ doing: `making ${record.type} ${record.name}`, signal }, (sdk, options) =>
          sdk.dns.records.create(params, options),
        );
      } catch (error) {
        if (!isRefusal(error, ...EXISTS)) throw error;
      }
    },
  };
}

function toDomainRecord(record: RecordResponse): DomainRecord {
  const { type, name, ttl } = record;
  const data = 'data' in record && record.data && typeof record.data === 'object' ? record.data : undefined;
  const priority = 'priority' in record && typeof record.priority === 'number' ? record.priority : undefined;
  return {
    type,
    name: name.toLowerCase(),
    content: record.content ?? '',
    ttl,
    ...(priority !== undefined && { priority }),
    ...(data && Object.keys(data).length > 0 && { data }),
  };
}

/** Seen by all of the world as it was: past Cloudflare's proxy. */
function toBody({ type, name, content, ttl, priority, data }: DomainRecord) {
  return {
    type,
    name,
    ttl: ttl === 1 ? 1 : Math.min(Math.max(ttl, 60), 86_400),
    proxied: false,
    ...(data === undefined ? { content } : { data }),
    ...(priority !== undefined && { priority }),
  };
}
