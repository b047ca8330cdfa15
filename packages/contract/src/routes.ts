import { accountRoutes } from './routes/account.ts';
import { fleetRoutes } from './routes/fleet.ts';
import { orderRoutes } from './routes/orders.ts';
import { peopleRoutes } from './routes/people.ts';
import { protectionRoutes } from './routes/protection.ts';
import type { RouteSpec } from './routes/route-spec.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { siteChangeRoutes } from './routes/site-changes.ts';
import { siteRoutes } from './routes/sites.ts';
import { tellingRoutes } from './routes/telling.ts';

export type { CustomerRule } from './routes/route-spec.ts';

/** Every endpoint below /v1: the API's routes, its authorization and its OpenAPI description are made from this table. */
export const routes = {
  ...signInRoutes,
  ...accountRoutes,
  ...peopleRoutes,
  ...orderRoutes,
  ...siteRoutes,
  ...siteChangeRoutes,
  ...protectionRoutes,
  ...fleetRoutes,
  ...tellingRoutes,
} as const satisfies Record<string, RouteSpec>;

export type RouteName = keyof typeof routes;
export type Route = RouteSpec;
