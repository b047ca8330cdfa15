import type { ContainerStatus } from './seed-status.ts';

/** What Docker says of a container's run. */
export interface ContainerRun {
  status: ContainerStatus;
  /** undefined where it never was */
  startedAt: Date | undefined;
  finishedAt: Date | undefined;
  exitCode: number | undefined;
}

/**
 * The status as `docker ps` says it: `Up 2 seconds`, `Exited (1) About a minute ago`. Docker makes this text from the same figures when it
 * is asked (moby: `State.String`); a health check that an image brings along isn't in it, since Berth asks by itself.
 */
export function dockerStatus({ status, startedAt, finishedAt, exitCode }: ContainerRun, now: Date): string {
  const up = startedAt ? `Up ${age(startedAt, now)}` : 'Up';
  const ended = `(${exitCode ?? 0})${finishedAt ? ` ${age(finishedAt, now)} ago` : ''}`;
  switch (status) {
    case 'created':
      return 'Created';
    case 'running':
      return up;
    case 'paused':
      return `${up} (Paused)`;
    case 'restarting':
      return `Restarting ${ended}`;
    case 'exited':
      return `Exited ${ended}`;
    case 'dead':
      return 'Dead';
    case 'removed':
      return 'Removed';
  }
}

const MINUTE = 60;
const HOUR = 3600;

/** A duration in Docker's words (go-units: `HumanDuration`). */
function age(from: Date, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - from.getTime()) / 1000));
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < MINUTE) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / MINUTE);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.floor(seconds / HOUR + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(Math.floor(seconds / HOUR) / 24 / 365)} years`;
}
