import { ApiError } from '../api-error.ts';
import type { Call, Route } from '../call.ts';
import type { Zone } from '../zone.ts';

const JOBS = '/zones/:zone/logpush/jobs';
const OWNERSHIP = '/zones/:zone/logpush/ownership';
/** What may be said of a job at any time; its name and its dataset are for ever. */
const FIELDS = [
  'destination_conf',
  'enabled',
  'frequency',
  'kind',
  'logpull_options',
  'max_upload_bytes',
  'max_upload_interval_seconds',
  'max_upload_records',
  'output_options',
  'ownership_challenge',
];

/** Logpush of a zone: its jobs, and the challenges that show whose a destination is. */
export const logpushRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: JOBS,
    needs: 'logs.read',
    handle: (call) => ({ result: call.account.logpush.jobs(zoneOf(call)) }),
  },
  {
    method: 'POST',
    path: JOBS,
    needs: 'logs.edit',
    fields: ['name', 'dataset', ...FIELDS],
    handle: (call) => changed(call, call.account.logpush.create(zoneOf(call), call.body)),
  },
  {
    method: 'GET',
    path: `${JOBS}/:job`,
    needs: 'logs.read',
    handle: (call) => {
      const job = call.account.logpush.jobs(zoneOf(call)).find(({ id }) => id === jobOf(call));
      if (!job) throw new ApiError(404, 1002, 'job not found');
      return { result: job };
    },
  },
  {
    method: 'PUT',
    path: `${JOBS}/:job`,
    needs: 'logs.edit',
    fields: FIELDS,
    handle: (call) => changed(call, call.account.logpush.change(zoneOf(call), jobOf(call), call.body)),
  },
  {
    method: 'DELETE',
    path: `${JOBS}/:job`,
    needs: 'logs.edit',
    handle: (call) => {
      call.account.logpush.remove(zoneOf(call), jobOf(call));
      return changed(call, { id: jobOf(call) });
    },
  },
  {
    method: 'POST',
    path: OWNERSHIP,
    needs: 'logs.edit',
    fields: ['destination_conf'],
    handle: (call) => {
      zoneOf(call);
      const filename = call.account.logpush.challenge(textOf(call, 'destination_conf'));
      return changed(call, { filename, message: '', valid: true });
    },
  },
  {
    method: 'POST',
    path: `${OWNERSHIP}/validate`,
    needs: 'logs.edit',
    fields: ['destination_conf', 'ownership_challenge'],
    handle: (call) => {
      zoneOf(call);
      const [destination, token] = [textOf(call, 'destination_conf'), textOf(call, 'ownership_challenge')];
      return { result: { valid: call.account.logpush.isOwned(destination, token) } };
    },
  },
];

function zoneOf({ account, params }: Call): Zone {
  return account.zone(params.zone ?? '');
}

function jobOf({ params }: Call): number {
  return Number(params.job);
}

function textOf({ body }: Call, field: string): string {
  const value = body[field];
  if (typeof value !== 'string') throw new ApiError(400, 1002, `${field} is required`);
  return value;
}

function changed<T>({ account }: Call, result: T): { result: T } {
  account.changed();
  return { result };
}
