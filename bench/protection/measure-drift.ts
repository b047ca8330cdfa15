import { makeApiClient } from '@berth/simulators/testing/make-api-client';
import type { Pipeline } from '../pipeline/open-pipeline.ts';
import type { Row } from '../rows.ts';
import { makeProtectedSites } from './protected-sites.ts';
import { countProtectionCalls } from './protection-calls.ts';

export const SITES = 1000;
/** So many of them have Access beside their rule; an account has 500 policies at most. */
const WITH_ACCESS = 400;
const CHANGED = 10;
const LOOK_MS = 100;
const WAIT_MS = 900_000;
/** What Berth allows itself by itself, of the 1,200 in five minutes that Cloudflare allows: `toCallRate`. */
const CALLS_AN_HOUR = 2.4 * 3600;

/** Many protected sites, some of whose rules somebody edits: how much it costs to look at all, and whether it is seen. */
export async function measureDrift(world: Pipeline, say: (line: string) => void): Promise<Row[]> {
  say(`protecting ${SITES} sites, ${WITH_ACCESS} of them by Access`);
  const zones = await makeProtectedSites(world, SITES, WITH_ACCESS);
  const begun = performance.now();
  await until(world, 'in force', `select count(*)::int as n from site_protections where in_force_version = version`);
  const protectMs = performance.now() - begun;
  say(`somebody edits the rules of ${CHANGED}`);
  const edited = zones.filter((_, index) => index % (SITES / CHANGED) === 0);
  for (const zone of edited) await switchRuleOff(world, zone);
  await world.clearCalls();
  const { rows } = await world.db.pool.query('select now() as at');
  const from = performance.now();
  await world.db.pool.query(`update site_conditions set wakes = wakes + 1, due_at = now() where aspect = 'policy'`);
  await until(world, 'looked at', `select count(*)::int as n from site_protections where observed_at > $1`, [
    rows[0].at,
  ]);
  const ms = performance.now() - from;
  const calls = await countProtectionCalls(world);
  const told = await world.db.pool.query(
    `select count(*)::int as n from site_events where type = 'protection.repaired'`,
  );
  const off = (await Promise.all(edited.map((zone) => rulesOf(world, zone)))).flat().filter(({ enabled }) => !enabled);
  return [
    { name: `${SITES} sites protected`, value: protectMs / 1000, unit: 's', ok: true },
    { name: `${SITES} sites looked at`, value: ms / 1000, unit: 's', ok: true },
    { name: '  calls of it', value: calls, unit: 'calls', ok: true },
    {
      name: '  as a share of an hour’s calls',
      value: (100 * calls) / CALLS_AN_HOUR,
      unit: '%',
      goal: 'at most 50 %, once an hour',
      ok: calls <= CALLS_AN_HOUR / 2,
    },
    {
      name: `changes by somebody else that were told, of ${CHANGED}`,
      value: told.rows[0].n,
      unit: 'sites',
      goal: `${CHANGED}`,
      ok: told.rows[0].n === CHANGED,
    },
    { name: 'rules of them that are still wrong', value: off.length, unit: 'rules', goal: '0', ok: off.length === 0 },
  ];
}

async function until({ db }: Pipeline, what: string, counting: string, values: unknown[] = []): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const { n } = (await db.pool.query<{ n: number }>(counting, values)).rows[0] ?? { n: 0 };
    if (n >= SITES) return;
    if (performance.now() > deadline) throw new Error(`${n} of ${SITES} sites are ${what} after ${WAIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

interface Rule {
  id: string;
  action: string;
  expression: string;
  description: string;
  ref: string;
  enabled: boolean;
}

const entrypoint = (zone: string) => `/zones/${zone}/rulesets/phases/http_request_firewall_custom/entrypoint`;

async function rulesOf({ cloudflare }: Pipeline, zone: string): Promise<Rule[]> {
  return (await makeApiClient(cloudflare)('GET', entrypoint(zone))).body.result.rules;
}

/** As somebody does it in the dashboard. */
async function switchRuleOff({ cloudflare }: Pipeline, zone: string): Promise<void> {
  const call = makeApiClient(cloudflare);
  const { id, rules } = (await call('GET', entrypoint(zone))).body.result;
  const { id: ruleId, action, expression, description, ref } = (rules as Rule[])[0] as Rule;
  const edited = { action, expression, description, ref, enabled: false };
  const { status, body } = await call('PATCH', `/zones/${zone}/rulesets/${id}/rules/${ruleId}`, edited);
  if (status !== 200) throw new Error(JSON.stringify(body));
}
