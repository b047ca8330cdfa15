import type { LogpushJob, WantedJob } from './logpush-access.ts';

/** By this name a job is ours. */
export const JOB_NAME = 'berth-requests';
export const DATASET = 'http_requests';
export const TIMESTAMPS = 'rfc3339' as const;

/** What is pushed of a request. Cloudflare can't shorten an address, so it is left out: country and network operator stay. */
const FIELDS = [
  'EdgeStartTimestamp',
  'RayID',
  'ClientRequestHost',
  'ClientRequestMethod',
  'ClientRequestPath',
  'ClientRequestProtocol',
  'ClientCountry',
  'ClientASN',
  'EdgeResponseStatus',
  'EdgeResponseBytes',
  'CacheCacheStatus',
  'OriginResponseStatus',
  'SecurityAction',
];

/** The fields of a request that are pushed. @param withAddress whether the visitor's whole address is one of them */
export function fieldsOf(withAddress: boolean): string[] {
  return withAddress ? [...FIELDS, 'ClientIP'] : [...FIELDS];
}

export type LogpushStep = { kind: 'create' } | { kind: 'update'; id: number } | { kind: 'remove'; id: number };

/** Jobs of this installation among those of a zone, the first one first. */
export function oursOf(jobs: readonly LogpushJob[]): LogpushJob[] {
  return jobs.filter(({ name, dataset }) => name === JOB_NAME && dataset === DATASET).sort((a, b) => a.id - b.id);
}

/** What is to be done so that one job of ours is as it's wanted, or none. Jobs of others are left alone. */
export function planLogpush(jobs: readonly LogpushJob[], wanted: WantedJob | null): LogpushStep[] {
  const [first, ...surplus] = oursOf(jobs);
  const removals = surplus.map(({ id }) => ({ kind: 'remove', id }) as const);
  if (!wanted) return first ? [{ kind: 'remove', id: first.id }, ...removals] : [];
  if (!first) return [{ kind: 'create' }];
  return isAsWanted(first, wanted) ? removals : [{ kind: 'update', id: first.id }, ...removals];
}

function isAsWanted({ isEnabled, destination, fields, timestamps }: LogpushJob, wanted: WantedJob): boolean {
  return (
    isEnabled &&
    destination === wanted.destination &&
    timestamps === TIMESTAMPS &&
    fields.length === wanted.fields.length &&
    wanted.fields.every((field) => fields.includes(field))
  );
}
