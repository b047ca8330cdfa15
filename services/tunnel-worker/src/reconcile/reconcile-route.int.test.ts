import { exerciseReconciler, type World } from '@berth/shared/testing/exercise-reconciler';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { lookUntil } from '../testing/look-until.ts';
import { makeRouteStand, plain } from '../testing/route-stand.ts';
import { openStage, type Stage } from '../testing/stage.ts';
import { replaceTunnel, wantGone } from '../testing/stage-site.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.simulator.control.behave());
afterAll(() => stage.close());

const STRANGERS = new Set(['MX', 'TXT']);

async function makeWorld(): Promise<World> {
  const stand = await makeRouteStand(stage);
  const { site } = stand;
  const { control } = stage.simulator;
  await stand.addRecord('A', '@', '192.0.2.1', { ttl: 600, comment: 'the old server' });
  await stand.addRecord('MX', '@', 'mail.example.net', { priority: 10 });
  await stand.addRecord('TXT', 'www', 'v=spf1 -all');
  await stand.addRecord('TXT', 'shop', 'beside');
  const seen = async (theirs: boolean) => {
    const target = await stand.target();
    const records = (await stand.records()).filter(({ type }) => STRANGERS.has(type) === theirs);
    const text = JSON.stringify(records.map(plain));
    const hidden = text.replaceAll(site.domain, 'DOMAIN').replaceAll(target, 'TARGET').replaceAll(site.slug, 'SLUG');
    return JSON.parse(hidden).sort((a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name));
  };
  const apexId = async () => (await stand.records('@')).find(({ type }) => type === 'CNAME')?.id ?? '';
  return {
    reconcile: stand.look,
    async observe() {
      const records = await stand.records();
      const rows = await stand.rows();
      const known = rows.map(({ hostname, record_id, replaced }) => ({
        bound: records.some(({ id, name }) => id === record_id && name === hostname),
        replaced: replaced.map(({ content, ttl, comment }) => ({ content, ttl, comment })),
      }));
      return { records: await seen(false), known };
    },
    wantGone: () => wantGone(stage, site),
    observeStrangers: () => seen(true),
    drifts: {
      'somebody points the record elsewhere': async () => {
        await control.changeRecord(site.domain, await apexId(), { content: 'shop.example.net' });
      },
      'somebody makes the record unproxied': async () => {
        await control.changeRecord(site.domain, await apexId(), { proxied: false });
      },
      'somebody removes the record': async () => {
        await control.removeRecord(site.domain, await apexId());
      },
      'the site has another tunnel': async () => {
        await replaceTunnel(stage, site);
      },
    },
    close: async () => undefined,
  };
}

