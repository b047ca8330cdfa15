import { domainToASCII } from 'node:url';
import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';

interface Deps {
  /** `BERTH_RESERVED_DOMAINS` */
  names: readonly string[];
  /** `CF_ZONE_ID`: the shop's own zone, whose name only Cloudflare knows */
  zoneId: string | undefined;
  cloudflare: Cloudflare | undefined;
  clock: Clock;
  log: Log;
}

const RETRY_MS = 10_000;

/** The domains that no order may have, in ASCII. The zone's name is asked for until Cloudflare has said it. */
export function keepReserved({ names, zoneId, cloudflare, clock, log }: Deps): {
  names(): ReadonlySet<string>;
  stop(): void;
} {
  const reserved = new Set(names.map((name) => domainToASCII(name)));
  const stopped = new AbortController();

  async function learn(from: Cloudflare, zone_id: string): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        const call = { doing: `reading zone ${zone_id} of CF_ZONE_ID`, signal: stopped.signal };
        const zone = await from.call(call, (sdk, options) => sdk.zones.get({ zone_id }, options));
        reserved.add(zone.name);
        return;
      } catch (error) {
        if (stopped.signal.aborted) return;
        log.warn({ err: messageOf(error) }, 'the name of the zone CF_ZONE_ID is not known yet, trying again');
        await clock.wait(RETRY_MS, stopped.signal).catch(() => undefined);
      }
    }
  }

  if (cloudflare && zoneId) void learn(cloudflare, zoneId);
  return { names: () => reserved, stop: () => stopped.abort() };
}
