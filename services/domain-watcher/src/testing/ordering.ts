import { systemChance } from '@berth/shared/runtime/chance';
import type { Database } from '@berth/shared/store/database';
import { type NewOrder, takeOrder } from '@berth/shared/store/intake';
import type { Protocol } from '@berth/shared/store/protocol';
import { requestConfirmation, requestDeletion } from '@berth/shared/store/request-changes';

export interface OrderedSite {
  siteId: string;
  key: string;
  domain: string;
}

export interface ConditionRow {
  status: string;
  reason: string;
  message: string;
  /** milliseconds until it is looked at again; null: when woken */
  dueInMs: number | null;
  tries: number;
  gone: boolean;
}

/** What an order system, an operator and a test that shifts rows do to sites. */
export interface Ordering {
  /** Takes an order in; a customer and a domain of its own when none is given. */
  order(more?: Partial<NewOrder> & { customer?: NewOrder['customer'] }): Promise<OrderedSite>;
  confirmZone(site: OrderedSite): Promise<void>;
  /** Wants a site gone whose other aspects, beside zone and placement, are gone already. */
  leave(site: OrderedSite): Promise<void>;
  wake(site: OrderedSite, aspect: 'zone' | 'placement'): Promise<void>;
  /** Says that a site has been live. */
  noteLive(site: OrderedSite): Promise<void>;
  condition(site: OrderedSite, aspect: 'zone' | 'placement'): Promise<ConditionRow>;
  events(site: OrderedSite, type: string): Promise<{ reason: string | null; message: string }[]>;
}

export async function makeOrdering(db: Database, protocol: Protocol): Promise<Ordering> {
  const { rows } = await db.pool.query<{ id: string }>(
    `insert into api_keys (name, hash, prefix, scopes) values ('orders', 'hash', 'berth_', '{}') returning id`,
  );
  const apiKeyId = rows[0]?.id ?? '';
  const by = () => ({ apiKeyId, causeId: systemChance.newId(), operationId: systemChance.newId() });
  let made = 0;

  return {
    async order(more = {}) {
      made += 1;
      const domain = more.domain ?? `shop-${made}.example`;
      const order = { ...plainOrder(apiKeyId, made), domain, domainUnicode: domain, ...more };
      const taken = await takeOrder(db, order);
      if (taken.kind !== 'accepted') throw new Error(`the order was not accepted: ${taken.kind}`);
      const sites = await db.pool.query<{ id: string }>('select id from sites where slug = $1', [order.slug]);
      return { siteId: sites.rows[0]?.id ?? '', key: taken.siteKey, domain };
    },
    async confirmZone(site) {
      await requestConfirmation(db, site.key, by());
    },
    async leave(site) {
      await requestDeletion(db, site.key, site.domain, by());
      await db.pool.query(
        `update site_conditions set gone_at = now(), due_at = null where site_id = $1 and aspect not in ('zone', 'placement')`,
        [site.siteId],
      );
    },
    async wake(site, aspect) {
      await protocol.wake(site.siteId, [aspect]);
    },
    async noteLive(site) {
      await db.pool.query('update sites set live_at = now() where id = $1', [site.siteId]);
    },
    async condition(site, aspect) {
      const found = await db.pool.query<ConditionRow>(
        `select status, reason, message, tries, gone_at is not null as gone,
          extract(epoch from due_at - now())::float8 * 1000 as "dueInMs"
        from site_conditions where site_id = $1 and aspect = $2 and placement_id is null`,
        [site.siteId, aspect],
      );
      const [row] = found.rows;
      if (!row) throw new Error(`site ${site.key} has no condition ${aspect}`);
      return row;
    },
    async events(site, type) {
      const found = await db.pool.query<{ reason: string | null; message: string }>(
        'select reason, message from site_events where site_id = $1 and type = $2 order by seq',
        [site.siteId, type],
      );
      return found.rows;
    },
  };
}

function plainOrder(apiKeyId: string, number: number): NewOrder {
  return {
    apiKeyId,
    idempotencyKey: systemChance.newId(),
    fingerprint: 'f',
    orderId: systemChance.newId(),
    customer: { externalId: `customer_${number}`, name: 'Max Mustermann', email: 'max@example.org' },
    domain: '',
    domainUnicode: '',
    image: 'registry.example/shop:1',
    licenseKeyEnc: 'sealed',
    envEnc: null,
    environment: 'production',
    memoryBytes: 536_870_912,
    cpus: 0.5,
    healthPath: '/health',
    profile: 'strict',
    wishedPort: null,
    existingZone: false,
    slug: systemChance.newId().replaceAll('-', '').slice(0, 10),
    operationId: systemChance.newId(),
    causeId: systemChance.newId(),
  };
}
