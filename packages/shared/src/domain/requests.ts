/** What a zone's plan gives of its requests: a sample, or nothing. */
export type RequestsGiven = 'sampled' | 'nothing';

/** Requests that were alike within a second. */
export interface LoggedRequest {
  /** the second, ISO 8601 in UTC */
  at: string;
  host: string;
  method: string;
  /** without the query */
  path: string;
  status: number;
  /** two letters; XX where it isn't known */
  country: string;
  /** the network that the visitor's address is in; null: not kept */
  network: string | null;
  /** so many this stands for */
  requests: number;
  bytes: number;
}

/** So far back requests are read that were missed, in days: Cloudflare has them for eight without a paid plan. */
export const REQUESTS_BACK_DAYS = 7;

/** What was read so soon is read once more: Cloudflare's sample isn't complete at once. */
export const UNSETTLED_MS = 600_000;
