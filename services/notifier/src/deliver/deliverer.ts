import { messageOf } from '@berth/shared/errors/berth-error';
import type { Chance } from '@berth/shared/runtime/chance';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { Metrics } from '@berth/shared/runtime/metrics';
import { Semaphore } from '@berth/shared/runtime/semaphore';
import type { Database } from '@berth/shared/store/database';
import {
  type ClaimedDelivery,
  claimDeliveries,
  type DeliveryEnd,
  nextDeliveryMs,
  recordDelivery,
  releaseDelivery,
} from '@berth/shared/store/deliveries';
import type { Answer, Channel } from '../channels/channel.ts';
import type { Channels } from '../channels/registry.ts';
import { makeBusyPlaces } from './busy-places.ts';
import { judgeAnswer } from './judge-answer.ts';

export interface DelivererDeps {
  db: Database;
  channels: Partial<Channels>;
  clock: Clock;
  chance: Pick<Chance, 'random'>;
  log: Log;
  metrics?: Pick<Metrics, 'deliveries'> | undefined;
  owner: string;
  /** messages under way at once, to whatever places */
  concurrency?: number;
  leaseMs?: number;
  /** told when a try has ended, since its place is free again then */
  onEnd?(): void;
}

/** Sends what is due. */
export interface Deliverer {
  /** Begins to send what is due, as far as there is room. @returns the tries that were begun */
  begin(): Promise<Promise<void>[]>;
  /** @returns milliseconds until there is something to begin with; undefined when nothing is within `horizonMs` */
  nextMs(horizonMs: number): Promise<number | undefined>;
  /** Begins nothing new and waits for what is under way; past `timeoutMs` the rest is handed back. */
  drain(timeoutMs: number): Promise<void>;
}

const CONCURRENCY = 32;
/** Longer than any try may take, and the writing down of its end. */
const LEASE_MS = 60_000;
const RECORD_AGAIN_MS = 500;
const ABORT_GRACE_MS = 2000;

export function makeDeliverer(deps: DelivererDeps): Deliverer {
  const { db, channels, clock, chance, log, owner, concurrency = CONCURRENCY, leaseMs = LEASE_MS, onEnd } = deps;
  const permits = new Semaphore(concurrency);
  const busy = makeBusyPlaces(() => clock.monotonicMs());
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  let draining = false;

  // With a pause between two messages the second one waits for it.
  const atOnce = Object.fromEntries(
    Object.entries<Channel | undefined>(channels).map(([name, channel]) => [
      name,
      channel && channel.gapMs === 0 ? channel.atOnce : 1,
    ]),
  );

  const channelOf = (claimed: ClaimedDelivery): Channel | undefined =>
    (channels as Readonly<Record<string, Channel | undefined>>)[claimed.channel];

  async function attempt(claimed: ClaimedDelivery, untilMs: number): Promise<void> {
    const channel = channelOf(claimed);
    const place = `${claimed.channel} ${claimed.target}`;
    busy.begin(place, channel?.atOnce ?? 1);
    const startedMs = clock.monotonicMs();
    const answer = await ask(channel, claimed);
    const asked = answer?.kind === 'refused' ? (answer.retryAfterMs ?? 0) : 0;
    busy.end(place, Math.max(asked, channel?.gapMs ?? 0));
    if (!answer) return releaseDelivery(db, claimed);
    const end = judgeAnswer(answer, claimed.tries, channel?.retryMs ?? [], chance.random());
    const isRecorded = await record(claimed, end, untilMs);
    tell(claimed, end, { isRecorded, durationMs: Math.round(clock.monotonicMs() - startedMs) });
  }

  /** @returns undefined when the process stops before there was an answer */
  async function ask(channel: Channel | undefined, claimed: ClaimedDelivery): Promise<Answer | undefined> {
    if (!channel) return { kind: 'canceled', code: null, problem: `no channel ${claimed.channel} is set up` };
    try {
      return await channel.send(claimed, stopping.signal);
    } catch (error) {
      if (stopping.signal.aborted) return undefined;
      return { kind: 'refused', code: null, problem: messageOf(error) };
    }
  }

  /** What was answered is written down as soon as the database takes it: until the lease ends nobody else sends it. */
  async function record(claimed: ClaimedDelivery, end: DeliveryEnd, untilMs: number): Promise<boolean> {
    for (;;) {
      try {
        return await recordDelivery(db, claimed, end);
      } catch (error) {
        if (clock.monotonicMs() + RECORD_AGAIN_MS > untilMs) throw error;
        await clock.wait(RECORD_AGAIN_MS);
      }
    }
  }

  function tell(claimed: ClaimedDelivery, end: DeliveryEnd, more: { isRecorded: boolean; durationMs: number }): void {
    const { id: deliveryId, messageId, kind, channel, tries, siteKey, orderId } = claimed;
    deps.metrics?.deliveries.inc({ channel, result: end.state });
    const whose = siteKey === null ? {} : { siteKey, orderId };
    const fields = { ...whose, deliveryId, messageId, kind, channel, tries, code: end.code, ...more };
    if (end.state === 'delivered') log.info(fields, 'message delivered');
    else if (end.state === 'pending') log.warn({ ...fields, problem: end.error }, 'message not taken, trying again');
    else if (end.state === 'canceled') log.info({ ...fields, problem: end.error }, 'message not wanted any more');
    else log.error({ ...fields, problem: end.error }, 'message given up');
  }

  async function run(claimed: ClaimedDelivery, untilMs: number): Promise<void> {
    try {
      await attempt(claimed, untilMs);
    } catch (error) {
      // Its lease ends by itself, and then it is sent again, under the same id.
      log.error({ deliveryId: claimed.id, err: messageOf(error) }, 'end of a delivery could not be recorded');
    } finally {
      permits.release();
      onEnd?.();
    }
  }

  return {
    async begin() {
      let taken = 0;
      while (!draining && permits.tryAcquire()) taken += 1;
      if (taken === 0) return [];
      const untilMs = clock.monotonicMs() + leaseMs;
      let claimed: ClaimedDelivery[] = [];
      try {
        claimed = await claimDeliveries(db, {
          owner,
          leaseMs,
          limit: taken,
          room: { full: busy.full(), left: busy.left(), atOnce },
        });
      } finally {
        for (let unused = claimed.length; unused < taken; unused += 1) permits.release();
      }
      return claimed.map((one) => {
        const running = run(one, untilMs);
        underWay.add(running);
        void running.finally(() => underWay.delete(running));
        return running;
      });
    },
    async nextMs(horizonMs) {
      if (permits.free === 0) return undefined;
      return nextDeliveryMs(db, horizonMs, busy.full());
    },
    async drain(timeoutMs) {
      draining = true;
      const rest = () => Promise.allSettled(underWay);
      await within(clock, timeoutMs, rest());
      stopping.abort();
      await within(clock, ABORT_GRACE_MS, rest());
    },
  };
}

async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  const inTime = new AbortController();
  await Promise.race([work, clock.wait(ms, inTime.signal).catch(() => undefined)]);
  inTime.abort();
}
