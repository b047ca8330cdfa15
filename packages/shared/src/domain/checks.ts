/** How one thing that Berth stands on is: `warn` works for now, `fail` is why something doesn't. */
export type CheckStatus = 'ok' | 'warn' | 'fail';

/** One thing that was looked at. */
export interface Check {
  /** a constant, such as `docker.live-restore` */
  id: string;
  /** what was looked at, for people */
  title: string;
  status: CheckStatus;
  /** what was found, or what is wrong */
  detail: string;
  /** what to do; empty where nothing is to be done */
  fix: string;
}

/** What is being looked at, before it is known how it is. */
export type CheckSubject = Pick<Check, 'id' | 'title'>;

export const isOk = (subject: CheckSubject, detail: string): Check => ({ ...subject, status: 'ok', detail, fix: '' });
export const warns = (subject: CheckSubject, detail: string, fix: string): Check => ({
  ...subject,
  status: 'warn',
  detail,
  fix,
});
export const fails = (subject: CheckSubject, detail: string, fix: string): Check => ({
  ...subject,
  status: 'fail',
  detail,
  fix,
});

const ORDER: readonly CheckStatus[] = ['ok', 'warn', 'fail'];

/** The worst of them; `ok` of none. */
export function worstOf(statuses: readonly CheckStatus[]): CheckStatus {
  return ORDER[Math.max(0, ...statuses.map((status) => ORDER.indexOf(status)))] ?? 'ok';
}

/** How a clock that is `skewMs` ahead of Postgres's is to be judged; what a question and its answer take is already taken off. */
export function judgeClock(subject: CheckSubject, skewMs: number): Check {
  const seconds = Math.abs(skewMs) / 1000;
  const detail =
    seconds < 0.1
      ? "goes with Postgres's clock"
      : `is ${seconds.toFixed(1)} s ${skewMs > 0 ? 'ahead of' : 'behind'} Postgres's clock`;
  const fix = 'synchronise the clocks (timedatectl set-ntp true)';
  if (seconds >= 30) return fails(subject, `${detail}: certificates and logs can't be relied on`, fix);
  return seconds >= 2 ? warns(subject, detail, fix) : isOk(subject, detail);
}

/** Compares versions such as `20.10.24+dfsg1` and `2026.8.2` by their numbers. @returns negative, 0 or positive */
export function compareVersions(one: string, other: string): number {
  const numbers = (text: string) => (/^\D*([\d.]+)/.exec(text)?.[1] ?? '').split('.').map(Number);
  const [a, b] = [numbers(one), numbers(other)];
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
