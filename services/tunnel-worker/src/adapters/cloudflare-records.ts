import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { isRefusal, refusalOf } from '@berth/cloudflare/to-berth-error';
import type { RecordBatchParams, RecordResponse } from 'cloudflare/resources/dns/records';
import type { ObservedRecord, Records } from '../reconcile/route-access.ts';

const PER_PAGE = 1000;

/** DNS records of a zone, over Cloudflare's API. */
export function makeCloudflareRecords(cloudflare: Cloudflare): Records {
  return {
    async list(cfZoneId, signal) {
      const records: ObservedRecord[] = [];
      for (let page = 1; ; page += 1) {
        const found = await listPage(cloudflare, cfZoneId, page, signal);
        if (!found) return undefined;
        records.push(...found.map(toObservedRecord));
        if (found.length < PER_PAGE) return records;
      }
    },
    async change(cfZoneId, { deletes, patches, posts }, signal) {
      const params = {
        zone_id: cfZoneId,
        ...(deletes.length > 0 && { deletes: deletes.map((id) => ({ id })) }),
        ...(patches.length > 0 && { patches }),
        ...(posts.length > 0 && {
          posts: posts.map(({ comment, ...post }) => (comment ? { ...post, comment } : post)),
        }),
      } as unknown as RecordBatchParams;
      const answer = await cloudflare.call({ doing: `changing records of zone ${cfZoneId}`, signal }, (sdk, options) =>
        sdk.dns.records.batch(params, options),
      );
      return [...(answer.posts ?? []), ...(answer.patches ?? [])].map(({ id, name }) => ({ id, name }));
    },
  };
}

async function listPage(
  cloudflare: Cloudflare,
  cfZoneId: string,
  page: number,
  signal: AbortSignal,
): Promise<RecordResponse[] | undefined> {
  try {
    const answer = await cloudflare.call({ doing: `listing records of zone ${cfZoneId}`, signal }, (sdk, options) =>
      sdk.dns.records.list({ zone_id: cfZoneId, page, per_page: PER_PAGE }, options),
    );
    return answer.result ?? [];
  } catch (error) {
    const status = refusalOf(error)?.status;
    if (status === 404 || (status === 403 && isRefusal(error, 9109))) return undefined;
    throw error;
  }
}

function toObservedRecord(record: RecordResponse): ObservedRecord {
  const tags = record.tags ?? [];
  const settings = Object.entries(record.settings ?? {}).filter(([, on]) => on === true);
  return {
    id: record.id,
    type: record.type,
    name: record.name.toLowerCase(),
    content: record.content ?? '',
    proxied: record.proxied ?? false,
    ttl: record.ttl,
    comment: record.comment ?? null,
    ...(tags.length > 0 && { tags }),
    ...(settings.length > 0 && { settings: Object.fromEntries(settings) }),
  };
}
