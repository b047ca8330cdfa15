import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilBlocked, within } from '../testing/blocked-statements.ts';
import { makeConditions } from '../testing/condition-rows.ts';
import { letHostsLast } from '../testing/let-hosts-last.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { registerHost } from './hosts.ts';
import { type Placing, placeSite } from './place-sites.ts';
import { type Finding, makeProtocol, type Protocol } from './protocol.ts';
import { bindTunnel } from './tunnels.ts';

const finding = (more: Partial<Finding> = {}): Finding => ({
  status: 'true',
  reason: 'Fine',
  message: '',
  generation: 1,
  tries: 0,
  nextMs: null,
  gone: false,
  ...more,
});

describe('the protocol, under races,', () => {
  let db: Database;
  let protocol: Protocol;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url, max: 30 });
    protocol = makeProtocol(db);
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

  async function makeOne(aspect: string) {
    const [one] = await makeConditions(db, { aspect, queue: `queue-${aspect}` });
    if (!one) throw new Error('no condition made');
    const claimed = await protocol.claim(one.conditionId, 'w1', 30_000);
    if (!claimed) throw new Error('not claimed');
    return { ...one, claimed };
  }
  const rowOf = async (id: string) =>
    (await db.pool.query('select *, due_at <= now() as due from site_conditions where id = $1', [id])).rows[0];
  const connectorOf = async (siteId: string): Promise<string> =>
    (await db.pool.query(`select id from site_conditions where site_id = $1 and aspect = 'connector'`, [siteId]))
      .rows[0]?.id;

  test('wakes also whom another made due while it waited for the site', async () => {
    const { siteId, claimed } = await makeOne('tunnel');
    const other = await db.pool.connect();
    try {
      await other.query('begin');
      await other.query('select from sites where id = $1 for no key update', [siteId]);
      const recording = protocol.record(claimed, 'w1', finding());
      await untilBlocked(db);
      await placeSite(within(db, other), siteId);
      await other.query('commit');
      const woken = (await recording)?.woken.map((hint) => hint.conditionId);
      expect(woken).toContain(await connectorOf(siteId));
    } finally {
      other.release();
    }
  });

  test('makes nobody who is born while it is under way miss it', async () => {
    const { siteId, conditionId, claimed } = await makeOne('tunnel');
    const other = await db.pool.connect();
    try {
      await other.query('begin');
      await other.query('select from site_conditions where id = $1 for update', [conditionId]);
      const recording = protocol.record(claimed, 'w1', finding());
      await untilBlocked(db);
      let placed: Placing | undefined;
      const placing = placeSite(db, siteId).then((answer) => {
        placed = answer;
      });
      await untilBlocked(db, 2);
      expect(placed, 'a placement made now would be judged by a tunnel that is not reached yet').toBeUndefined();
      await other.query('commit');
      await Promise.all([recording, placing]);
      expect(placed).toMatchObject({ kind: 'placed' });
    } finally {
      await other.query('rollback');
      other.release();
    }
  });

  test('wakes a connector that is born while its tunnel takes the place of another', async () => {
    const { siteId } = await makeOne('tunnel');
    await bindTunnel(db, siteId, 'former');
    const other = await db.pool.connect();
    try {
      await other.query('begin');
      await other.query('select from sites where id = $1 for no key update', [siteId]);
      const binding = bindTunnel(db, siteId, 'next');
      await untilBlocked(db);
      await placeSite(within(db, other), siteId);
      await other.query('commit');
      await binding;
      expect((await rowOf(await connectorOf(siteId))).wakes).toBe('1');
    } finally {
      other.release();
    }
  });

  test('places no site that is deleted at the same moment', async () => {
    const { siteId } = await makeOne('placement');
    const other = await db.pool.connect();
    try {
      await other.query('begin');
      await other.query(`update sites set wanted = 'deleted' where id = $1`, [siteId]);
      const placing = placeSite(db, siteId);
      await untilBlocked(db);
      await other.query('commit');
      expect((await placing).kind).toBe('not-wanted');
      expect(await connectorOf(siteId)).toBeUndefined();
    } finally {
      other.release();
    }
  });

  test('keeps a row due that its own reconciler woke', async () => {
    const { siteId, conditionId, claimed } = await makeOne('zone');
    await protocol.wake(siteId, ['zone']);
    await protocol.wake(siteId, ['zone']);
    expect(await protocol.record(claimed, 'w1', finding({ nextMs: 60_000 }))).toMatchObject({ due: true });
    expect((await rowOf(conditionId)).due).toBe(true);
  });

  test('lets a late effect be looked for once more, also after absence was recorded', async () => {
    const { conditionId, claimed } = await makeOne('tunnel');
    await protocol.record(claimed, 'w1', finding({ status: 'false', reason: 'Gone', gone: true }));
    const { gone_at: goneAt } = await rowOf(conditionId);
    await protocol.wakeOne(conditionId);
    const again = await protocol.claim(conditionId, 'w2', 30_000);
    if (!again) throw new Error('nobody would find what came late');
    await protocol.record(again, 'w2', finding({ status: 'false', reason: 'CloudflareUnavailable', nextMs: 1000 }));
    expect((await rowOf(conditionId)).gone_at, 'what was gone stays so for those who wait').toEqual(goneAt);
  });

  test('looks at nothing of a site that is gone: its key may be held by another', async () => {
    const { siteId, conditionId, claimed } = await makeOne('tunnel');
    const zone = await db.pool.query<{ id: string }>(
      `insert into site_conditions (site_id, aspect, queue) values ($1, 'zone', 'domain') returning id`,
      [siteId],
    );
    await db.pool.query(`update sites set wanted = 'deleted' where id = $1`, [siteId]);
    await protocol.record(claimed, 'w1', finding({ status: 'false', reason: 'Gone', gone: true }));
    await protocol.wakeOne(conditionId);
    const last = await protocol.claim(zone.rows[0]?.id ?? '', 'w1', 30_000);
    if (!last) throw new Error('not claimed');
    await protocol.wakeOne(last.id);
    await protocol.record(last, 'w1', finding({ status: 'false', reason: 'Gone', gone: true }));
    for (const id of [conditionId, last.id]) {
      await protocol.wakeOne(id);
      expect(await protocol.claim(id, 'w3', 30_000)).toBeUndefined();
    }
  });

  test('records many conditions of one site at once, each wake-up counted', async () => {
    const { siteId } = await makeOne('zone');
    const aspects = ['placement', 'tunnel', 'policy', 'route', 'reachable'];
    const { rows } = await db.pool.query<{ id: string }>(
      `insert into site_conditions (site_id, aspect, queue, due_at) select $1, a, 'busy', now() from unnest($2::text[]) a returning id`,
      [siteId, aspects],
    );
    const rounds = 12;
    const work = rows.map(async ({ id }, n) => {
      for (let round = 0; round < rounds; round += 1) {
        const claimed = await protocol.claim(id, `w${n}`, 30_000);
        if (!claimed) throw new Error(`round ${round} of ${aspects[n]} lost its wake-up`);
        const [, recorded] = await Promise.all([
          protocol.wake(siteId, ['placement', 'tunnel', 'policy', 'route', 'reachable']),
          protocol.record(claimed, `w${n}`, finding({ reason: `Round${round}` })),
        ]);
        expect(recorded).toBeDefined();
      }
    });
    await Promise.all(work);
    const { rows: seqs } = await db.pool.query<{ seq: number }>(
      'select seq::int from site_events where site_id = $1 order by seq',
      [siteId],
    );
    expect(seqs.map((row) => row.seq)).toEqual(seqs.map((_, index) => index + 1));
    const live = 1;
    expect(seqs).toHaveLength(rounds * aspects.length + live);
  });
});
