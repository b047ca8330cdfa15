import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { visitEdge } from '../../testing/visit-edge.ts';
import { type CloudflareSimulator, startCloudflare } from '../start-cloudflare.ts';

let simulator: CloudflareSimulator;
let zone: string;
beforeEach(async () => {
  simulator = await startCloudflare({ profile: 'enterprise' });
  zone = (await simulator.control.addZone('mustermann.de', 'active')).id;
});
afterEach(() => simulator.stop());

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const FIELDS = `count avg { sampleInterval } dimensions { datetime clientIP clientCountryName clientRequestHTTPHost
  clientRequestHTTPMethodName clientRequestPath edgeResponseStatus }`;

async function ask(filter: object, { limit = 100, fields = FIELDS } = {}) {
  const query = `query ($zones: [string!], $filter: RequestFilter!, $limit: uint64!) { viewer { zones(filter: { zoneTag_in: $zones }) {
    httpRequestsAdaptiveGroups(limit: $limit, filter: $filter, orderBy: [datetime_ASC]) { ${fields} } } } }`;
  const answer = await fetch(`${simulator.apiUrl}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${simulator.apiToken}` },
    body: JSON.stringify({ query, variables: { zones: [zone], filter, limit } }),
  });
  const { data, errors } = (await answer.json()) as Answer;
  return {
    groups: data?.viewer.zones[0]?.httpRequestsAdaptiveGroups,
    codes: errors?.map((one: Fault) => one.extensions.code),
  };
}
interface Fault {
  extensions: { code: string };
}
interface Group {
  count: number;
}
interface Answer {
  data: { viewer: { zones: { httpRequestsAdaptiveGroups: Group[] }[] } } | null;
  errors: Fault[] | null;
}
const lately = () => ({ datetime_geq: ago(3_600_000), datetime_lt: ago(-60_000) });
const visit = (more: object) =>
  simulator.control.addVisit('mustermann.de', {
    ...{ at: ago(60_000), status: 200, bytes: 10, address: '192.0.2.7', country: 'DE' },
    ...more,
  });

describe('the sampled requests of a zone', () => {
  test('are those that the edge answered', async () => {
    await visitEdge(simulator, 'mustermann.de', { path: '/a?b=c', visitor: '198.51.100.9 AT' });
    await expect
      .poll(async () => (await ask(lately())).groups, { timeout: 60_000 })
      .toMatchObject([
        {
          count: 1,
          dimensions: {
            clientIP: '198.51.100.9',
            clientCountryName: 'AT',
            clientRequestHTTPHost: 'mustermann.de',
            clientRequestHTTPMethodName: 'GET',
            clientRequestPath: '/a',
            edgeResponseStatus: 530,
          },
        },
      ]);
  });

  test('are one group when they are alike within a second', async () => {
    const at = ago(60_000);
    await visit({ at });
    await visit({ at });
    await visit({ at, path: '/other' });
    expect((await ask(lately())).groups?.map(({ count }) => count)).toEqual([2, 1]);
  });

  test('are every nth one of a busy zone, each standing for n', async () => {
    await simulator.control.setSampling('mustermann.de', 3);
    for (let n = 0; n < 6; n += 1) await visit({ path: `/${n}` });
    expect((await ask(lately())).groups).toMatchObject([
      { count: 3, avg: { sampleInterval: 3 } },
      { count: 3, avg: { sampleInterval: 3 } },
    ]);
  });

  test('are found by host names, and without paths that are not wanted', async () => {
    await visit({ path: '/.well-known/berth/token' });
    await visit({ host: 'shop.mustermann.de' });
    await visit({ path: '/wanted' });
    const { groups } = await ask({
      ...lately(),
      clientRequestHTTPHost_in: ['mustermann.de'],
      clientRequestPath_notlike: '/.well-known/berth/%',
    });
    expect(groups).toMatchObject([{ dimensions: { clientRequestPath: '/wanted' } }]);
  });

  test('are given a day at once and for eight days back, and ten thousand at most', async () => {
    expect((await ask({ datetime_geq: ago(2 * DAY_MS), datetime_lt: ago(0) })).codes).toEqual(['quota']);
    const past = ago(8 * DAY_MS + MINUTE_MS);
    expect((await ask({ datetime_geq: past, datetime_lt: ago(7.5 * DAY_MS) })).codes).toEqual(['quota']);
    // A minute for the way there.
    const within = ago(8 * DAY_MS - MINUTE_MS);
    expect((await ask({ datetime_geq: within, datetime_lt: ago(7.5 * DAY_MS) })).groups).toEqual([]);
    expect((await ask(lately(), { limit: 10_001 })).codes).toEqual(['parser']);
    await simulator.control.setPlan('mustermann.de', 'enterprise');
    expect((await ask({ datetime_geq: ago(9 * DAY_MS), datetime_lt: ago(0) })).groups).toEqual([]);
  });

  test('are not given with fields that the plan has not', async () => {
    expect((await ask(lately(), { fields: 'dimensions { clientAsn }' })).codes).toEqual(['parser']);
  });
});
