import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';

/** Something about a webhook endpoint that an operator should know. */
export interface EndpointTrouble {
  /** `off`: it switched itself off; `failing`: messages to it were given up */
  kind: 'off' | 'failing';
  endpointId: string;
  url: string;
  description: string;
  why: string;
  /** when it switched itself off; of messages that were given up the last one's time */
  at: string;
  /** messages that were given up within the last day */
  givenUp: number;
}

const troubles: Statement = {
  name: 'endpoint-troubles',
  text: `select 'off' as kind, e.id as "endpointId", e.url, e.description, e.disabled_reason as why, ${iso('e.disabled_at')} as at, 0 as "givenUp"
  from webhook_endpoints e where e.deleted_at is null and e.disabled_at > now() - interval '1 day' and e.disabled_reason <> 'switched off'
  union all
  select 'failing', e.id, e.url, e.description, (array_agg(d.error order by d.finished_at desc, d.id desc))[1], ${iso('max(d.finished_at)')}, count(*)::int
  from deliveries d join webhook_endpoints e on e.id::text = d.target and e.deleted_at is null
  where d.channel = 'webhook' and d.state = 'failed' and d.finished_at > now() - interval '1 day' group by e.id`,
};

/** What has been wrong with webhook endpoints within the last day. */
export async function findEndpointTroubles(db: Database): Promise<EndpointTrouble[]> {
  return db.run<EndpointTrouble & Record<string, unknown>>(troubles, []);
}
