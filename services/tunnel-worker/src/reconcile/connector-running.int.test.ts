import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { metricsAddress } from '@berth/shared/domain/slots';
import { requestRestart } from '@berth/shared/store/request-changes';
import { makeEffects } from '@berth/shared/testing/effects';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSystemdUnits } from '../adapters/systemd-units.ts';
import { type ConnectorStand, makeConnectorStand } from '../testing/connector-stand.ts';
import { lookUntil } from '../testing/look-until.ts';
import { openStage, type Stage } from '../testing/stage.ts';
import { replaceTunnel, requester } from '../testing/stage-site.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const arrived = async (): Promise<ConnectorStand> => {
  const stand = await makeConnectorStand(stage);
  await lookUntil(stand.look);
  return stand;
};
const movePort = ({ placement }: ConnectorStand) =>
  stage.db.pool.query('update placements set port = port + 1 where id = $1', [placement.placementId]);
const wantRestart = ({ site }: ConnectorStand) => requestRestart(stage.db, site.key, 'tunnel', requester(stage));
const tunnelRow = async ({ site }: ConnectorStand) => {
  const { rows } = await stage.db.pool.query(
    'select tunnel_name, domain, port, config_path, status from customer_tunnels where site_id = $1',
    [site.siteId],
  );
  return rows;
};
const restartRow = async ({ placement }: ConnectorStand) => {
  const { rows } = await stage.db.pool.query('select tunnel_restart_done as done from placements where id = $1', [
    placement.placementId,
  ]);
  return rows[0];
};
/** Looks, killed after the `at`-th effect. @returns whether it came to that */
const lookKilled = async (stand: ConnectorStand, at: number): Promise<boolean> => {
  const effects = makeEffects({ at, kind: 'killed' });
  await stand.look(effects).catch(() => undefined);
  return effects.count === at;
};

