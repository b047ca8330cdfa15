import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { makeAccountRounds } from '@berth/shared/store/account-rounds';
import type { Database } from '@berth/shared/store/database';
import { lookAgainAtLogpush } from '@berth/shared/store/zone-logpush';
import { makeCloudflareLogpush } from '../adapters/cloudflare-logpush.ts';
import type { DomainWatcherConfig } from '../config.ts';
import { type KeepReading, keepReading } from '../traffic/keep-reading.ts';
import { keepLogpush } from './keep-logpush.ts';
import { fieldsOf } from './plan-logpush.ts';
import type { LogpushTarget } from './reconcile-logpush.ts';

const ROUND_MS = 30_000;

type Common = Omit<KeepReading, 'what' | 'read' | 'readings' | 'everyMs' | 'ready'> & { db: Database };

/** Starts keeping the Logpush jobs of an account's zones; without a destination it only takes away what is ours. @returns stops it */
export async function startLogpush(
  config: DomainWatcherConfig,
  common: Common,
  cloudflare: Cloudflare,
): Promise<() => Promise<void>> {
  const { db, accountId } = common;
  const readings = makeAccountRounds(db, accountId, 'logpush');
  const deps = { ...common, readings, logpush: makeCloudflareLogpush(cloudflare), target: targetOf(config) };
  let isFresh = true;
  return keepReading({
    ...common,
    what: 'logpush',
    readings,
    async read(signal) {
      if (isFresh) await lookAgainAtLogpush(db, accountId);
      isFresh = false;
      return keepLogpush(deps, signal);
    },
    everyMs: ROUND_MS,
    ready: Promise.resolve(),
  });
}

function targetOf({
  LOGPUSH_DESTINATION,
  LOGPUSH_OWNERSHIP_CHALLENGE,
  LOGPUSH_CLIENT_IP,
}: DomainWatcherConfig): LogpushTarget | null {
  if (!LOGPUSH_DESTINATION) return null;
  return {
    destination: LOGPUSH_DESTINATION.reveal(),
    challenge: LOGPUSH_OWNERSHIP_CHALLENGE?.reveal().trim(),
    fields: fieldsOf(LOGPUSH_CLIENT_IP === 'yes'),
  };
}
