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

export interface DeliverySearch {
  state?: DeliveryState;
  channel?: Delivery['channel'];
}

const oneOf = <T extends string>(all: readonly T[], value: unknown): T | undefined => all.find((one) => one === value);

/** Reads filters from an address; what is none of ours is left out. */
export function checkSitesSearch(search: Record<string, unknown>): SitesSearch {
  const state = oneOf(states, search.state);
  const environment = oneOf(environments, search.environment);
  return {
    ...((typeof search.q === 'string' || typeof search.q === 'number') && search.q !== '' && { q: String(search.q) }),
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
