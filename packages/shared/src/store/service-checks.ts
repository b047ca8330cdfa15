import type { Check } from '../domain/checks.ts';
import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';

/** Whose checks they are: a host's, by one of its workers; those of the Cloudflare account, by a service that speaks to it; or all the rest. */
export interface CheckedBy {
  scope: 'host' | 'cloudflare' | 'installation';
  /** the host's id, or the account's; empty for the installation */
  subject: string;
  /** which service looked */
  service: string;
}

/** What a service found when it looked last. */
export interface CheckReport extends CheckedBy {
  checks: Check[];
  checkedAt: string;
  /** whether the service has missed its turn since */
  overdue: boolean;
}

const write: Statement = {
  name: 'service-checks-write',
  text: `insert into service_checks (scope, subject, service, checks, every_seconds) values ($1, $2, $3, $4::jsonb, $5)
  on conflict (scope, subject, service) do update set checks = excluded.checks, every_seconds = excluded.every_seconds, checked_at = now()`,
};

/** Hosts that aren't known any more have none. */
const read: Statement = {
  name: 'service-checks-read',
  text: `select c.scope, c.subject, c.service, c.checks, ${iso('c.checked_at')} as "checkedAt",
    c.checked_at < now() - (2 * c.every_seconds + 60) * interval '1 s' as overdue
  from service_checks c where c.scope <> 'host' or exists (select from hosts h where h.id = c.subject)
  order by c.scope, c.subject, c.service`,
};

/** Writes down what a service found, in place of what it found before. */
export async function writeChecks(
  db: Database,
  { scope, subject, service }: CheckedBy,
  checks: readonly Check[],
  everySeconds: number,
): Promise<void> {
  await db.run(write, [scope, subject, service, JSON.stringify(checks), everySeconds]);
}

/** What all services found when they looked last. */
export async function readChecks(db: Database): Promise<CheckReport[]> {
  return db.run<CheckReport & Record<string, unknown>>(read, []);
}
