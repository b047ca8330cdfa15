import type { Checks, SiteTimes, Unusual } from '@berth/shared/store/unusual';

/** What is usual is known after a day. */
const KNOWN_HOURS = 24;
/** Fewer checks than these say nothing. */
const ENOUGH_CHECKS = 30;

const ERRORS = { least: 3, leastShare: 0.05, times: 4 } as const;
const LATENCY = { leastMs: 200, times: 3 } as const;
const RESTARTS = { least: 3, times: 4 } as const;

/**
 * What of a site is unusual, by its own last week: far more failing checks than usual, far longer waits, or far more restarts. Of a site
 * that was known to be down nothing is said.
 */
export function judgeUnusual(site: SiteTimes): Unusual | undefined {
  const { recent, usual, wasDown, name } = site;
  if (wasDown || usual.hours < KNOWN_HOURS) return undefined;
  const found = [errors(recent, usual), latency(recent, usual), restarts(recent, usual)].flatMap((one) => one ?? []);
  const [first] = found;
  if (!first) return undefined;
  const message = `${name}: ${found.map(({ says }) => says).join('; ')}`;
  return { site, reason: first.reason, message, data: Object.assign({}, ...found.map(({ data }) => data)) };
}

interface Finding {
  reason: string;
  says: string;
  data: Record<string, unknown>;
}

function errors(recent: Checks, usual: Checks): Finding | undefined {
  const [now, before] = [share(recent), share(usual)];
  if (recent.checks < ENOUGH_CHECKS || recent.failed < ERRORS.least) return undefined;
  if (now < Math.max(ERRORS.leastShare, ERRORS.times * before)) return undefined;
  const says = `${percent(now)} of its checks fail, ${percent(before)} are usual`;
  return { reason: 'MoreErrorsThanUsual', says, data: { errorShare: now, usualErrorShare: before } };
}

function latency(recent: Checks, usual: Checks): Finding | undefined {
  const [now, before] = [meanMs(recent), meanMs(usual)];
  if (now === undefined || before === undefined || recent.checks - recent.failed < ENOUGH_CHECKS) return undefined;
  if (now < LATENCY.times * before || now - before < LATENCY.leastMs) return undefined;
  const says = `it takes ${Math.round(now)} ms to answer, ${Math.round(before)} ms are usual`;
  return { reason: 'SlowerThanUsual', says, data: { latencyMs: Math.round(now), usualLatencyMs: Math.round(before) } };
}

function restarts(recent: Checks, usual: Checks): Finding | undefined {
  const before = (usual.restarts / usual.hours) * recent.hours;
  if (recent.restarts < RESTARTS.least || recent.restarts < RESTARTS.times * before) return undefined;
  const says = `it was started again ${recent.restarts} times within ${recent.hours} hours`;
  return { reason: 'MoreRestartsThanUsual', says, data: { restarts: recent.restarts, usualRestarts: before } };
}

const share = ({ checks, failed }: Checks) => (checks === 0 ? 0 : failed / checks);
const percent = (part: number) => `${Math.round(part * 100)} %`;

function meanMs({ checks, failed, latencyMsSum }: Checks): number | undefined {
  return checks > failed ? latencyMsSum / (checks - failed) : undefined;
}
