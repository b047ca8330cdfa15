import { ApiError } from '../api-error.ts';

export interface OutputOptions {
  field_names?: string[];
  output_type?: 'ndjson' | 'csv';
  timestamp_format?: string;
  sample_rate?: number;
}

/** What a body may say of a job; only what it says is there. */
export interface JobFields {
  dataset?: string;
  name?: string;
  kind?: '' | 'edge';
  enabled?: boolean;
  destination_conf?: string;
  frequency?: 'high' | 'low';
  logpull_options?: string;
  output_options?: OutputOptions;
  max_upload_bytes?: number;
  max_upload_records?: number;
  max_upload_interval_seconds?: number;
  ownership_challenge?: string;
}

/** Datasets of a zone. */
const DATASETS = [
  'http_requests',
  'firewall_events',
  'dns_logs',
  'nel_reports',
  'page_shield_events',
  'spectrum_events',
];

/** Of the fields of `http_requests`, the most usual. */
const FIELDS = new Set(
  `BotScore CacheCacheStatus CacheResponseBytes CacheResponseStatus ClientASN ClientCountry ClientDeviceClass ClientIP ClientIPClass
  ClientRegionCode ClientRequestBytes ClientRequestHost ClientRequestMethod ClientRequestPath ClientRequestProtocol ClientRequestReferer
  ClientRequestScheme ClientRequestSource ClientRequestURI ClientRequestUserAgent ClientSSLCipher ClientSSLProtocol ClientSrcPort
  EdgeColoCode EdgeColoID EdgeEndTimestamp EdgeResponseBytes EdgeResponseContentType EdgeResponseStatus EdgeServerIP EdgeStartTimestamp
  EdgeTimeToFirstByteMs OriginIP OriginResponseDurationMs OriginResponseStatus ParentRayID RayID SecurityAction SecurityActions
  SecurityRuleID SecurityRuleIDs SecuritySources WAFAttackScore ZoneName`.split(/\s+/),
);

const CHALLENGED = new Set(['s3:', 'gs:', 'azure:']);
const UNCHALLENGED = new Set(['r2:', 'https:', 'datadog:', 'splunk:', 'sumo:']);

/** Whether it must be shown that a destination is one's own. */
export function needsChallenge(destination: string): boolean {
  return CHALLENGED.has(new URL(destination).protocol);
}

/** @throws ApiError for what Cloudflare's description of a job doesn't allow */
export function checkJob(body: Record<string, unknown>): JobFields {
  for (const [field, rule] of Object.entries(rules)) {
    const value = body[field];
    if (value !== undefined && value !== null && !rule(value)) throw new ApiError(400, 1002, `invalid ${field}`);
  }
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

const isText = (pattern: RegExp, longest: number) => (value: unknown) =>
  typeof value === 'string' && value.length <= longest && pattern.test(value);
const isWithin = (from: number, to: number) => (value: unknown) =>
  Number.isInteger(value) && Number(value) >= from && Number(value) <= to;
const isOneOf = (words: readonly unknown[]) => (value: unknown) => words.includes(value);

const rules: Readonly<Record<string, (value: unknown) => boolean>> = {
  dataset: isOneOf(DATASETS),
  name: isText(/^[a-zA-Z0-9\-.]*$/, 512),
  kind: isOneOf(['', 'edge']),
  enabled: (value) => typeof value === 'boolean',
  destination_conf: isDestination,
  frequency: isOneOf(['high', 'low']),
  logpull_options: isText(/^/, 4096),
  output_options: areOptions,
  max_upload_bytes: isWithin(5_000_000, 1_000_000_000),
  max_upload_records: isWithin(1000, 1_000_000),
  max_upload_interval_seconds: isWithin(30, 300),
  ownership_challenge: isText(/^[a-zA-Z0-9/+.\-_]*$/, 4096),
};

function isDestination(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 4096 || !URL.canParse(value)) return false;
  const { protocol, host } = new URL(value);
  return host !== '' && (CHALLENGED.has(protocol) || UNCHALLENGED.has(protocol));
}

function areOptions(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const {
    field_names = [],
    output_type = 'ndjson',
    timestamp_format = 'unixnano',
    sample_rate = 1,
    ...others
  } = value as OutputOptions;
  return (
    Object.keys(others).length === 0 &&
    Array.isArray(field_names) &&
    field_names.every((name) => FIELDS.has(name)) &&
    isOneOf(['ndjson', 'csv'])(output_type) &&
    isOneOf(['unixnano', 'unix', 'rfc3339'])(timestamp_format) &&
    sample_rate >= 0 &&
    sample_rate <= 1
  );
}
