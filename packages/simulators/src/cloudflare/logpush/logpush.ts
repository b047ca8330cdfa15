import { randomBytes } from 'node:crypto';
import { ApiError } from '../api-error.ts';
import type { Zone } from '../zone.ts';
import { checkJob, needsChallenge, type OutputOptions } from './check-job.ts';

/** A job as the API shows it. */
export interface ShownJob {
  id: number;
  dataset: string;
  name: string | null;
  kind: '' | 'edge';
  enabled: boolean;
  destination_conf: string;
  frequency: 'high' | 'low';
  logpull_options: string | null;
  output_options: OutputOptions | null;
  max_upload_bytes: number | null;
  max_upload_records: number | null;
  max_upload_interval_seconds: number | null;
  last_complete: string | null;
  last_error: string | null;
  error_message: string | null;
}

interface Challenge {
  filename: string;
  token: string;
}

export interface LogpushSnapshot {
  lastId: number;
  jobs: Record<string, ShownJob[]>;
  challenges: Record<string, Challenge>;
}

const JOBS_MAX = 4;

/** The Logpush jobs of an account's zones, and the challenges that were put at their destinations. */
export class Logpush {
  readonly #jobs: Record<string, ShownJob[]>;
  readonly #challenges: Record<string, Challenge>;
  #lastId: number;

  constructor({ lastId, jobs, challenges }: LogpushSnapshot = { lastId: 1000, jobs: {}, challenges: {} }) {
    this.#lastId = lastId;
    this.#jobs = jobs;
    this.#challenges = challenges;
  }

  jobs(zone: Zone): ShownJob[] {
    return this.#jobs[zone.id] ?? [];
  }

  /** @throws ApiError */
  create(zone: Zone, body: Record<string, unknown>): ShownJob {
    const { ownership_challenge: challenge, ...job } = checkJob(body);
    const { destination_conf, dataset } = job;
    if (typeof destination_conf !== 'string') throw new ApiError(400, 1002, 'destination_conf is required');
    if (typeof dataset !== 'string') throw new ApiError(400, 1002, 'dataset is required');
    const full = zone.plan === 'enterprise' ? JOBS_MAX : 0;
    if (this.jobs(zone).length >= full) {
      const message = `creating a new job (for ${dataset} dataset) is not allowed: exceeded max jobs allowed`;
      throw new ApiError(403, 1004, message);
    }
    this.#checkOwnership(destination_conf, challenge);
    this.#lastId += 1;
    const made: ShownJob = {
      id: this.#lastId,
      name: null,
      kind: '',
      enabled: false,
      frequency: 'high',
      logpull_options: null,
      output_options: null,
      max_upload_bytes: null,
      max_upload_records: null,
      max_upload_interval_seconds: null,
      last_complete: null,
      last_error: null,
      error_message: null,
      ...job,
      dataset,
      destination_conf,
    };
    this.#jobs[zone.id] = [...this.jobs(zone), made];
    return made;
  }

  /** @throws ApiError */
  change(zone: Zone, id: number, body: Record<string, unknown>): ShownJob {
    const job = this.#job(zone, id);
    const { ownership_challenge: challenge, ...fields } = checkJob(body);
    const { destination_conf: destination } = fields;
    if (destination !== undefined && destination !== job.destination_conf) this.#checkOwnership(destination, challenge);
    const changed: ShownJob = { ...job, ...fields };
    this.#jobs[zone.id] = this.jobs(zone).map((one) => (one.id === id ? changed : one));
    return changed;
  }

  remove(zone: Zone, id: number): void {
    this.#job(zone, id);
    this.#jobs[zone.id] = this.jobs(zone).filter((one) => one.id !== id);
  }

  /** Puts a file with a new challenge at a destination. */
  challenge(destination: string): string {
    checkJob({ destination_conf: destination });
    const filename = `${pathOf(destination)}ownership-challenge-${randomBytes(4).toString('hex')}.txt`;
    this.#challenges[destination] = { filename, token: randomBytes(32).toString('hex') };
    return filename;
  }

  challengeAt(destination: string): Challenge | undefined {
    return this.#challenges[destination];
  }

  isOwned(destination: string, token: string): boolean {
    return !needsChallenge(destination) || this.#challenges[destination]?.token === token;
  }

  /** A zone is gone, and its jobs with it. */
  forget(zoneId: string): void {
    delete this.#jobs[zoneId];
  }

  snapshot(): LogpushSnapshot {
    return { lastId: this.#lastId, jobs: this.#jobs, challenges: this.#challenges };
  }

  #job(zone: Zone, id: number): ShownJob {
    const job = this.jobs(zone).find((one) => one.id === id);
    if (!job) throw new ApiError(404, 1002, 'job not found');
    return job;
  }

  #checkOwnership(destination: string, token = ''): void {
    if (!this.isOwned(destination, token))
      throw new ApiError(400, 1002, 'invalid or missing ownership challenge for the destination');
  }
}

function pathOf(destination: string): string {
  const path = new URL(destination).pathname.replace(/^\//, '');
  return path === '' || path.endsWith('/') ? path : `${path}/`;
}
