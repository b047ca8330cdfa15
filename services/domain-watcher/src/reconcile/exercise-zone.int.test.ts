import { randomUUID } from 'node:crypto';
import { systemClock } from '@berth/shared/runtime/clock';
import { noHints } from '@berth/shared/runtime/hints';
import { silentLog } from '@berth/shared/runtime/log';
import { exerciseReconciler, type World } from '@berth/shared/testing/exercise-reconciler';
import { stillWork } from '@berth/shared/testing/still-work';
import { afterAll, beforeAll, describe } from 'vitest';
import { sweepZones } from '../sweep/zone-sweep.ts';
import { makeWatcherWorld, type WatcherWorld } from '../testing/watcher-world.ts';
import { makeReconcileZone } from './reconcile-zone.ts';

describe('reconcileZone, exercised,', () => {
  let watcher: WatcherWorld;

  beforeAll(async () => {
    watcher = await makeWatcherWorld();
    await watcher.control.addZone('stranger.example', 'active');
    await watcher.control.addRecord('stranger.example', { type: 'A', name: 'stranger.example', content: '192.0.2.1' });
  });
  afterAll(() => watcher.close());

  async function sweep(): Promise<void> {
    const { db, zones, account } = watcher;
    const plain = { hints: noHints, log: silentLog, clock: systemClock, owner: 'sweeper', intervalMs: 1000 };
    await sweepZones({ db, zones, account, ...plain }, new AbortController().signal);
  }

  /** @param diligent the customer sets the name servers as soon as they are told */
  async function makeWorld(diligent: boolean): Promise<World> {
    const { control, db, account, makeZones } = watcher;
    const site = await watcher.order({ domain: `${randomUUID()}.example` });
    const find = async () => (await control.listZones()).find((zone) => zone.name === site.domain);
    const setRow = (set: string) =>
      db.pool.query(`update zones set ${set} where id = (select zone_id from sites where id = $1)`, [site.siteId]);
    await control.setFormerRecords(site.domain, [
      { type: 'MX', name: site.domain, content: 'mx.former.example', priority: 10 },
      { type: 'A', name: site.domain, content: '192.0.2.10' },
    ]);
    const isTold = async () => {
      const told = 'select from zones z join sites s on s.zone_id = z.id where s.id = $1 and z.told_at is not null';
      return (await db.pool.query(told, [site.siteId])).rowCount === 1 && (await find()) !== undefined;
    };
    const old = `checked_at = now() - interval '2 hours'`;
    let customerIsThere = diligent;
    return {
      async reconcile(effects) {
        const zones = effects.wrap(makeZones(), ['create', 'remove']);
        const records = effects.wrap(watcher.takeover.records, ['scan', 'accept', 'create']);
        const deps = { db, zones, ...watcher.takeover, records, accountId: account.id, mode: 'create' } as const;
        const outcome = await makeReconcileZone(deps)(stillWork('zone', site.siteId));
        if (customerIsThere && (await isTold())) await control.activateZone(site.domain);
        await sweep();
        // Nobody watches what has moved: time passes until it is looked at again.
        await setRow(`checked_at = case when status = 'moved' then now() - interval '2 hours' else checked_at end`);
        return outcome;
      },
      async observe() {
        const { rows } = await db.pool.query(
          `select z.status, z.made_by_us, z.active_before, s.zone_intent_at is not null as intended, s.zone_id is not null as bound,
            z.name_servers from sites s left join zones z on z.id = s.zone_id where s.id = $1`,
          [site.siteId],
        );
        const zone = await find();
        const { name_servers: known, ...row } = rows[0];
        const records = zone ? await control.listRecords(site.domain) : [];
        const held = records.map(({ type, content }) => `${type} ${content}`).sort();
        return { zone: zone?.status, row, held, told: zone ? String(known) === String(zone.nameServers) : undefined };
      },
      async wantGone() {
        customerIsThere = false;
        await db.pool.query("update sites set wanted = 'deleted' where id = $1", [site.siteId]);
      },
      async observeStrangers() {
        const stranger = (await control.listZones()).find((zone) => zone.name === 'stranger.example');
        return { stranger, records: await control.listRecords('stranger.example') };
      },
      drifts: {
        'the domain left and came back': async () => {
          await control.setZoneStatus(site.domain, 'moved');
          await setRow(old);
        },
        'the zone was deleted and made anew by the customer': async () => {
          await control.setZoneStatus(site.domain, 'deleted');
          await setRow(old);
        },
        'the row is behind': async () => {
          await setRow(`status = 'pending'`);
        },
      },
      close: async () => undefined,
    };
  }

  exerciseReconciler({ makeWorld: () => makeWorld(true), pauseMs: 1 });
});
