import type { TFunction } from 'i18next';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClock } from '../app/clock.ts';

/** What is nearest, and what a page says most: in words of the languages themselves. */
const NEAR = [
  { one: 'second', many: 'seconds', seconds: 1, below: 60 },
  { one: 'minute', many: 'minutes', seconds: 60, below: 3600 },
  { one: 'hour', many: 'hours', seconds: 3600, below: 86_400 },
] as const;
const STEPS = [
  { unit: 'second', seconds: 1, below: 60 },
  { unit: 'minute', seconds: 60, below: 3600 },
  { unit: 'hour', seconds: 3600, below: 86_400 },
  { unit: 'day', seconds: 86_400, below: 30 * 86_400 },
  { unit: 'month', seconds: 30 * 86_400, below: 365 * 86_400 },
  { unit: 'year', seconds: 365 * 86_400, below: Number.POSITIVE_INFINITY },
] as const;

/** A stretch of time from now in one unit, such as "5 minutes ago". */
export function sayRelative(seconds: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const step = STEPS.find(({ below }) => Math.abs(seconds) < below) ?? STEPS[STEPS.length - 1];
  return format.format(Math.round(seconds / (step?.seconds ?? 1)), step?.unit ?? 'year');
}

/** A duration in at most two units, such as "2 min 5 s". */
export function sayDuration(ms: number, language: string): string {
  const all = Math.max(0, Math.round(ms / 1000));
  const parts: [number, string][] = [
    [Math.floor(all / 86_400), 'day'],
    [Math.floor((all % 86_400) / 3600), 'hour'],
    [Math.floor((all % 3600) / 60), 'minute'],
    [all % 60, 'second'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  const shown = first === -1 ? parts.slice(-1) : parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown
    .map(([count, unit]) =>
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(count),
    )
    .join(' ');
}

/** A moment with date, time and zone. */
export function sayMoment(at: string, language: string): string {
  const options = { dateStyle: 'medium', timeStyle: 'long', hour12: false } as const;
  return new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', options).format(new Date(at));
}

/**
 * A moment as short as a table needs it: the time alone if it was on the day of `nowMs`, by the clock of the device. Put together here, as there are
 * many on a page: the browser's own format takes a phone longer to begin than all of them.
 */
export function sayShortMoment(at: string, language: string, nowMs: number): string {
  const date = new Date(at);
  const time = [date.getHours(), date.getMinutes()].map(twoDigits).join(':');
  if (date.toDateString() === new Date(nowMs).toDateString()) return `${time}:${twoDigits(date.getSeconds())}`;
  const day = [date.getDate(), date.getMonth() + 1, date.getFullYear() % 100].map(twoDigits);
  return `${day.join(language === 'de' ? '.' : '/')}, ${time}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

const TICK_MS = 10_000;

/** The time, again and again. */
export function useNow(everyMs = TICK_MS): number {
  const clock = useClock();
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(clock.now()), everyMs);
    return () => clearInterval(timer);
  }, [clock, everyMs]);
  return now;
}

/** "5 minutes ago", with the exact moment for who points at it. */
export function Ago({ at }: { at: string }) {
  const { t, i18n } = useTranslation();
  const now = Math.max(useNow(), useClock().now());
  const seconds = (now - Date.parse(at)) / 1000;
  return <Pointed at={at} words={sayNear(seconds, t) ?? sayRelative(-seconds, i18n.language)} />;
}

/** How long ago it was, within a day. The browser's own format takes a phone longer to begin than all of the page around it. */
function sayNear(seconds: number, t: TFunction): string | undefined {
  const step = NEAR.find(({ below }) => seconds < below);
  if (!step || seconds < 0) return;
  const n = Math.round(seconds / step.seconds);
  if (n === 0) return t('ago.now');
  return n === 1 ? t(`ago.${step.one}`) : t(`ago.${step.many}`, { n });
}

/** The moment, with all of it for who points at it. */
export function Moment({ at }: { at: string }) {
  const { i18n } = useTranslation();
  return <Pointed at={at} words={sayShortMoment(at, i18n.language, useClock().now())} />;
}

/** Words for a moment. All of it is made up once somebody points there: the first such format costs a phone more than the page around it. */
function Pointed({ at, words }: { at: string; words: string }) {
  const { i18n } = useTranslation();
  const [isPointedAt, setPointedAt] = useState(false);
  return (
    <time
      dateTime={at}
      title={isPointedAt ? sayMoment(at, i18n.language) : undefined}
      onPointerEnter={() => setPointedAt(true)}
    >
      {words}
    </time>
  );
}
