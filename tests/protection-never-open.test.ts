import { setTimeout as wait } from 'node:timers/promises';
import { type Visit, visitEdge } from '@berth/simulators/testing/visit-edge';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiClient } from './support/api-client.ts';
import { run } from './support/command.ts';
import { startServices, type TestServices } from './support/standalone.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

const BETWEEN_MS = 20;
const BLOCKED = { visitor: '203.0.113.9 DE' };

let world: World;
let services: TestServices;
let api: ApiClient;

beforeAll(async () => {
  world = await openWorld();
  services = await startServices(world.environment);
  api = await world.client(services.apiUrl);
});
afterAll(async () => {
  await services?.stop();
  await world?.close();
});

const berth = async (args: string) => {
  const environment = { BERTH_API_URL: services.apiUrl, BERTH_API_KEY: api.key };
  const ran = await run(process.execPath, ['apps/cli/bin/berth.mjs', ...args.split(' ')], environment);
  expect(ran.status, ran.err).toBe(0);
};

/** What the edge answers; undefined where the name leads nowhere. */
const visit = async (name: string, as: Visit = BLOCKED) =>
  (await visitEdge(world.simulators.cloudflare, name, as).catch(() => undefined))?.status;

/** Visits the host names again and again, from an address that is blocked, while something is done. @returns what was answered, once each */
async function visitMeanwhile(domains: readonly string[], what: () => Promise<unknown>): Promise<number[]> {
  const seen = new Set<number>();
  const names = domains.flatMap((domain) => [domain, `www.${domain}`]);
  let over = false;
  const visits = names.map(async (name) => {
    while (!over) {
      const status = await visit(name);
      if (status) seen.add(status);
      await wait(BETWEEN_MS);
    }
  });
  try {
    await what();
  } finally {
    over = true;
    await Promise.all(visits);
  }
  return [...seen].sort();
}

async function orderProtected(key: string, domain: string): Promise<void> {
  await api.order({ orderId: key, domain, customer: { id: key } });
  await api.untilState(key, 'online');
  await berth(`site protect ${key} --block 203.0.113.0/24 --wait`);
  expect(await visit(domain)).toBe(403);
}

describe('a site that is protected lets in nobody who is blocked', () => {
  test('while its tunnel goes, and it is given one for another domain', async () => {
    await orderProtected('mover', 'before.de');
    const seen = await visitMeanwhile(['before.de', 'after.de'], async () => {
      await berth('tunnel delete mover --yes --wait');
      await berth('tunnel create mover after.de --wait');
      await api.untilState('mover', 'online');
    });
    expect(seen).not.toContain(200);
    expect(await visit('after.de')).toBe(403);
  });

  test('while its zone is deleted by somebody, and added again', async () => {
    await orderProtected('again', 'again.de');
    const { control } = world.simulators.cloudflare;
    const zoneOf = async () => (await api.ask('GET', '/v1/sites/again')).body.conditions[0];
    /** What is looked at within the hour. */
    const lookNow = async () => {
      await world.db.pool.query("update zones set checked_at = now() - interval '1 day'");
      await world.db.pool.query('update site_conditions set due_at = now(), wakes = wakes + 1 where gone_at is null');
    };
    const seen = await visitMeanwhile(['again.de'], async () => {
      await control.setZoneStatus('again.de', 'deleted');
      await lookNow();
      await until('the zone is missed', async () => (await zoneOf()).reason === 'ZoneDeleted');
      await control.addZone('again.de', 'active');
      await lookNow();
      await api.untilState('again', 'online');
      await until('others get in', async () => (await visit('again.de', { visitor: '192.0.2.9 DE' })) === 200);
    });
    expect(seen).not.toContain(200);
  });

  test('while it is deleted in the middle of a change', async () => {
    await orderProtected('leaver', 'leaver.de');
    const seen = await visitMeanwhile(['leaver.de'], async () => {
      await berth('site protect leaver --block 203.0.113.0/24 --block 198.51.100.0/24 --under-attack');
      await berth('site delete leaver --yes --wait');
    });
    expect(seen).not.toContain(200);
  });
});
