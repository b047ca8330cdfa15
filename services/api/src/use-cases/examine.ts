import type { CheckGroup, DoctorReport } from '@berth/contract/doctor';
import { type Check, fails, isOk, warns, worstOf } from '@berth/shared/domain/checks';
import { stateOfHost, whyUnwatched } from '@berth/shared/domain/host-state';
import { checkPostgres } from '@berth/shared/runtime/check-postgres';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Database } from '@berth/shared/store/database';
import { listHosts, type ReadHost } from '@berth/shared/store/read-hosts';
import { type CheckReport, readChecks } from '@berth/shared/store/service-checks';

interface Deps {
  db: Database;
  clock: Clock;
  checkQueue(): Promise<Check[]>;
}

/**
 * How the installation is: what the API stands on by a look of its own, everything else by what the other services wrote down when they
 * looked last. Without a database there is nothing but that to tell.
 */
export function makeExamine({ db, clock, checkQueue }: Deps) {
  return async function examine(): Promise<DoctorReport> {
    const checkedAt = clock.date().toISOString();
    const [postgres, queue] = await Promise.all([checkPostgres(db, clock), checkQueue()]);
    const own = { scope: 'installation', subject: '', service: 'api', checkedAt } as const;
    const groups: CheckGroup[] = [grouped(own, [...postgres, ...queue])];
    if (!postgres.some(({ id }) => id === 'postgres.answers')) {
      const [reports, hosts] = await Promise.all([readChecks(db), listHosts(db)]);
      groups.push(...hosts.map((host) => presentHost(host, checkedAt)));
      groups.push(...reports.map(presentReport), ...missing(reports, hosts, checkedAt));
    }
    return { status: worstOf(groups.map(({ status }) => status)), checkedAt, groups };
  };
}

export type Examine = ReturnType<typeof makeExamine>;

function grouped(by: Omit<CheckGroup, 'status' | 'checks'>, checks: Check[]): CheckGroup {
  return { ...by, status: worstOf(checks.map(({ status }) => status)), checks };
}

function presentHost(host: ReadHost, checkedAt: string): CheckGroup {
  const { state, message } = stateOfHost(host);
  const subject = { id: 'host.state', title: 'The host takes sites' };
  const check = state === 'down' ? fails(subject, 'it is down', message) : isOk(subject, `${state}: ${message}`);
  return grouped({ scope: 'host', subject: host.id, service: 'api', checkedAt }, [check, judgeWatched(host)]);
}

function judgeWatched(host: ReadHost): Check {
  const subject = { id: 'host.watched', title: "The host's sites are looked after" };
  const why = whyUnwatched(host);
  return why === undefined
    ? isOk(subject, 'its health-worker gives signs of life')
    : fails(subject, why, `start health-worker on ${host.id}, and read its log`);
}

function presentReport({ scope, subject, service, checks, checkedAt, overdue }: CheckReport): CheckGroup {
  const by = { scope, subject, service, checkedAt };
  if (!overdue) return grouped(by, checks);
  const late = fails(
    { id: 'service.looks', title: `${service} looks again and again` },
    `it has not looked since ${checkedAt}: it is not running, or does not reach the database`,
    `start ${service}${scope === 'host' ? ` on ${subject}` : ''}, and read its log`,
  );
  return grouped(by, [late, ...checks]);
}

/** What nobody has looked at yet. */
function missing(reports: readonly CheckReport[], hosts: readonly ReadHost[], checkedAt: string): CheckGroup[] {
  const nobody = (scope: CheckGroup['scope'], subject: string, service: string, what: string): CheckGroup =>
    grouped({ scope, subject, service, checkedAt }, [
      warns(
        { id: 'service.looks', title: `${service} looks at ${what}` },
        'it has not looked yet',
        `start ${service}; it looks when it starts`,
      ),
    ]);
  const has = (scope: string, service: string, subject?: string) =>
    reports.some((one) => one.scope === scope && one.service === service && (subject ?? one.subject) === one.subject);
  return [
    ...(has('installation', 'notifier') ? [] : [nobody('installation', '', 'notifier', 'where messages go')]),
    ...['domain-watcher', 'tunnel-worker']
      .filter((service) => !has('cloudflare', service))
      .map((service) => nobody('cloudflare', '', service, 'the Cloudflare account')),
    ...hosts.flatMap(({ id }) =>
      ['container-worker', 'tunnel-worker', 'health-worker']
        .filter((service) => !has('host', service, id))
        .map((service) => nobody('host', id, service, `host ${id}`)),
    ),
    ...(hosts.length === 0 ? [nobody('host', '', 'container-worker', 'a host; there is none yet')] : []),
  ];
}
