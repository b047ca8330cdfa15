/** A Logpush job as Cloudflare has it. */
export interface LogpushJob {
  id: number;
  name: string;
  dataset: string;
  isEnabled: boolean;
  destination: string;
  fields: string[];
  timestamps: string;
}

/** What a job is to be. */
export interface WantedJob {
  destination: string;
  fields: readonly string[];
  /** shows that the destination is ours; undefined where none is needed */
  challenge: string | undefined;
}

/** What a creation came to. */
export type Created = 'made' | 'not-in-plan';

/** What keeping Logpush jobs needs of Cloudflare; all throw BerthError `cloudflare.*`. */
export interface CloudflareLogpush {
  list(cfZoneId: string, signal: AbortSignal): Promise<LogpushJob[]>;
  create(cfZoneId: string, name: string, job: WantedJob, signal: AbortSignal): Promise<Created>;
  update(cfZoneId: string, id: number, job: WantedJob, signal: AbortSignal): Promise<void>;
  /** One that is gone already is good. */
  remove(cfZoneId: string, id: number, signal: AbortSignal): Promise<void>;
  /** Has Cloudflare put a challenge at a destination. @returns the name of the file there */
  challenge(cfZoneId: string, destination: string, signal: AbortSignal): Promise<string>;
  /** @returns whether `token` is the challenge that was put there */
  validate(cfZoneId: string, destination: string, token: string, signal: AbortSignal): Promise<boolean>;
}
