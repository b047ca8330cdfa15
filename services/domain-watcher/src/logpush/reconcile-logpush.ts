import { createHash } from 'node:crypto';
import { messageOf } from '@berth/shared/errors/berth-error';
import type { Database } from '@berth/shared/store/database';
import {
  findLogpushChallenge,
  type LogpushFinding,
  type LogpushZone,
  noteLogpushChallenge,
} from '@berth/shared/store/zone-logpush';
import type { CloudflareLogpush, WantedJob } from './logpush-access.ts';
import { JOB_NAME, oursOf, planLogpush } from './plan-logpush.ts';

/** Where logs are pushed to, as it is configured once for the installation. */
export interface LogpushTarget {
  destination: string;
  /** the content of the file that Cloudflare has put there; undefined: not known yet */
  challenge: string | undefined;
  fields: readonly string[];
}

export interface LogpushDeps {
  db: Database;
  logpush: CloudflareLogpush;
  accountId: string;
  /** null: nothing is to be pushed */
  target: LogpushTarget | null;
  /** @throws when another process does it by now */
  assert(): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** A job that is as it should be is looked at for drift so often. */
const SETTLED_MS = 6 * HOUR_MS;
/** Plans change seldom. */
const NOT_IN_PLAN_MS = 24 * HOUR_MS;
const JOBS_MAX = 4;
/** Made, then seen. */
const ROUNDS_MAX = 3;

type Finding = Omit<LogpushFinding, 'tries'>;

/**
 * Brings a zone's job of ours to what is wanted, and tells what it saw. Whatever it did it looks at again before it believes it.
 * @throws BerthError `cloudflare.*`
 */
export async function reconcileLogpush(deps: LogpushDeps, zone: LogpushZone, signal: AbortSignal): Promise<Finding> {
  const { logpush, target, assert } = deps;
  const wanted: WantedJob | null = zone.isServed && target ? { ...target } : null;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const jobs = await logpush.list(zone.cfZoneId, signal);
    const steps = planLogpush(jobs, wanted);
    const jobId = oursOf(jobs)[0]?.id ?? null;
    if (steps.length === 0) return wanted ? isOn(jobId, wanted.destination) : isOff;
    if (wanted && steps.some(({ kind }) => kind !== 'remove')) {
      const waiting = await proveOwnership(deps, zone, wanted, signal);
      if (waiting) return { ...waiting, jobId };
    }
    for (const step of steps) {
      await assert();
      if (step.kind === 'remove') await logpush.remove(zone.cfZoneId, step.id, signal);
      else if (wanted && step.kind === 'update') await logpush.update(zone.cfZoneId, step.id, wanted, signal);
      else if (wanted && (await logpush.create(zone.cfZoneId, JOB_NAME, wanted, signal)) === 'not-in-plan')
        return refused(jobs.length);
    }
  }
  return {
    ...isOff,
    state: 'unknown',
    reason: 'LogpushChanging',
    message: 'somebody else changes our job at the same time',
    nextMs: HOUR_MS,
  };
}

/** @returns what it waits for; undefined when the destination is ours, or needs no proof */
async function proveOwnership(
  { db, logpush, accountId, assert }: LogpushDeps,
  zone: LogpushZone,
  { destination, challenge }: WantedJob,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  if (!needsChallenge(destination)) return undefined;
  if (challenge !== undefined && (await logpush.validate(zone.cfZoneId, destination, challenge, signal)))
    return undefined;
  const hash = createHash('sha256').update(destination).digest('hex');
  let file = await findLogpushChallenge(db, accountId, hash);
  if (file === undefined) {
    await assert();
    file = await logpush.challenge(zone.cfZoneId, destination, signal);
    await noteLogpushChallenge(db, zone.zoneId, hash, file);
  }
  const reason = challenge === undefined ? 'LogpushChallengeWaiting' : 'LogpushChallengeRefused';
  const message = `Cloudflare has put the file ${file} at the destination: set LOGPUSH_OWNERSHIP_CHALLENGE to its content, and restart`;
  return {
    state: 'waiting',
    jobId: null,
    reason,
    message,
    destination: shownDestination(destination),
    nextMs: HOUR_MS,
  };
}

/** Buckets of others could be filled otherwise. */
function needsChallenge(destination: string): boolean {
  return ['s3:', 'gs:', 'azure:'].includes(new URL(destination).protocol);
}

/** A destination without its parameters and its user, where secrets are. */
export function shownDestination(destination: string): string {
  const { protocol, host, pathname } = new URL(destination);
  return `${protocol}//${host}${pathname}`;
}

const isOff: Finding = {
  state: 'off',
  jobId: null,
  reason: null,
  message: null,
  destination: null,
  nextMs: SETTLED_MS,
};

function isOn(jobId: number | null, destination: string): Finding {
  return { ...isOff, state: 'on', jobId, destination: shownDestination(destination) };
}

function refused(jobs: number): Finding {
  const [reason, message] =
    jobs >= JOBS_MAX
      ? ['LogpushJobsFull', 'the zone has as many Logpush jobs as it may have: remove one of them']
      : ['LogpushNotInPlan', "the zone's plan has no Logpush: a sample of its requests is read instead"];
  return { ...isOff, reason, message, nextMs: NOT_IN_PLAN_MS };
}

/** What a failure is called, and what a person may do. */
export function failureOf(error: unknown): { reason: string; message: string } {
  return { reason: 'LogpushUnanswered', message: messageOf(error) };
}
