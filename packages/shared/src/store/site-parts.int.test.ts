import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aspectNames } from '../domain/aspects.ts';
import { isBerthError } from '../errors/berth-error.ts';
import { letHostsLast } from '../testing/let-hosts-last.ts';
import { makeApiKey, newOrder } from '../testing/new-order.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { registerHost } from './hosts.ts';
import { takeOrder } from './intake.ts';
import type { Requester } from './locked-site.ts';
import { placeSite } from './place-sites.ts';
import { makeProtocol, type Protocol } from './protocol.ts';
import { findOperation } from './read-operations.ts';
import { requestDeletion, requestRestart } from './request-changes.ts';
import { requestDeploy } from './request-deploy.ts';
import { requestTunnel, requestTunnelEnd } from './request-tunnel.ts';

describe('a site of one part', () => {
  let db: Database;
  let protocol: Protocol;
  let drop: () => Promise<void>;
  let apiKeyId: string;
  let made = 0;

  beforeAll(async () => {
    const database = await makeTestDatabase();
    drop = database.drop;
    db = openDatabase({ url: database.url, max: 20 });
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
  const newKey = () => {
    made += 1;
    return `c${made}`;
  };
  const slug = () => randomUUID().slice(0, 10);
  const wishFor = (domain: string, port?: number) => ({
    domain,
    domainUnicode: domain,
    existingZone: false,
    port: port === undefined ? null : ({ port, environment: 'production' } as const),
    slug: slug(),
  });
  const tunnelFor = (key: string, domain = `${key}.de`, port?: number) =>
    requestTunnel(db, key, wishFor(domain, port), by());
  const deployTo = (key: string, more: { port?: number; licenseKeyEnc?: string | null } = {}) =>
    requestDeploy(
      db,
      key,
      {
        image: 'shop:1',
        licenseKeyEnc: more.licenseKeyEnc === undefined ? 'sealed' : more.licenseKeyEnc,
        port: more.port === undefined ? null : { port: more.port, environment: 'production' },
        makeAs: slug(),
      },
      by(),
    );
  const siteOf = async (key: string) =>
    (await db.pool.query('select * from sites where key = $1 and gone_at is null', [key])).rows[0];
  const place = async (key: string) => {
    const { id } = await siteOf(key);
    return placeSite(db, id);
  };
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (isBerthError(error) ? error.code : String(error)),
    );
  /** closes what is open of the tunnel, as its reconcilers do once nothing of it is there */
  const closeTunnel = async (key: string) => {
    const { id } = await siteOf(key);
    for (const aspect of aspectNames.filter((name) => name !== 'container' && name !== 'placement')) {
      const { rows } = await db.pool.query(
        'update site_conditions set due_at = now(), lease_until = null where site_id = $1 and aspect = $2 and gone_at is null returning id',
        [id, aspect],
      );
      for (const row of rows) {
        const claimed = await protocol.claim(row.id, 'w', 30_000);
        if (!claimed) throw new Error(`${aspect} was not claimed`);
        await protocol.record(claimed, 'w', {
          status: 'false',
          reason: 'NotWanted',
          message: '',
          generation: 1,
          tries: 0,
          nextMs: null,
          gone: true,
        });
      }
    }
  };

  test('is made by the first request for it, with names of its own and all conditions due', async () => {
    const key = newKey();
    await tunnelFor(key, `${key}.de`, 3110);
    const site = await siteOf(key);
    expect(site).toMatchObject({
      wants_tunnel: true,
      wants_container: false,
      image: null,
      release: 0,
      wished_port: 3110,
    });
    const { rows } = await db.pool.query(
      'select aspect from site_conditions where site_id = $1 and due_at is not null',
      [site.id],
    );
    expect(rows.map((row) => row.aspect).sort()).toEqual([
      'placement',
      'policy',
      'reachable',
      'route',
      'tunnel',
      'zone',
    ]);
    const names = await db.pool.query('select name from site_hostnames where site_id = $1 order by name', [site.id]);
    expect(names.rows.map((row) => row.name)).toEqual([`${key}.de`, `www.${key}.de`]);
  });

  test('is one site, however many ask for it at once and for which part', async () => {
    const key = newKey();
    const asked = [tunnelFor(key), deployTo(key), tunnelFor(key), deployTo(key)].map(codeOf);
    const codes = await Promise.all(asked);
    const { rows } = await db.pool.query(
      'select key from sites where customer_id = (select id from customers where external_id = $1)',
      [key],
    );
    expect(rows).toEqual([{ key }]);
    // who asks for a tunnel while the one that nobody wanted wasn't looked at yet is told to come again
    for (const code of codes) expect(['done', 'site.leaving']).toContain(code);
    expect(codes).toContain('done');
  });

  test('keeps its domain and port: the same again changes nothing, others are refused', async () => {
    const key = newKey();
    await tunnelFor(key, `${key}.de`, 3120);
    await place(key);
    expect(await codeOf(tunnelFor(key, `${key}.de`, 3120))).toBe('done');
    expect(await codeOf(tunnelFor(key))).toBe('done');
    expect(await codeOf(tunnelFor(key, 'other.de'))).toBe('domain.mismatch');
    expect(await codeOf(tunnelFor(key, `${key}.de`, 3121))).toBe('port.mismatch');
    expect(await codeOf(deployTo(key, { port: 3121 }))).toBe('port.mismatch');
    const other = newKey();
    expect(await codeOf(tunnelFor(other, `${key}.de`))).toBe('domain.in-use');
    expect(await codeOf(tunnelFor(other, `${other}.de`, 3120))).toBe('port.taken');
    expect(await siteOf(other), 'nothing was stored of what was refused').toBeUndefined();
  });

  test('takes another port as long as it has none', async () => {
    const key = newKey();
    await tunnelFor(key, `${key}.de`, 3130);
    await tunnelFor(key, `${key}.de`, 3131);
    expect(await place(key)).toMatchObject({ kind: 'placed', placement: { port: 3131 } });
  });

  test('gets the container later, whose conditions are opened anew and take their lease from who looks', async () => {
    const key = newKey();
    await tunnelFor(key);
    await place(key);
    const { id } = await siteOf(key);
    const container = async () =>
      (await db.pool.query(`select * from site_conditions where site_id = $1 and aspect = 'container'`, [id])).rows[0];
    const looking = await protocol.claim((await container()).id, 'w', 30_000);
    if (!looking) throw new Error('not claimed');
    expect(await codeOf(deployTo(key, { licenseKeyEnc: null }))).toBe('license.required');
    const { operationId } = await deployTo(key);
    const late = { status: 'false', reason: 'NotWanted', message: '', generation: 1, tries: 0, nextMs: null } as const;
    expect(
      await protocol.record(looking, 'w', { ...late, gone: true }),
      'it read what is wanted no more',
    ).toBeUndefined();
    expect(await container()).toMatchObject({ gone_at: null, reached_at: null, status: 'unknown' });
    expect((await container()).due_at).not.toBeNull();
    expect(await siteOf(key)).toMatchObject({ wants_container: true, release: 1, image: 'shop:1' });
    expect(await findOperation(db, operationId)).toMatchObject({ kind: 'deploy', releaseOutcome: 'pending' });
  });

  test('gets the tunnel later, once nothing is left of a former one', async () => {
    const key = newKey();
    await deployTo(key);
    await place(key);
    expect(await codeOf(tunnelFor(key))).toBe('site.leaving');
    await closeTunnel(key);
    const { operationId } = await tunnelFor(key);
    const { id } = await siteOf(key);
    const { rows } = await db.pool.query(
      'select count(*)::int as n from site_conditions where site_id = $1 and gone_at is null',
      [id],
    );
    expect(rows[0].n).toBe(aspectNames.length);
    expect(await findOperation(db, operationId)).toMatchObject({
      kind: 'create-tunnel',
      tunnelReached: false,
      tunnelGone: false,
    });
  });

  test('loses its tunnel and keeps its container; its domain is free for others then', async () => {
    const order = newOrder(apiKeyId);
    await takeOrder(db, order);
    const key = order.customer.externalId;
    await place(key);
    expect(await codeOf(requestTunnelEnd(db, key, 'wrong.de', by()))).toBe('domain.mismatch');
    const { operationId } = await requestTunnelEnd(db, key, order.domain, by());
    expect((await requestTunnelEnd(db, key, order.domain, by())).operationId, 'asked again').toBe(operationId);
    expect(await codeOf(tunnelFor(key, order.domain))).toBe('site.leaving');
    expect(await codeOf(requestRestart(db, key, 'tunnel', by()))).toBe('site.part-missing');
    await closeTunnel(key);
    expect(await findOperation(db, operationId)).toMatchObject({ tunnelGone: true });
    expect(await siteOf(key)).toMatchObject({ wanted: 'running', wants_container: true, wants_tunnel: false });
    expect(await codeOf(requestTunnelEnd(db, key, order.domain, by()))).toBe('tunnel.not-found');
    expect(await codeOf(tunnelFor(newKey(), order.domain))).toBe('done');
    expect(await codeOf(requestDeletion(db, key, order.domain, by()))).toBe('domain.mismatch');
    expect(await codeOf(requestDeletion(db, key, null, by()))).toBe('done');
  });

  test('takes another tunnel than the former one, whose zone then needs a confirmation whoever orders it', async () => {
    const order = newOrder(apiKeyId);
    await takeOrder(db, order);
    const key = order.customer.externalId;
    await db.pool.query(`insert into cloudflare_accounts (id) values ('acc') on conflict do nothing`);
    await db.pool.query(
      `with z as (insert into zones (account_id, cf_zone_id, name, status, made_by_us, first_active_at) values ('acc', $2, $1, 'active', true, now()) returning id)
      update sites s set zone_id = z.id, zone_active_at = now(), tunnel_id = 't1', tunnel_secret_enc = 'x' from z where s.key = $3`,
      [order.domain, randomUUID(), key],
    );
    await requestTunnelEnd(db, key, order.domain, by());
    await closeTunnel(key);
    await tunnelFor(key, 'next.de');
    expect(await siteOf(key)).toMatchObject({
      domain: 'next.de',
      zone_id: null,
      zone_active_at: null,
      tunnel_id: null,
      tunnel_secret_enc: null,
    });
    const { rows } = await db.pool.query('select active_before from zones where name = $1', [order.domain]);
    expect(rows).toEqual([{ active_before: true }]);
  });

  test('goes with its tunnel when that is all it has', async () => {
    const key = newKey();
    await tunnelFor(key);
    await requestTunnelEnd(db, key, `${key}.de`, by());
    expect(await siteOf(key)).toMatchObject({ wanted: 'deleted' });
  });

  test('is not made by a deploy that does not say so, nor with a key that no first site has', async () => {
    const wish = { image: 'shop:1', licenseKeyEnc: 'sealed' };
    expect(await codeOf(requestDeploy(db, 'nobody', wish, by()))).toBe('site.not-found');
    for (const key of ['nobody.2', 'Nobody', '']) expect(await codeOf(deployTo(key))).toBe('site.not-found');
  });
});