describe('reconcileConnector, while the site runs,', () => {
  test('replaces a file as a whole: who has the former one open reads all of it', async () => {
    const stand = await arrived();
    const { config } = await stand.wanted();
    const open = openSync(config.path, 'r');
    await movePort(stand);
    await lookUntil(stand.look);
    expect(readFileSync(open, 'utf8')).toBe(config.content);
    closeSync(open);
    expect(readFileSync(config.path, 'utf8')).toBe((await stand.wanted()).config.content);
  });

  test('leaves files alone that are right, and the unit whatever the port', async () => {
    const stand = await arrived();
    const files = await stand.wanted();
    const stamps = (names: ('credentials' | 'config' | 'unit' | 'dropIn')[]) =>
      names.map((name) => [statSync(files[name].path).ino, statSync(files[name].path).mtimeMs]);
    const all = stamps(['credentials', 'config', 'unit', 'dropIn']);
    await lookUntil(stand.look);
    expect(stamps(['credentials', 'config', 'unit', 'dropIn'])).toEqual(all);
    const constant = stamps(['credentials', 'unit', 'dropIn']);
    await movePort(stand);
    await lookUntil(stand.look);
    expect(stamps(['credentials', 'unit', 'dropIn'])).toEqual(constant);
    expect(stand.host.systemd.control.reloads()).toBe(0);
  });

  test('runs what the files say, also when killed between writing a file and restarting', async () => {
    for (let at = 1; ; at += 1) {
      const stand = await arrived();
      const wanted = await stand.observe();
      await movePort(stand);
      const killed = await lookKilled(stand, at);
      await lookUntil(stand.look);
      expect(await stand.observe(), `killed after effect ${at}`).toEqual(wanted);
      expect(stand.starts(), `killed after effect ${at}`).toBe(2);
      if (!killed) return;
    }
  });

  test('runs with the credentials and the configuration of the tunnel that replaced the former one', async () => {
    const stand = await arrived();
    const tunnelId = await replaceTunnel(stage, stand.site);
    await lookUntil(stand.look);
    const { config, credentials } = await stand.wanted();
    expect(JSON.parse(readFileSync(credentials.path, 'utf8')).TunnelID).toBe(tunnelId);
    expect(readFileSync(config.path, 'utf8')).toBe(config.content);
    const tunnels = await stage.simulator.control.listTunnels();
    expect(tunnels.find(({ id }) => id === tunnelId)?.connections).toBeGreaterThan(0);
  });

  test('restarts the connector exactly once for each restart that is wanted', async () => {
    const stand = await arrived();
    for (const number of [1, 2]) {
      await wantRestart(stand);
      await lookUntil(stand.look);
      await lookUntil(stand.look);
      expect(stand.starts()).toBe(number + 1);
      expect(await restartRow(stand)).toEqual({ done: number });
    }
  });

  test('restarts once when it is killed right after the restart, and fulfils several wishes by one', async () => {
    const stand = await arrived();
    await wantRestart(stand);
    await wantRestart(stand);
    expect(await lookKilled(stand, 1)).toBe(true);
    await lookUntil(stand.look);
    expect(stand.starts()).toBe(2);
    expect(await restartRow(stand)).toEqual({ done: 2 });
  });

  test('takes a start that systemd made by itself for the restart that was wanted', async () => {
    const stand = await arrived();
    await wantRestart(stand);
    stand.host.systemd.control.killUnit(stand.unit);
    await lookUntil(stand.look);
    expect(stand.starts()).toBe(2);
    expect(await restartRow(stand)).toEqual({ done: 1 });
  });

  test('fulfils a restart that was wanted before anything ran', async () => {
    const stand = await makeConnectorStand(stage);
    await wantRestart(stand);
    await lookUntil(stand.look);
    expect(stand.starts()).toBe(1);
    expect(await restartRow(stand)).toEqual({ done: 1 });
  });

  test('comes up as soon as the metrics address is free that a stranger held', async () => {
    const stand = await makeConnectorStand(stage);
    const stranger = createServer((_, response) => response.end('{"config":"theirs"}'));
    const [host, port] = metricsAddress(stand.placement.slot).split(':');
    await new Promise<void>((resolve) => stranger.listen(Number(port), host, resolve));
    await lookUntil(stand.look, 'ConnectingToEdge');
    expect(await tunnelRow(stand)).toMatchObject([{ status: 'pending' }]);
    stranger.closeAllConnections();
    await new Promise((resolve) => stranger.close(resolve));
    expect(await lookUntil(stand.look)).toMatchObject({ status: 'true' });
  });

  test('says connected only while the edge has a connection', async () => {
    const stand = await makeConnectorStand(stage);
    await stage.simulator.control.setEdgeUp(false);
    await lookUntil(stand.look, 'ConnectingToEdge');
    expect(await tunnelRow(stand)).toMatchObject([{ status: 'pending' }]);
    await stage.simulator.control.setEdgeUp(true);
    expect(await lookUntil(stand.look)).toMatchObject({ status: 'true', reason: 'Connected' });
    expect(await tunnelRow(stand)).toEqual([
      {
        tunnel_name: `customer-${stand.site.key}`,
        domain: stand.site.domain,
        port: stand.placement.port,
        config_path: (await stand.wanted()).config.path,
        status: 'active',
      },
    ]);
    await stage.simulator.control.setEdgeUp(false);
    expect(await stand.look()).toMatchObject({ kind: 'again', status: 'false', reason: 'ConnectingToEdge' });
    expect(await tunnelRow(stand)).toMatchObject([{ status: 'inactive' }]);
    await stage.simulator.control.setEdgeUp(true);
    await lookUntil(stand.look);
    expect(stand.starts()).toBe(1);
  });

  test('lets many connectors arrive at once on an empty host', async () => {
    const host = await stage.addHost();
    const stands = await Promise.all(Array.from({ length: 12 }, () => makeConnectorStand(stage, host)));
    const outcomes = await Promise.all(stands.map((stand) => lookUntil(stand.look)));
    expect(outcomes.map(({ reason }) => reason)).toEqual(stands.map(() => 'Connected'));
  });

  test('waits for the tunnel to be known', async () => {
    const stand = await makeConnectorStand(stage);
    await stage.db.pool.query('update sites set tunnel_id = null where id = $1', [stand.site.siteId]);
    expect(await stand.look()).toMatchObject({ kind: 'again', reason: 'TunnelUnknown' });
  });

  test('says that systemd is unavailable when it is, and goes on when it is back', async () => {
    const stand = await arrived();
    const { control } = stand.host.systemd;
    control.away();
    await expect(stand.look()).rejects.toMatchObject({ code: 'systemd.unavailable' });
    control.back();
    expect(await lookUntil(stand.look)).toMatchObject({ status: 'true' });
    control.addFault({ kind: 'hang', on: '^show' });
    const impatient = makeSystemdUnits({ systemctl: stand.host.systemd.systemctlPath, timeoutMs: 200 });
    const { signal } = new AbortController();
    await expect(impatient.observe(stand.unit, signal)).rejects.toMatchObject({ code: 'systemd.unavailable' });
    const missing = makeSystemdUnits({ systemctl: '/nowhere/systemctl' });
    await expect(missing.observe(stand.unit, signal)).rejects.toMatchObject({ code: 'systemd.unavailable' });
  });

  test('says which file it could not write', async () => {
    const stand = await makeConnectorStand(stage);
    writeFileSync(stand.host.paths.configDir, 'a file where the folder belongs');
    await expect(stand.look()).rejects.toMatchObject({ code: 'host.files' });
  });
});
