import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServices, type TestServices } from './support/standalone.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let services: TestServices;

// One site alone: that of a third of a host would be the host's fault.
beforeAll(async () => {
  world = await openWorld({
    settings: {
      CHECK_INTERVAL_SECONDS: '1',
      HEALTH_START_SECONDS: '1',
      EDGE_CHECK_SECONDS: '0',
    },
  });
  services = await startServices(world.environment);
  const api = await world.client(services.apiUrl);
  await api.order({ orderId: 'a', domain: 'lost-edge.de', customer: { id: 'a' } });
  await api.untilState('a', 'online');
  await untilTunnel('is well', ({ outcome }) => outcome === 'healthy');
});

afterAll(async () => {
  await services?.stop();
  await world?.close();
});

interface Tunnel {
  outcome: string;
  reason: string;
  failures: number;
}

const rows = async <Row extends object>(text: string) => (await world.db.pool.query<Row>(text)).rows;
const restarts = () =>
  rows<{ target: string; by: string }>(
    `select target, requested_by as by from operations where kind = 'restart' order by created_at`,
  );
const incidents = () =>
  rows<{ kind: string; reason: string; closed: boolean; data: object }>(
    `select kind, reason, data, closed_at is not null as closed from incidents where site_id is not null order by opened_at`,
  );

function untilTunnel(what: string, is: (tunnel: Tunnel) => boolean): Promise<unknown> {
  return until(`the tunnel ${what}`, async () => {
    const [tunnel] = await rows<Tunnel>(
      `select outcome, reason, failures from site_health where aspect = 'tunnel' order by checked_at desc limit 1`,
    );
    return tunnel !== undefined && is(tunnel);
  });
}

describe('a tunnel that has lost the edge', () => {
  test('is told of, and left to come back by itself', async () => {
    await world.simulators.cloudflare.control.setEdgeUp(false);
    await untilTunnel('has failed for a while', ({ reason, failures }) => reason === 'NotConnected' && failures >= 5);
    expect(await incidents()).toMatchObject([{ kind: 'tunnel-down', reason: 'NotConnected', closed: false }]);
    expect(await restarts()).toEqual([]);
    await world.simulators.cloudflare.control.setEdgeUp(true);
    await until('its incident is over', async () => (await incidents()).every(({ closed }) => closed));
    expect(await incidents()).toMatchObject([{ kind: 'tunnel-down', data: { restarts: 0 } }]);
    expect(await restarts()).toEqual([]);
  });

  test('is restarted after a minute, and its container is not', async () => {
    await world.simulators.cloudflare.control.setEdgeUp(false);
    await untilTunnel('fails again', ({ reason, failures }) => reason === 'NotConnected' && failures >= 3);
    expect(await restarts()).toEqual([]);
    // A sweep under way has read the row as it was before: what it finds isn't written.
    await rows(
      `update site_health set failing_since = failing_since - interval '60 seconds', version = version + 1 where aspect = 'tunnel'`,
    );
    await until('it is restarted', async () => (await restarts()).length > 0);
    await world.simulators.cloudflare.control.setEdgeUp(true);
    await untilTunnel('is well again', ({ outcome }) => outcome === 'healthy');
    expect(new Set((await restarts()).map(({ target, by }) => `${target} by ${by}`))).toEqual(
      new Set(['tunnel by health']),
    );
  });
});