describe('reconcileRoute', () => {
  exerciseReconciler({ makeWorld });

  test('leads apex and www to the tunnel, proxied, marked with the slug and nothing of the customer', async () => {
    const { site, look, records, target, rows } = await makeRouteStand(stage);
    expect(await lookUntil(look)).toMatchObject({ status: 'true', reason: 'RoutesReady' });
    const made = await records();
    expect(made.map(plain)).toEqual(
      [site.domain, `www.${site.domain}`].map((name) => ({
        type: 'CNAME',
        name,
        content: expect.any(String),
        proxied: true,
        ttl: 1,
        comment: `berth ${site.slug}`,
      })),
    );
    for (const { content, comment } of made) {
      expect(content).toBe(await target());
      expect(comment?.length).toBeLessThanOrEqual(100);
      expect(comment).not.toMatch(new RegExp(`${site.key}|mustermann`, 'i'));
    }
    expect((await rows()).map(({ record_id }) => record_id)).toEqual(made.map(({ id }) => id));
  });

  test.each([
    ['A', '192.0.2.1'],
    ['AAAA', '2001:db8::1'],
    ['CNAME', 'shop.example.net'],
  ])("replaces a stranger's %s in one batch and gives it back in one", async (type, content) => {
    const { site, look, addRecord, records, batches } = await makeRouteStand(stage);
    await addRecord(type, '@', content, { ttl: 300, comment: 'theirs' });
    await addRecord(type, 'www', content, { proxied: true });
    const before = (await records()).map(plain);
    await lookUntil(look);
    expect((await records()).map((record) => record.type)).toEqual(['CNAME', 'CNAME']);
    expect(await batches()).toBe(1);
    await wantGone(stage, site);
    expect(await lookUntil(look)).toMatchObject({ kind: 'gone' });
    expect((await records()).map(plain)).toEqual(before);
    expect(await batches()).toBe(2);
  });

  const notes = ({ tags, comment, settings }: Awaited<ReturnType<typeof stage.simulator.control.addRecord>>) => {
    return { tags, comment, settings };
  };
  /** A record with all that can be noted about one, in a zone that is paid for. */
  async function noted() {
    const stand = await makeRouteStand(stage);
    await stage.simulator.control.setPlan(stand.site.domain, 'pro');
    await stand.addRecord('A', '@', '192.0.2.1', { ttl: 300, tags: ['owner:web-team', 'env:live'], comment: 'theirs' });
    await stand.addRecord('CNAME', 'www', 'shop.example.net', { tags: ['a:b'], settings: { flatten_cname: true } });
    const before = (await stand.records()).map(notes);
    await lookUntil(stand.look);
    await wantGone(stage, stand.site);
    return { ...stand, before };
  }

  test('gives back tags, comments and settings', async () => {
    const { look, records, before } = await noted();
    expect(await lookUntil(look)).toMatchObject({ kind: 'gone' });
    expect((await records()).map(notes)).toEqual(before);
  });

  test('gives records back in the order of the host names, however the rows lie', async () => {
    const { site, look, records, before } = await noted();
    await stage.db.pool.query('update site_records set updated_at = now() where hostname = $1', [site.domain]);
    await stage.db.pool.query('analyze site_records');
    await lookUntil(look);
    expect((await records()).map(notes)).toEqual(before);
  });

  test('gives records back without tags where the plan has none any more', async () => {
    const { site, look, records } = await noted();
    await stage.simulator.control.setPlan(site.domain, 'free');
    expect(await lookUntil(look)).toMatchObject({ kind: 'gone' });
    expect((await records()).map(({ type, tags, comment }) => ({ type, tags, comment }))).toEqual([
      { type: 'A', tags: [], comment: 'theirs' },
      { type: 'CNAME', tags: [], comment: null },
    ]);
  });

  test('gives back all addresses of a name that had several', async () => {
    const { site, look, addRecord, records } = await makeRouteStand(stage);
    await addRecord('A', '@', '192.0.2.1');
    await addRecord('A', '@', '192.0.2.2');
    await addRecord('AAAA', '@', '2001:db8::1');
    const before = (await records()).map(plain);
    await lookUntil(look);
    await wantGone(stage, site);
    await lookUntil(look);
    expect((await records()).map(plain)).toEqual(before);
  });

  test('has committed what it replaces before it is replaced', async () => {
    const { look, addRecord, records, rows } = await makeRouteStand(stage);
    await addRecord('A', '@', '192.0.2.1');
    const before = (await records('@')).map(plain);
    await stage.simulator.control.misbehave({ method: 'POST', path: '/batch$', kind: 'cut' });
    await expect(look()).rejects.toMatchObject({ code: 'cloudflare.unavailable' });
    expect((await records('@')).map(plain)).toEqual(before);
    expect((await rows())[0]).toMatchObject({ record_id: null, replaced: before });
  });

  test('makes nothing twice when the answer to the batch is lost', async () => {
    const { look, addRecord, records, rows, target } = await makeRouteStand(stage);
    await addRecord('A', '@', '192.0.2.1');
    await stage.simulator.control.misbehave({ method: 'POST', path: '/batch$', kind: 'lost-answer' });
    await expect(look()).rejects.toMatchObject({ code: 'cloudflare.unavailable' });
    await lookUntil(look);
    const made = await records();
    expect(made.map(({ content }) => content)).toEqual([await target(), await target()]);
    expect((await rows()).map(({ record_id }) => record_id)).toEqual(made.map(({ id }) => id));
    expect((await rows())[0]?.replaced).toMatchObject([{ content: '192.0.2.1' }]);
  });

  test('waits with replacing web records until the edge has a certificate', async () => {
    const { site, look, addRecord, records } = await makeRouteStand(stage);
    await addRecord('A', 'www', '192.0.2.1');
    await stage.simulator.control.holdCertificate(site.domain);
    expect(await look()).toMatchObject({ kind: 'again', status: 'false', reason: 'CertificatePending' });
    expect((await records()).map(({ type }) => type)).toEqual(['A']);
    await stage.simulator.control.issueCertificate(site.domain);
    expect(await lookUntil(look)).toMatchObject({ status: 'true' });
  });

  test('replaces at once what nobody answers by https, whether or not the edge has a certificate', async () => {
    const { site, look, addRecord, records } = await makeRouteStand(stage);
    await addRecord('A', '@', '192.0.2.1', { proxied: false });
    await stage.simulator.control.holdCertificate(site.domain);
    expect(await look(undefined, { isServed: async () => true })).toMatchObject({ reason: 'CertificatePending' });
    expect(await look(undefined, { isServed: async () => false })).toMatchObject({ status: 'true' });
    expect((await records('@')).map(({ type }) => type)).toEqual(['CNAME']);
  });

  test('waits a day for the certificate, and no longer', async () => {
    const { site, look, addRecord } = await makeRouteStand(stage);
    const activeSince = (hours: number) =>
      stage.db.pool.query(`update sites set zone_active_at = now() - $2 * interval '1 hour' where id = $1`, [
        site.siteId,
        hours,
      ]);
    await addRecord('A', '@', '192.0.2.1', { proxied: false });
    await stage.simulator.control.holdCertificate(site.domain);
    await activeSince(23);
    expect(await look()).toMatchObject({ kind: 'again', reason: 'CertificatePending' });
    await activeSince(25);
    expect(await lookUntil(look)).toMatchObject({ status: 'true' });
  });

  test('asks Cloudflare nothing as long as records that were taken over wait for a certificate', async () => {
    const { site, look, addRecord, records } = await makeRouteStand(stage);
    await addRecord('A', '@', '192.0.2.1');
    await stage.db.pool.query(
      'insert into zone_takeovers (zone_id, found, ended_at) select zone_id, $2, now() from sites where id = $1',
      [site.siteId, JSON.stringify([{ type: 'A', name: site.domain, content: '192.0.2.1', ttl: 300 }])],
    );
    await stage.simulator.control.holdCertificate(site.domain);
    await stage.simulator.control.clearCalls();
    expect(await look()).toMatchObject({ kind: 'again', reason: 'CertificatePending' });
    expect(await stage.simulator.control.calls()).toEqual([]);
    await stage.simulator.control.issueCertificate(site.domain);
    expect(await lookUntil(look)).toMatchObject({ status: 'true' });
    expect((await records('@')).map(({ type }) => type)).toEqual(['CNAME']);
  });

  test('waits for no certificate where nothing is replaced', async () => {
    const { site, look, addRecord } = await makeRouteStand(stage);
    await addRecord('MX', '@', 'mail.example.net', { priority: 10 });
    await stage.simulator.control.holdCertificate(site.domain);
    expect(await look()).toMatchObject({ kind: 'settled', status: 'true' });
  });

  test.each(['@', 'www'])('touches nothing where an NS record hands %s away, and says so', async (name) => {
    const { site, look, addRecord, records } = await makeRouteStand(stage);
    const id = await addRecord('NS', name, 'ns.example.net');
    await addRecord('A', name === '@' ? 'www' : '@', '192.0.2.1');
    const before = await records();
    await expect(look()).rejects.toMatchObject({ code: 'name.delegated' });
    expect(await records()).toEqual(before);
    await stage.simulator.control.removeRecord(site.domain, id);
    expect(await lookUntil(look)).toMatchObject({ status: 'true' });
  });

  test('takes what somebody put in its place for the record to give back', async () => {
    const { site, look, addRecord, records } = await makeRouteStand(stage);
    await addRecord('A', '@', '192.0.2.1');
    await lookUntil(look);
    await stage.simulator.control.removeRecord(site.domain, (await records('@'))[0]?.id ?? '');
    await addRecord('A', '@', '192.0.2.9');
    await lookUntil(look);
    expect((await records('@')).map(({ type }) => type)).toEqual(['CNAME']);
    await wantGone(stage, site);
    await lookUntil(look);
    expect((await records()).map(({ content }) => content)).toEqual(['192.0.2.9']);
  });

  test('waits for the tunnel, and says when the zone is not in the account', async () => {
    const { site, look } = await makeRouteStand(stage);
    await stage.simulator.control.setZoneStatus(site.domain, 'deleted');
    await expect(look()).rejects.toMatchObject({
      code: 'zone.left',
      message: expect.stringContaining('Bring it back into the account, or delete the site'),
    });
    await stage.db.pool.query('update sites set tunnel_id = null where id = $1', [site.siteId]);
    expect(await look()).toMatchObject({ kind: 'again', reason: 'TunnelUnknown' });
  });
});
