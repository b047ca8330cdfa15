import type { PoolClient } from 'pg';
import type { Database, Statement } from './database.ts';
import { insertDeliveries, type NewDelivery } from './deliveries.ts';
import { iso } from './iso-time.ts';
import { LASTS_FOR_SITE } from './maintenance-sql.ts';
import { TOLD_NAME_SERVERS } from './told-name-servers.ts';

/** An event of a site that nobody was told of yet, with what there is to say about the site. */
export interface NewsEvent {
  id: string;
  type: string;
  aspect: string | null;
  status: string | null;
  reason: string | null;
  message: string;
  data: Record<string, unknown>;
  at: string;
  siteId: string;
  siteKey: string;
  /** empty for a site that an operator made without an order */
  orderId: string;
  customer: string;
  customerName: string;
  customerEmail: string;
  /** whether the customer wishes to be written to */
  notify: boolean;
  language: 'de' | 'en';
  domain: string;
  domainUnicode: string;
  wasLive: boolean;
  wanted: 'running' | 'suspended' | 'deleted';
  release: number;
  nameServers: string[];
  /** why nobody minds: the maintenance that the site is in */
  maintenance: string | null;
  /** of a site that has recovered: when it went down */
  downSince: string | null;
}

/** An endpoint that is on, and what is sent there (all, when nothing is named). */
export interface Subscriber {
  id: string;
  eventTypes: string[];
}

/** $1 how many. Those that another process looks at are left to it. */
const take: Statement = {
  name: 'news-take',
  text: `with news as (
    select id from site_events where noticed_at is null and (type <> 'condition.changed' or status = 'false')
    order by created_at limit $1 for update skip locked
  )
  select e.id, e.type, e.aspect, e.status, e.reason, e.message, e.data, ${iso('e.created_at')} as at, s.id as "siteId",
    s.key as "siteKey", case when o.fingerprint <> '' then o.external_id else '' end as "orderId",
    cu.external_id as customer, cu.name as "customerName", cu.email as "customerEmail", cu.notify, cu.language, coalesce(s.domain, s.key) as domain,
    coalesce(s.domain_unicode, s.key) as "domainUnicode", s.live_at is not null as "wasLive",
    s.wanted, s.release, ${TOLD_NAME_SERVERS} as "nameServers",
    (select w.reason from maintenance_windows w where ${LASTS_FOR_SITE}
      limit 1) as maintenance,
    case when e.type = 'site.recovered' then (select ${iso('d.created_at')} from site_events d
      where d.site_id = e.site_id and d.seq < e.seq and d.type = 'site.down' order by d.seq desc limit 1) end as "downSince"
  from news join site_events e on e.id = news.id join sites s on s.id = e.site_id join orders o on o.id = s.order_id
    join customers cu on cu.id = s.customer_id left join zones z on z.id = s.zone_id
  order by e.created_at, e.site_id, e.seq`,
};

const markNoticed: Statement = {
  name: 'news-noticed',
  text: 'update site_events set noticed_at = now() where id = any($1::uuid[])',
};

const subscribers: Statement = {
  name: 'news-subscribers',
  text: `select id, event_types as "eventTypes" from webhook_endpoints where disabled_at is null and deleted_at is null`,
};

const subscribersOfCustomer: Statement = {
  name: 'news-subscribers-of-customer',
  text: `${subscribers.text} and exists (select from orders o join customers c on c.id = o.customer_id
    where c.external_id = $1 and o.fingerprint <> '')`,
};

/** Who is told of a customer: nobody of one that no order names. */
export function readSubscribersOf(client: PoolClient, customer: string): Promise<Subscriber[]> {
  return rows<Subscriber>(client, subscribersOfCustomer, [customer]);
}

/**
 * Turns news into deliveries: both, or nothing of it. Each event is turned once, whoever dies when.
 * @param plan who is told what of an event
 * @returns how many events were looked at
 */
export async function takeNews(
  db: Database,
  limit: number,
  plan: (event: NewsEvent, to: readonly Subscriber[]) => readonly NewDelivery[],
): Promise<number> {
  return db.transaction(async (client) => {
    const events = await rows<NewsEvent>(client, take, [limit]);
    if (events.length === 0) return 0;
    const to = await rows<Subscriber>(client, subscribers, []);
    await insertDeliveries(
      client,
      events.flatMap((event) => plan(event, to)),
    );
    await client.query({ ...markNoticed, values: [events.map((event) => event.id)] });
    return events.length;
  });
}

async function rows<Row extends object>(client: PoolClient, statement: Statement, values: unknown[]): Promise<Row[]> {
  return (await client.query<Row>({ ...statement, values })).rows;
}
