import type { Delivery, DeliveryState } from '@berth/contract/delivery';
import type { SiteState } from '@berth/contract/order';
import type { Role } from '@berth/contract/roles';

export const states = [
  'queued',
  'working',
  'waiting',
  'online',
  'degraded',
  'leaving',
  'gone',
] as const satisfies readonly SiteState[];
export const environments = ['production', 'staging'] as const;
export const deliveryStates = [
  'pending',
  'delivered',
  'failed',
  'canceled',
] as const satisfies readonly DeliveryState[];
export const channels = ['slack', 'email', 'webhook'] as const satisfies readonly Delivery['channel'][];

export const operatorRoles = ['viewer', 'operator', 'admin'] as const satisfies readonly Role[];

/** The filters of the list of sites, as they stand in the address. */
export interface SitesSearch {
  q?: string;
  state?: SiteState;
  environment?: (typeof environments)[number];
  gone?: true;
}

export interface OrdersSearch {
  q?: string;
  state?: SiteState;
}

/** The filters of the audit: the same as the API's. */
export interface AuditSearch {
  actor?: string;
  action?: string;
  target?: string;
}

export interface DeliverySearch {
  state?: DeliveryState;
  channel?: Delivery['channel'];
}

const oneOf = <T extends string>(all: readonly T[], value: unknown): T | undefined => all.find((one) => one === value);

const textOf = (value: unknown): string | undefined =>
  (typeof value === 'string' || typeof value === 'number') && value !== '' ? String(value) : undefined;

/** Reads filters from an address; what is none of ours is left out. */
export function checkSitesSearch(search: Record<string, unknown>): SitesSearch {
  const state = oneOf(states, search.state);
  const environment = oneOf(environments, search.environment);
  const q = textOf(search.q);
  return {
    ...(q && { q }),
    ...(state && { state }),
    ...(environment && { environment }),
    ...(search.gone === true && { gone: true as const }),
  };
}

export function checkDeliverySearch(search: Record<string, unknown>): DeliverySearch {
  const state = oneOf(deliveryStates, search.state);
  const channel = oneOf(channels, search.channel);
  return { ...(state && { state }), ...(channel && { channel }) };
}

export function checkOrdersSearch(search: Record<string, unknown>): OrdersSearch {
  const [q, state] = [textOf(search.q), oneOf(states, search.state)];
  return { ...(q && { q }), ...(state && { state }) };
}

export function checkAuditSearch(search: Record<string, unknown>): AuditSearch {
  const [actor, action, target] = [textOf(search.actor), textOf(search.action), textOf(search.target)];
  return { ...(actor && { actor }), ...(action && { action }), ...(target && { target }) };
}
