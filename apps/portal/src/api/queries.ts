import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Clock } from '../app/clock.ts';
import { ask, Refused } from './ask.ts';

const SOON_MS = 1000;
const OFTEN_MS = 5000;
const NOW_AND_THEN_MS = 15_000;
const SELDOM_MS = 60_000;

/** Who is signed in; null for nobody. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => {
    try {
      return await ask('get', '/v1/me', {}, signal);
    } catch (error) {
      if (error instanceof Refused && error.problem.status === 401) return null;
      throw error;
    }
  },
  staleTime: SELDOM_MS,
});

export const siteQuery = (key: string) =>
  queryOptions({
    queryKey: ['site', key],
    queryFn: ({ signal }) => ask('get', '/v1/sites/{key}', { params: { key } }, signal),
    refetchInterval: OFTEN_MS,
  });

export const healthQuery = (key: string) =>
  queryOptions({
    queryKey: ['site', key, 'health'],
    queryFn: ({ signal }) => ask('get', '/v1/sites/{key}/health', { params: { key } }, signal),
    refetchInterval: NOW_AND_THEN_MS,
  });

export const tunnelQuery = (key: string) =>
  queryOptions({
    queryKey: ['site', key, 'tunnel'],
    queryFn: ({ signal }) => ask('get', '/v1/sites/{key}/tunnel', { params: { key } }, signal),
    refetchInterval: SELDOM_MS,
  });

/** An operation, asked for until it is done. */
export const operationQuery = (id: string) =>
  queryOptions({
    queryKey: ['operation', id],
    queryFn: ({ signal }) => ask('get', '/v1/operations/{id}', { params: { id }, query: { wait: 0 } }, signal),
    refetchInterval: ({ state }) => (state.data?.done ? false : SOON_MS),
  });

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => ask('get', '/v1/overview', {}, signal),
});

export const hostsQuery = queryOptions({
  queryKey: ['hosts'],
  queryFn: ({ signal }) => ask('get', '/v1/hosts', {}, signal),
  refetchInterval: NOW_AND_THEN_MS,
});

export const hostQuery = (host: string) =>
  queryOptions({
    queryKey: ['hosts', host],
    queryFn: ({ signal }) => ask('get', '/v1/hosts/{host}', { params: { host } }, signal),
    refetchInterval: NOW_AND_THEN_MS,
  });

export const windowsQuery = queryOptions({
  queryKey: ['maintenance'],
  queryFn: ({ signal }) => ask('get', '/v1/maintenance-windows', { query: { past: 'false' } }, signal),
  refetchInterval: SELDOM_MS,
});

export const deliveryQuery = (deliveryId: string) =>
  queryOptions({
    queryKey: ['deliveries', 'one', deliveryId],
    queryFn: ({ signal }) => ask('get', '/v1/deliveries/{deliveryId}', { params: { deliveryId } }, signal),
    placeholderData: keepPreviousData,
  });

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => ask('get', '/v1/users', {}, signal),
});

export const doctorQuery = queryOptions({
  queryKey: ['doctor'],
  queryFn: ({ signal }) => ask('get', '/v1/doctor', {}, signal),
  refetchInterval: SELDOM_MS,
});

export const domainQuery = (key: string) =>
  queryOptions({
    queryKey: ['site', key, 'domain'],
    queryFn: ({ signal }) => ask('get', '/v1/sites/{key}/domain', { params: { key } }, signal),
    refetchInterval: OFTEN_MS,
  });

/** What protects a site; looked at often until it is in force. */
export const protectionQuery = (key: string) =>
  queryOptions({
    queryKey: ['site', key, 'protection'],
    queryFn: ({ signal }) => ask('get', '/v1/sites/{key}/protection', { params: { key } }, signal),
    refetchInterval: ({ state }) => (state.data?.inForce === false ? SOON_MS : NOW_AND_THEN_MS),
  });

const DAYS_SHOWN = 30;
const DAY_MS = 86_400_000;

/** A site's traffic of the last thirty days, by days. */
export const trafficQuery = (key: string, clock: Clock) =>
  queryOptions({
    queryKey: ['site', key, 'traffic'],
    queryFn: ({ signal }) => {
      const from = new Date(Math.floor(clock.now() / DAY_MS) * DAY_MS - (DAYS_SHOWN - 1) * DAY_MS).toISOString();
      return ask('get', '/v1/sites/{key}/traffic', { params: { key }, query: { from, bucket: 'day' } }, signal);
    },
    refetchInterval: SELDOM_MS,
  });
