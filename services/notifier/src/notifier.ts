import { makeTimer } from '@berth/shared/runtime/timer';
import { tellIncidents } from '@berth/shared/store/alerts';
import { takeNews } from '@berth/shared/store/news';
import { type DelivererDeps, makeDeliverer } from './deliver/deliverer.ts';
import { alertRules } from './reconcile/alert-rules.ts';
import { planAlerts } from './reconcile/plan-alerts.ts';
import { planNews } from './reconcile/plan-news.ts';
import { type OperatorPlace, tellOperators } from './reconcile/tell-operators.ts';

/** The notifier's rounds: what is there to tell, and what is due to be sent. */
export interface Notifier {
  start(): void;
  /** Does all that there is to do now, until nothing is; for tests and single steps. */
  settle(): Promise<void>;
  /** Looks soon: something may be there. */
  look(): void;
  drain(timeoutMs: number): Promise<void>;
}

/** Without a hint news are found within this time. */
const LOOK_MS = 1000;
const NEWS_AT_ONCE = 200;

type Round = 'news' | 'incidents' | 'deliveries';

interface NotifierDeps extends Omit<DelivererDeps, 'onEnd'> {
  operators: readonly OperatorPlace[];
}

/** Makes the notifier; nothing runs before `start` or `settle`. */
export function makeNotifier(deps: NotifierDeps): Notifier {
  const { db, clock, log, operators } = deps;
  const deliverer = makeDeliverer({ ...deps, onEnd: () => timer.expectIn(0) });
  const lookAtNews = () => takeNews(db, NEWS_AT_ONCE, planNews);
  const lookAtIncidents = async () =>
    (await tellIncidents(db, alertRules.flapsWithinMs, planAlerts, (alert) => tellOperators(alert, operators))) ?? 0;

  const rounds: Record<
    Round,
    { take(): Promise<{ more: boolean }>; nextMs(horizonMs: number): Promise<number | undefined> }
  > = {
    news: {
      take: async () => ({ more: (await lookAtNews()) === NEWS_AT_ONCE }),
      nextMs: async () => LOOK_MS,
    },
    incidents: {
      take: async () => ({ more: (await lookAtIncidents()) > 0 }),
      nextMs: async () => LOOK_MS,
    },
    deliveries: {
      take: async () => ({ more: (await deliverer.begin()).length > 0 }),
      nextMs: (horizonMs) => deliverer.nextMs(horizonMs),
    },
  };
  const timer = makeTimer({
    clock,
    log,
    queues: ['news', 'incidents', 'deliveries'] satisfies Round[],
    nextDueMs: (round, horizonMs) => rounds[round as Round].nextMs(horizonMs),
    takeDue: (round) => rounds[round as Round].take(),
    // each round minds its own room
    permits: { free: 1 },
  });

  return {
    start: () => timer.start(),
    look: () => timer.expectIn(0),
    async settle() {
      for (;;) {
        const news = (await lookAtNews()) + (await lookAtIncidents());
        const begun = await deliverer.begin();
        await Promise.all(begun);
        if (news === 0 && begun.length === 0) return;
      }
    },
    async drain(timeoutMs) {
      timer.stop();
      await deliverer.drain(timeoutMs);
    },
  };
}
