import { attentionReasons } from '@berth/shared/domain/waiting-reasons';
import { tellIncidents } from '@berth/shared/store/alerts';
import { noteAttention } from '@berth/shared/store/attention';
import { remindOfNameServers, tellOutages } from '@berth/shared/store/customer-mail';
import type { Database } from '@berth/shared/store/database';
import { insertDeliveries } from '@berth/shared/store/deliveries';
import { findEndpointTroubles } from '@berth/shared/store/endpoint-troubles';
import { tellHostOutages } from '@berth/shared/store/host-outages';
import { takeNews } from '@berth/shared/store/news';
import { alertRules } from './alert-rules.ts';
import { planAlerts } from './plan-alerts.ts';
import { planNews } from './plan-news.ts';
import { OUTAGE_AFTER_MS, REMINDER_DAYS, tellCustomer, tellOutage, tellReminder } from './tell-customers.ts';
import { tellEndpoint } from './tell-endpoints.ts';
import { type OperatorPlace, tellOperators } from './tell-operators.ts';

export interface LookDeps {
  db: Database;
  operators: readonly OperatorPlace[];
  /** whether customers can be written to */
  mailsCustomers: boolean;
}

/** One kind of look at what there may be to tell. */
export interface Look {
  /** how often, without a hint */
  everyMs: number;
  /** @returns how much was found, and whether there is more to be looked at at once */
  look(): Promise<{ found: number; more: boolean }>;
}

const NEWS_AT_ONCE = 200;
const SECOND_MS = 1000;

/** All kinds of looks. Each goes by what stands in the database, in transactions of its own, and may be repeated at any time. */
export function makeLooks({ db, operators, mailsCustomers }: LookDeps) {
  return {
    news: {
      everyMs: SECOND_MS,
      async look() {
        const found = await takeNews(db, NEWS_AT_ONCE, (event, to) => [
          ...planNews(event, to),
          ...(mailsCustomers ? tellCustomer(event) : []),
        ]);
        return { found, more: found === NEWS_AT_ONCE };
      },
    },
    attention: {
      everyMs: 10 * SECOND_MS,
      look: async () => ({
        found: await noteAttention(db, attentionReasons, alertRules.attentionAfterMs),
        more: false,
      }),
    },
    outages: {
      everyMs: 10 * SECOND_MS,
      async look() {
        const found = mailsCustomers ? await tellOutages(db, OUTAGE_AFTER_MS, tellOutage) : 0;
        return { found: found ?? 0, more: false };
      },
    },
    hosts: {
      everyMs: 5 * SECOND_MS,
      look: async () => ({ found: (await tellHostOutages(db, alertRules.holdMs)) ?? 0, more: false }),
    },
    endpoints: {
      everyMs: 30 * SECOND_MS,
      async look() {
        const troubles = await findEndpointTroubles(db);
        const told = troubles.flatMap((trouble) => tellEndpoint(trouble, operators));
        return { found: await insertDeliveries(db.pool, told), more: false };
      },
    },
    reminders: {
      everyMs: 300 * SECOND_MS,
      async look() {
        const found = mailsCustomers ? await remindOfNameServers(db, REMINDER_DAYS, tellReminder) : 0;
        return { found, more: false };
      },
    },
    incidents: {
      everyMs: 2 * SECOND_MS,
      async look() {
        const tell = (alert: Parameters<typeof tellOperators>[0]) => tellOperators(alert, operators);
        const found = (await tellIncidents(db, alertRules.flapsWithinMs, planAlerts, tell)) ?? 0;
        return { found, more: false };
      },
    },
  } satisfies Record<string, Look>;
}
