import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { isRefusal, refusalOf } from '@berth/cloudflare/to-berth-error';
import { BerthError } from '@berth/shared/errors/berth-error';
import { z } from 'zod';
import type { CloudflareLogpush, LogpushJob, WantedJob } from '../logpush/logpush-access.ts';
import { DATASET, TIMESTAMPS } from '../logpush/plan-logpush.ts';

/** More jobs than the plan has: below Enterprise the first one is one too many. */
const JOBS_EXCEEDED = 1004;

const job = z.object({
  id: z.number(),
  name: z.string().nullish(),
  dataset: z.string().nullish(),
  enabled: z.boolean().nullish(),
  destination_conf: z.string().nullish(),
  output_options: z
    .object({ field_names: z.array(z.string()).nullish(), timestamp_format: z.string().nullish() })
    .nullish(),
});

/** The Logpush jobs of zones, at Cloudflare. */
export function makeCloudflareLogpush(cloudflare: Cloudflare): CloudflareLogpush {
  const of = (doing: string, signal: AbortSignal) => ({ doing, signal, kind: 'background' as const });
  return {
    async list(zone_id, signal) {
      const page = await cloudflare.call(of(`listing the Logpush jobs of zone ${zone_id}`, signal), (sdk, options) =>
        sdk.logpush.jobs.list({ zone_id }, options),
      );
      const jobs = z.array(job).safeParse(page.result);
      if (!jobs.success) {
        const message = `listing the Logpush jobs of zone ${zone_id}: an answer of another shape`;
        throw new BerthError('cloudflare.unavailable', message, { cause: jobs.error });
      }
      return jobs.data.map(toJob);
    },
    async create(zone_id, name, wanted, signal) {
      try {
        await cloudflare.call(of(`making a Logpush job of zone ${zone_id}`, signal), (sdk, options) =>
          sdk.logpush.jobs.create({ zone_id, name, dataset: DATASET, ...toBody(wanted) }, options),
        );
        return 'made';
      } catch (error) {
        if (refusalOf(error)?.status === 403 && isRefusal(error, JOBS_EXCEEDED)) return 'not-in-plan';
        throw error;
      }
    },
    async update(zone_id, id, wanted, signal) {
      await cloudflare.call(of(`changing Logpush job ${id} of zone ${zone_id}`, signal), (sdk, options) =>
        sdk.logpush.jobs.update(id, { zone_id, ...toBody(wanted) }, options),
      );
    },
    async remove(zone_id, id, signal) {
      try {
        await cloudflare.call(of(`deleting Logpush job ${id} of zone ${zone_id}`, signal), (sdk, options) =>
          sdk.logpush.jobs.delete(id, { zone_id }, options),
        );
      } catch (error) {
        if (refusalOf(error)?.status !== 404) throw error;
      }
    },
    async challenge(zone_id, destination_conf, signal) {
      const { filename } = await cloudflare.call(
        of('asking for a challenge at a destination', signal),
        (sdk, options) => sdk.logpush.ownership.create({ zone_id, destination_conf }, options),
      );
      return filename ?? '';
    },
    async validate(zone_id, destination_conf, ownership_challenge, signal) {
      const { valid } = await cloudflare.call(of('showing whose a destination is', signal), (sdk, options) =>
        sdk.logpush.ownership.validate({ zone_id, destination_conf, ownership_challenge }, options),
      );
      return valid === true;
    },
  };
}

function toBody({ destination, fields, challenge }: WantedJob) {
  return {
    destination_conf: destination,
    enabled: true,
    output_options: { field_names: [...fields], output_type: 'ndjson' as const, timestamp_format: TIMESTAMPS },
    ...(challenge !== undefined && { ownership_challenge: challenge }),
  };
}

function toJob({ id, name, dataset, enabled, destination_conf, output_options }: z.output<typeof job>): LogpushJob {
  return {
    id,
    name: name ?? '',
    dataset: dataset ?? '',
    isEnabled: enabled ?? false,
    destination: destination_conf ?? '',
    fields: output_options?.field_names ?? [],
    timestamps: output_options?.timestamp_format ?? '',
  };
}
