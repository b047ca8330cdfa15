import type { Saying } from '@berth/shared/store/alert-view';
import type { AlertFact, AlertFacts } from '@berth/shared/store/alerts';
import type { Notice } from './notice.ts';
import { formatSpan, formatTime } from './spans.ts';

const TONES: Record<Saying, Notice['tone']> = {
  opened: 'bad',
  over: 'good',
  flapping: 'warning',
  maintenance: 'warning',
  reminder: 'bad',
  worse: 'bad',
  closed: 'good',
};

/** What operators are told of an alert: one site or host, or many at once. */
export function alertNotice(alert: AlertFacts): Notice {
  const [first] = alert.members;
  const isOne = alert.total === 1 && first !== undefined;
  return {
    language: 'en',
    tone: TONES[alert.saying],
    title: isOne ? titleOfOne(alert, first) : titleOfMany(alert),
    text: isOne && first.message !== '' && alert.until === null ? [first.message] : [],
    facts: [...(isOne ? factsOfOne(first) : []), ...times(alert)],
    list: isOne ? [] : listOf(alert),
    thread: { id: `alert-${alert.id}`, begins: ['opened', 'over', 'flapping', 'maintenance'].includes(alert.saying) },
  };
}

function titleOfOne(alert: AlertFacts, one: AlertFact): string {
  const name = nameOf(one);
  const span = formatSpan(alert.lastedMs);
  switch (alert.saying) {
    case 'opened':
      return `${name} ${verbOf(one)}`;
    case 'worse':
      return `${name} ${verbOf(one)}, and Berth goes on trying`;
    case 'reminder':
      return `Still, for ${span}: ${name} ${verbOf(one)}`;
    case 'maintenance':
      return `After the maintenance (${alert.maintenance ?? 'it is over'}): ${name} ${verbOf(one)}`;
    case 'flapping':
      return `${name} is flapping: it comes and goes`;
    case 'closed':
      return alert.kind === 'flapping' ? `${name} is steady again` : `${name} is well again, after ${span}`;
    case 'over':
      return `${name} was not well for ${span}`;
  }
}

function titleOfMany(alert: AlertFacts): string {
  const span = formatSpan(alert.lastedMs);
  const { open, total } = alert;
  switch (alert.saying) {
    case 'opened':
    case 'worse':
      return headOf(alert);
    case 'reminder':
      return `Still, for ${span}: ${open} of ${total} (${headOf(alert)})`;
    case 'maintenance':
      return `After the maintenance (${alert.maintenance ?? 'it is over'}): ${open} are not well`;
    case 'flapping':
      return `${subjectsOf(alert)} flapping: it came and went ${total} times`;
    case 'closed':
      return alert.kind === 'flapping'
        ? `${subjectsOf(alert)} steady again, after it went wrong ${total} times`
        : `Well again, after ${span}: ${headOf(alert)}`;
    case 'over':
      return `Not well for ${span}: ${headOf(alert)}`;
  }
}

/** The host that is to blame, or how many sites there are, and where. */
function headOf({ members, total }: AlertFacts): string {
  const host = members.find(({ site }) => site === null);
  const [first] = members;
  if (host)
    return total > 1 ? `${nameOf(host)}: ${host.reason}, and ${total - 1} more` : `${nameOf(host)}: ${host.reason}`;
  if (!first) return `${total} incidents`;
  const sites = new Set(members.map(({ site }) => site));
  if (sites.size === 1 && total === members.length) return `${nameOf(first)} ${verbOf(first)}`;
  if (first.kind === 'attention') return `${total} sites wait for an operator: ${first.reason}`;
  return first.host === null ? `${total} incidents` : `${total} incidents on host ${first.host}`;
}

function subjectsOf({ members }: AlertFacts): string {
  const [first] = members;
  return first ? `${nameOf(first)} is` : 'something is';
}

function nameOf({ domain, site, host }: AlertFact): string {
  return domain ?? site ?? `host ${host ?? '?'}`;
}

const VERBS: Readonly<Record<string, string>> = {
  'container-down': 'is down: its container is not healthy',
  'tunnel-down': 'is down: its tunnel is not connected',
  'edge-unreachable': 'cannot be reached through the edge',
  'crash-looping': 'is crash looping',
  anomaly: 'is unlike itself',
  attention: 'waits for an operator',
  'host-unwatched': 'has nobody who looks after its sites: its health-worker is silent',
};

function verbOf({ kind, reason }: AlertFact): string {
  return VERBS[kind] ?? `is not well: ${reason || kind}`;
}

function factsOfOne(one: AlertFact): Notice['facts'] {
  const facts: Notice['facts'] = [['Reason', one.reason]];
  if (one.site !== null) facts.push(['Site', one.site]);
  if (one.host !== null) facts.push(['Host', one.host]);
  if (isRestarted(one)) facts.push(['Restarted', restartsOf(one)]);
  return facts;
}

/** A part of a site, which Berth can start again: what is unusual, or waits for somebody, is none; its message says what there is to say. */
function isRestarted({ kind, site }: AlertFact): boolean {
  return site !== null && kind !== 'attention' && kind !== 'anomaly';
}

/** What was restarted, and how often. */
function restartsOf({ restarts, aspect }: AlertFact): string {
  if (restarts === 0) return 'nothing';
  return `the ${aspect ?? 'container'}, ${restarts === 1 ? 'once' : `${restarts} times`}`;
}

function times({ since, until, lastedMs }: AlertFacts): Notice['facts'] {
  const facts: Notice['facts'] = [['Since', formatTime(since)]];
  if (until !== null) facts.push(['Until', formatTime(until)], ['Length', formatSpan(lastedMs)]);
  return facts;
}

function listOf({ members, total }: AlertFacts): string[] {
  const lines = members.map((one) => {
    const restarted = isRestarted(one) && one.restarts > 0 ? `; restarted: ${restartsOf(one)}` : '';
    return `${nameOf(one)}: ${one.reason}, ${one.until === null ? `since ${formatTime(one.since)}` : 'well again'}${restarted}`;
  });
  return total > lines.length ? [...lines, `and ${total - lines.length} more`] : lines;
}
