import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isBerthError } from '../errors/berth-error.ts';
import { letHostsLast } from '../testing/let-hosts-last.ts';
import { makeApiKey, newOrder } from '../testing/new-order.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { registerHost } from './hosts.ts';
import { takeOrder } from './intake.ts';
import type { Requested, Requester } from './locked-site.ts';
import { placeSite } from './place-sites.ts';
import { makeProtocol, type Protocol } from './protocol.ts';
import { findOperation } from './read-operations.ts';
import { requestConfirmation, requestDeletion, requestRestart } from './request-changes.ts';
import { requestDeploy } from './request-deploy.ts';

describe('requests for changes of a site', () => {
  let db: Database;
  let protocol: Protocol;
  let drop: () => Promise<void>;
  let apiKeyId: string;

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url, max: 30 });
    protocol = makeProtocol(db);
    apiKeyId = await makeApiKey(db);
    await registerHost(db, {
      id: 'alpha',
      customerPorts: { start: 3100, end: 3199 },
      memoryBytes: 1e12,
      cpus: 2,
      labels: {},
      versions: {},
    });
    await letHostsLast(db);
  });
  afterAll(async () => {
    await db.close();
    await drop();
  });

  const by = (): Requester => ({ apiKeyId, causeId: randomUUID(), operationId: randomUUID() });
  const deploy = (key: string, n: number) =>
    requestDeploy(db, key, { image: `registry.example/shop:${n}`, licenseKeyEnc: null }, by());

  /** a site with a placement, and a zone that waits for a confirmation */
  async function makeSite(): Promise<{ key: string; domain: string; id: string }> {
    const order = newOrder(apiKeyId);
    const taken = await takeOrder(db, order);
    if (taken.kind !== 'accepted') throw new Error(taken.kind);
    const { rows } = await db.pool.query<{ id: string }>('select id from sites where key = $1', [taken.siteKey]);
    const id = rows[0]?.id ?? '';
    await placeSite(db, id);
    await db.pool.query(
      `update site_conditions set reason = 'ZoneAlreadyActive', due_at = null where site_id = $1 and aspect = 'zone'`,
      [id],
    );
    return { key: taken.siteKey, domain: order.domain, id };
  }
  const siteOf = async (id: string) => (await db.pool.query('select * from sites where id = $1', [id])).rows[0];
  const dueOf = async (id: string): Promise<string[]> => {
    const { rows } = await db.pool.query<{ aspect: string }>(
      'select aspect from site_conditions where site_id = $1 and due_at is not null order by aspect',
      [id],
    );
    return rows.map((row) => row.aspect);
  };
  const rest = (id: string) => db.pool.query('update site_conditions set due_at = null where site_id = $1', [id]);

  test.each([
    ['a restart of the container', (key: string) => requestRestart(db, key, 'container', by()), ['container']],
    ['a restart of the tunnel', (key: string) => requestRestart(db, key, 'tunnel', by()), ['connector']],
    ['a deploy', (key: string) => deploy(key, 2), ['container']],
    ['a confirmation', (key: string) => requestConfirmation(db, key, by()), ['zone']],
  ])('wake for %s who has to do it, and nobody else', async (_, request, aspects) => {
    const site = await makeSite();
    await rest(site.id);
    const { hints, operationId } = await request(site.key);
    expect(hints).toHaveLength(aspects.length);
    expect(await dueOf(site.id)).toEqual(aspects);
    expect(await findOperation(db, operationId)).toMatchObject({ siteKey: site.key });
  });

  test('wake everybody for a deletion', async () => {
    const site = await makeSite();
    await rest(site.id);
    await requestDeletion(db, site.key, site.domain, by());
    expect(await dueOf(site.id)).toHaveLength(8);
  });

  test('make one operation of a deletion, however often and at once it is asked for', async () => {
    const site = await makeSite();
    const asked = await Promise.all(Array.from({ length: 20 }, () => requestDeletion(db, site.key, site.domain, by())));
    expect(new Set(asked.map((one) => one.operationId)).size).toBe(1);
    expect(await requestDeletion(db, site.key, site.domain, by())).toEqual({
      operationId: asked[0]?.operationId,
      hints: [],
    });
    expect(await siteOf(site.id)).toMatchObject({ wanted: 'deleted', generation: 2 });
  });

  test('number restarts and releases without gaps, however many come at once', async () => {
    const site = await makeSite();
    const requests = Array.from({ length: 20 }, (_, n) => [
      requestRestart(db, site.key, 'container', by()),
      requestRestart(db, site.key, 'tunnel', by()),
      deploy(site.key, n),
    ]);
    await Promise.all(requests.flat());
    expect(await siteOf(site.id)).toMatchObject({
      container_restart: 20,
      tunnel_restart: 20,
      release: 21,
      generation: 21,
    });
    const { rows } = await db.pool.query<{ number: number }>(
      'select number from releases where site_id = $1 order by number',
      [site.id],
    );
    expect(rows.map((row) => row.number)).toEqual(Array.from({ length: 21 }, (_, n) => n + 1));
  });

  test('never block each other, nor the workers that record at the same time', async () => {
    const site = await makeSite();
    const failures: unknown[] = [];
    const asked = async (request: () => Promise<Requested>) => {
      await request().catch((error: unknown) => {
        if (!isBerthError(error, 'site.leaving')) failures.push(error);
      });
    };
    let over = false;
    const worker = async (owner: string) => {
      while (!over) {
        for (const queue of ['domain', 'edge', 'container-alpha', 'connector-alpha']) {
          for (const claimed of await protocol.claimDue(queue, owner, 30_000, 5)) {
            const status = Math.random() < 0.5 ? 'true' : 'false';
            const finding = {
              status,
              reason: 'Seen',
              message: '',
              generation: 1,
              tries: 0,
              nextMs: 5,
              gone: false,
            } as const;
            await protocol.record(claimed, owner, finding).catch((error: unknown) => failures.push(error));
          }
        }
      }
    };
    const workers = ['w1', 'w2', 'w3'].map(worker);
    const before = await deadlocks();
    await Promise.all(
      Array.from({ length: 15 }, (_, n) => [
        asked(() => requestRestart(db, site.key, n % 2 ? 'container' : 'tunnel', by())),
        asked(() => deploy(site.key, n)),
        asked(() => requestConfirmation(db, site.key, by())).catch(() => undefined),
        n === 10 ? asked(() => requestDeletion(db, site.key, site.domain, by())) : undefined,
      ]).flat(),
    );
    over = true;
    await Promise.all(workers);
    expect(failures.filter((error) => !isBerthError(error, 'site.nothing-to-confirm'))).toEqual([]);
    expect(await deadlocks()).toBe(before);
    const { rows } = await db.pool.query<{ seq: number }>(
      'select seq::int from site_events where site_id = $1 order by seq',
      [site.id],
    );
    expect(rows.map((row) => row.seq)).toEqual(rows.map((_, index) => index + 1));
    expect((await siteOf(site.id)).wanted).toBe('deleted');
  });

  async function deadlocks(): Promise<number> {
    const { rows } = await db.pool.query<{ n: number }>(
      'select deadlocks::int as n from pg_stat_database where datname = current_database()',
    );
    return rows[0]?.n ?? 0;
  }

  test('change nothing of a site that is leaving, and know none that is gone', async () => {
    const site = await makeSite();
    await requestDeletion(db, site.key, site.domain, by());
    const before = await siteOf(site.id);
    const refused = [
      () => requestRestart(db, site.key, 'container', by()),
      () => deploy(site.key, 1),
      () => requestConfirmation(db, site.key, by()),
    ];
    for (const request of refused) await expect(request()).rejects.toMatchObject({ code: 'site.leaving' });
    expect(await siteOf(site.id)).toEqual(before);
    await db.pool.query('update sites set gone_at = now() where id = $1', [site.id]);
    await expect(requestDeletion(db, site.key, site.domain, by())).rejects.toMatchObject({ code: 'site.not-found' });
  });

  test("delete nothing when the domain isn't the site's", async () => {
    const site = await makeSite();
    await expect(requestDeletion(db, site.key, 'other.example', by())).rejects.toMatchObject({
      code: 'domain.mismatch',
    });
    expect(await siteOf(site.id)).toMatchObject({ wanted: 'running', generation: 1 });
  });

  test('confirm only what waits for it', async () => {
    const site = await makeSite();
    await db.pool.query(`update site_conditions set reason = 'NameserversNotChanged' where site_id = $1`, [site.id]);
    await expect(requestConfirmation(db, site.key, by())).rejects.toMatchObject({ code: 'site.nothing-to-confirm' });
    expect((await siteOf(site.id)).zone_confirmed_at).toBeNull();
  });
});
