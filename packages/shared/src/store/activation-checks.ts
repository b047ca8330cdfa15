import { judgeDelegation } from '../domain/delegation.ts';
import type { Database, Statement } from './database.ts';
import type { DomainFinding } from './domain-checks.ts';

/** $1 site: what its domain's parent said when somebody asked for it a moment ago */
const finding: Statement = {
  name: 'activation-checks-finding',
  text: `select finding from domain_checks where site_id = $1 and checked_at > now() - interval '10 minutes' and finding is not null`,
};

/** $1 zone, $2 the least time between two in ms. Of two who want to ask, one gets the row. */
const take: Statement = {
  name: 'activation-checks-take',
  text: `update zones set activation_asked_at = now() where id = $1
    and (activation_asked_at is null or activation_asked_at <= now() - $2::float8 * interval '1 ms') returning 1`,
};

/**
 * Whether Cloudflare is to be asked to look for a zone's name servers now: somebody has just seen that they are set, and it wasn't asked
 * for so long. It's then taken for asked: a look that got lost is Cloudflare's own to make up for.
 */
export async function takeActivationCheck(
  db: Database,
  {
    siteId,
    zoneId,
    expected,
    everyMs,
  }: { siteId: string; zoneId: string; expected: readonly string[]; everyMs: number },
): Promise<boolean> {
  const [row] = await db.run<{ finding: DomainFinding }>(finding, [siteId]);
  if (!row) return false;
  const { registered, nameServers } = row.finding;
  if (judgeDelegation({ registered, found: nameServers, expected }) !== 'set') return false;
  return (await db.run(take, [zoneId, everyMs])).length > 0;
}
