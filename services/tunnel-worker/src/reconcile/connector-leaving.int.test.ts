import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeConnectorStand } from '../testing/connector-stand.ts';
import { lookUntil } from '../testing/look-until.ts';
import { openStage, type Stage } from '../testing/stage.ts';
import { wantGone } from '../testing/stage-site.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const arrived = async (host = stage.addHost()) => {
  const stand = await makeConnectorStand(stage, await host);
  await lookUntil(stand.look);
  return stand;
};

describe('reconcileConnector, when the site leaves,', () => {
  test('leaves nothing on the host but empty folders', async () => {
    const { site, host, look } = await arrived();
    await wantGone(stage, site);
    expect(await lookUntil(look)).toMatchObject({ kind: 'gone' });
    expect(readdirSync(host.paths.configDir)).toEqual([]);
    expect(readdirSync(host.paths.unitDir)).toEqual(['multi-user.target.wants']);
    expect(readdirSync(join(host.paths.unitDir, 'multi-user.target.wants'))).toEqual([]);
    expect(host.systemd.control.units()).toEqual([]);
  });

  test('takes the drop-in away with the last connector only', async () => {
    const first = await arrived();
    const second = await arrived(Promise.resolve(first.host));
    const { path } = (await first.wanted()).dropIn;
    await wantGone(stage, first.site);
    await lookUntil(first.look);
    expect(existsSync(path)).toBe(true);
    expect(await second.look()).toMatchObject({ status: 'true' });
    await wantGone(stage, second.site);
    await lookUntil(second.look);
    expect(existsSync(dirname(path))).toBe(false);
  });

  test('leaves a drop-in alone that somebody else put beside its own', async () => {
    const { site, look, wanted } = await arrived();
    const { path } = (await wanted()).dropIn;
    const theirs = join(dirname(path), '90-local.conf');
    writeFileSync(theirs, '[Service]\nMemoryMax=256M\n');
    await wantGone(stage, site);
    await lookUntil(look);
    expect(readdirSync(dirname(path))).toEqual(['90-local.conf']);
  });

  test('leaves with a connector that never reached the edge, and with one that failed', async () => {
    const { site, host, unit, look, wanted } = await makeConnectorStand(stage);
    await stage.simulator.control.setEdgeUp(false);
    await lookUntil(look, 'ConnectingToEdge');
    writeFileSync((await wanted()).config.path, 'broken: [');
    host.systemd.control.killUnit(unit);
    await stage.simulator.control.setEdgeUp(true);
    await wantGone(stage, site);
    expect(await lookUntil(look)).toMatchObject({ kind: 'gone' });
    expect(host.systemd.control.units()).toEqual([]);
  });

  test('says inactive in the table of tunnels while the tunnel is still there', async () => {
    const { site, look } = await arrived();
    await wantGone(stage, site);
    await lookUntil(look);
    const { rows } = await stage.db.pool.query('select status from customer_tunnels where site_id = $1', [site.siteId]);
    expect(rows).toEqual([{ status: 'inactive' }]);
  });

  test('goes, too, when only its placement does', async () => {
    const { host, placement, look } = await arrived();
    await stage.db.pool.query(`update placements set wanted = 'gone' where id = $1`, [placement.placementId]);
    expect(await lookUntil(look)).toMatchObject({ kind: 'gone' });
    expect(readdirSync(host.paths.configDir)).toEqual([]);
  });

  test('leaves a placement of another host alone', async () => {
    const { site, look } = await makeConnectorStand(stage);
    const other = await stage.addHost();
    await stage.db.pool.query('update placements set host_id = $2 where site_id = $1', [site.siteId, other.id]);
    await expect(look()).rejects.toThrow(`placement of host ${other.id}`);
  });
});
