import { randomBytes } from 'node:crypto';
import { systemChance } from '@berth/shared/runtime/chance';
import { systemClock } from '@berth/shared/runtime/clock';
import { type Log, silentLog } from '@berth/shared/runtime/log';
import { Secret } from '@berth/shared/runtime/secret';
import { makeVault, type Vault } from '@berth/shared/runtime/vault';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { type NewOrder, takeOrder } from '@berth/shared/store/intake';
import { createEndpoint } from '@berth/shared/store/webhook-endpoints';
import { makeApiKey, newOrder } from '@berth/shared/testing/new-order';
import { makeTestDatabase } from '@berth/shared/testing/test-database';
import { makePostJson } from '../adapters/public-http.ts';
import { makeChannels } from '../channels/registry.ts';
import { parseNotifierConfig } from '../config.ts';
import { makeNotifier, type Notifier } from '../notifier.ts';
import { operatorPlaces } from '../operator-places.ts';

export interface DeliveryRow {
  id: string;
  messageId: string;
  kind: string;
  channel: string;
  target: string;
  state: string;
  tries: number;
  code: number | null;
  error: string | null;
  dueInMs: number;
}

export interface TestSite {
  siteId: string;
  key: string;
  domain: string;
}

/** A database with sites, and notifiers over it. */
export interface NotifierWorld {
  db: Database;
  vault: Vault;
  order(more?: Partial<NewOrder>): Promise<TestSite>;
  /** Writes an event of a site, as the services do. */
  event(
    site: TestSite,
    event: { type: string; aspect?: string; status?: string; reason?: string; message?: string },
  ): Promise<void>;
  endpoint(url: string, eventTypes?: string[]): Promise<{ id: string; secret: string }>;
  deliveries(): Promise<DeliveryRow[]>;
  /** Lets time pass for what waits. */
  pass(ms: number): Promise<void>;
  /** A notifier as a process that has just started. */
  notifier(more?: { leaseMs?: number; timeoutMs?: number; log?: Log }): Notifier;
  close(): Promise<void>;
}

/** @param settings of the notifiers, beside what they need */
export async function makeNotifierWorld(settings: Record<string, string> = {}): Promise<NotifierWorld> {
  const database = await makeTestDatabase();
  const db = openDatabase({ url: database.url, max: 8 });
  const secretsKey = randomBytes(32).toString('base64');
  const vault = makeVault(new Secret(secretsKey));
  const config = parseNotifierConfig({
    DATABASE_URL: database.url,
    BERTH_SECRETS_KEY: secretsKey,
    WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8',
    ...settings,
  });
  const apiKey = await makeApiKey(db);
  const posts: ReturnType<typeof makePostJson>[] = [];
  return {
    db,
    vault,
    async order(more = {}) {
      const order = newOrder(apiKey, more);
      const taken = await takeOrder(db, order);
      if (taken.kind !== 'accepted') throw new Error(`the order was not accepted: ${taken.kind}`);
      const { rows } = await db.pool.query<{ id: string }>('select id from sites where slug = $1', [order.slug]);
      return { siteId: rows[0]?.id ?? '', key: taken.siteKey, domain: order.domain };
    },
    async event(
      site,
      {
        type,
        aspect = null,
        status = null,
        reason = null,
        message = '',
      }: Record<string, string | null> & { type: string },
    ) {
      await db.pool.query(
        `with counted as (update sites set event_seq = event_seq + 1 where id = $1 returning event_seq)
        insert into site_events (site_id, seq, type, aspect, status, reason, message)
        select $1, event_seq, $2, $3, $4, $5, $6 from counted`,
        [site.siteId, type, aspect, status, reason, message],
      );
    },
    async endpoint(url, eventTypes = []) {
      const secret = `whsec_${randomBytes(32).toString('base64')}`;
      const { id } = await createEndpoint(db, { url, description: '', eventTypes, secretEnc: vault.encrypt(secret) });
      return { id, secret };
    },
    async deliveries() {
      const { rows } = await db.pool.query<DeliveryRow>(
        `select id, message_id as "messageId", kind, channel, target, state, tries, answer_code as code, error,
          extract(epoch from due_at - now())::float8 * 1000 as "dueInMs" from deliveries order by created_at, message_id, target`,
      );
      return rows;
    },
    async pass(ms) {
      const shift = (table: string, ...columns: string[]) =>
        db.pool.query(
          `update ${table} set ${columns.map((name) => `${name} = ${name} - $1::float8 * interval '1 ms'`).join(', ')}`,
          [ms],
        );
      await shift('deliveries', 'due_at', 'lease_until');
      await shift('incidents', 'opened_at', 'recorded_at', 'closed_at');
      await shift('alerts', 'said_at');
      await shift('customer_outages', 'since');
      await shift('maintenance_windows', 'starts_at', 'ends_at');
    },
    notifier({ timeoutMs = 20_000, ...more } = {}) {
      const post = makePostJson({ addresses: config.WEBHOOK_ALLOW_PRIVATE, now: () => systemClock.date(), timeoutMs });
      posts.push(post);
      const channels = makeChannels(config, { db, vault, clock: systemClock, post });
      return makeNotifier({
        db,
        channels,
        operators: operatorPlaces(config),
        mailsCustomers: config.SMTP_URL !== undefined,
        clock: systemClock,
        chance: systemChance,
        log: silentLog,
        owner: systemChance.newId(),
        ...more,
      });
    },
    async close() {
      await Promise.all(posts.map((post) => post.close()));
      await db.close();
      await database.drop();
    },
  };
}
