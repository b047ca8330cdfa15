import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { isRefusal, refusalOf } from '@berth/cloudflare/to-berth-error';
import { parseZonePlan } from '@berth/shared/domain/zone-plan';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { ErrorCode } from '@berth/shared/errors/catalogue';
import type { ObservedZone, ZoneStatus } from '@berth/shared/store/zones';
import type { Zone } from 'cloudflare/resources/zones/zones';
import { type CloudflareZones, ZONES_PER_PAGE } from '../reconcile/zone-access.ts';

interface Refused {
  codes: readonly number[];
  code: ErrorCode;
  retryAfterMs: number;
  say(name: string, code: number): string;
}

/** The error codes of POST /zones (Cloudflare's page on domains that can't be added) and what they mean here. */
const REFUSALS: readonly Refused[] = [
  {
    codes: [1061, 1428],
    code: 'zone.elsewhere',
    retryAfterMs: 600_000,
    say: (name) => `${name} is held in another Cloudflare account; remove it there`,
  },
  {
    codes: [1118],
    code: 'account.full',
    retryAfterMs: 300_000,
    say: (name) => `the Cloudflare account takes ${name} once some of its pending zones are active`,
  },
  {
    codes: [1049],
    code: 'domain.not-registered',
    retryAfterMs: 600_000,
    say: (name) => `${name} is not registered; register it, and it goes on by itself`,
  },
  {
    codes: [1002, 1093, 1097, 1099, 1116],
    code: 'domain.refused',
    retryAfterMs: 21_600_000,
    say: (name, code) => `Cloudflare does not take ${name} (its code ${code}); its support can tell why`,
  },
  {
    codes: [1105],
    code: 'cloudflare.refused',
    retryAfterMs: 10_800_000,
    say: (name) => `Cloudflare was asked for ${name} too often and takes it again in three hours`,
  },
];

/** Zones of the account, over Cloudflare's API. */
export function makeCloudflareZones(cloudflare: Cloudflare): CloudflareZones {
  const account = { id: cloudflare.accountId };

  async function find(name: string, signal: AbortSignal): Promise<ObservedZone | undefined> {
    const page = await cloudflare.call({ doing: `looking for zone ${name}`, signal }, (sdk, options) =>
      sdk.zones.list({ name, account }, options),
    );
    const zone = (page.result ?? []).find((one) => one.name === name);
    return zone && toObservedZone(zone);
  }

  return {
    find,
    async get({ cfZoneId, name }, signal) {
      try {
        const call = { doing: `reading zone ${cfZoneId}`, signal, kind: 'background' } as const;
        const zone = await cloudflare.call(call, (sdk, options) => sdk.zones.get({ zone_id: cfZoneId }, options));
        return toObservedZone(zone);
      } catch (error) {
        if (!isAbsence(error)) throw error;
        const named = await find(name, signal);
        return named?.cfZoneId === cfZoneId ? named : undefined;
      }
    },
    async create(name, signal) {
      const doing = `creating zone ${name}`;
      try {
        const zone = await cloudflare.call({ doing, signal }, (sdk, options) =>
          sdk.zones.create({ account, name, type: 'full' }, options),
        );
        return toObservedZone(zone);
      } catch (error) {
        throw toZoneError(error, name);
      }
    },
    async remove(cfZoneId, signal) {
      try {
        await cloudflare.call({ doing: `deleting zone ${cfZoneId}`, signal }, (sdk, options) =>
          sdk.zones.delete({ zone_id: cfZoneId }, options),
        );
      } catch (error) {
        if (!isAbsence(error)) throw error;
      }
    },
    async askForActivation(cfZoneId, signal) {
      const call = { doing: `asking for a look at zone ${cfZoneId}`, signal, kind: 'background' } as const;
      await cloudflare.call(call, (sdk, options) => sdk.zones.activationCheck.trigger({ zone_id: cfZoneId }, options));
    },
    async list(status, page, signal) {
      const call = { doing: `listing ${status} zones, page ${page}`, signal, kind: 'background' } as const;
      const answer = await cloudflare.call(call, (sdk, options) =>
        sdk.zones.list({ account, status, order: 'name', direction: 'asc', page, per_page: ZONES_PER_PAGE }, options),
      );
      const zones = (answer.result ?? []).map(toObservedZone);
      return { zones, full: zones.length === ZONES_PER_PAGE };
    },
  };
}

/** A zone that is gone answers 404, or 403 with 9109 as one that never was ours. */
function isAbsence(error: unknown): boolean {
  return refusalOf(error)?.status === 404 || (refusalOf(error)?.status === 403 && isRefusal(error, 9109));
}

function toZoneError(error: unknown, name: string): unknown {
  const refusal = refusalOf(error);
  if (!refusal) return error;
  for (const { codes, code, retryAfterMs, say } of REFUSALS) {
    const met = refusal.codes.find((one) => codes.includes(one));
    if (met !== undefined) return new BerthError(code, say(name, met), { cause: error, retryAfterMs });
  }
  // The permission to create zones is refused with code 0, so the status decides.
  if (refusal.status === 403) {
    const message = `the token may not create ${name}: it lacks Zone:Edit on all zones of the account`;
    return new BerthError('zone.create-forbidden', message, { cause: error, retryAfterMs: 300_000 });
  }
  return error;
}

function toObservedZone(zone: Zone): ObservedZone {
  const status = toStatus(zone.status);
  return {
    cfZoneId: zone.id,
    name: zone.name,
    status,
    nameServers: zone.name_servers ?? [],
    originalNameServers: zone.original_name_servers ?? [],
    plan: parseZonePlan(zone.plan?.legacy_id),
    everActive: status === 'active' || status === 'moved' || Boolean(zone.activated_on),
    createdAt: new Date(zone.created_on),
  };
}

function toStatus(status: string | undefined): ZoneStatus {
  if (status === 'active' || status === 'pending' || status === 'moved' || status === 'initializing') return status;
  return 'pending';
}
