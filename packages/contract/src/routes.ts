import { z } from 'zod';
import { attemptRequest, channelKinds, delivery, deliveryDetail, deliveryState } from './delivery.ts';
import { doctorReport } from './doctor.ts';
import { domainCheck, domainCheckRequest, siteDomain } from './domain.ts';
import { siteHealth } from './health.ts';
import { host, hostChange, hostDetail } from './host.ts';
import { logLine, logQuery } from './logs.ts';
import { maintenanceRequest, maintenanceWindow } from './maintenance.ts';
import { confirmationRequest, deletionRequest, deployRequest, operation, restartRequest } from './operation.ts';
import { orderAccepted, orderRequest } from './order.ts';
import { overview } from './overview.ts';
import { registry, registryLogin } from './registry.ts';
import type { Scope } from './scopes.ts';
import { siteDetail, siteEvent, siteSummary, tunnelDetail, tunnelSummary } from './site.ts';
import { tunnelDeletionRequest, tunnelRequest } from './tunnel-request.ts';
import {
  webhookEndpoint,
  webhookEndpointChange,
  webhookEndpointRequest,
  webhookEndpointWithSecret,
  webhookSecretRequest,
} from './webhook-endpoint.ts';

interface RouteSpec {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** OpenAPI's way of writing parameters */
  path: string;
  summary: string;
  /** any of these suffices */
  scopes: readonly Scope[];
  /** a header that must be there */
  idempotent?: boolean;
  query?: z.ZodObject;
  body?: z.ZodType;
  status: number;
  answer: z.ZodType;
  /** error statuses beyond 400, 401, 403 and 404 */
  errors?: readonly number[];
}

const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
const listOf = <T extends z.ZodType>(one: T) => z.object({ data: z.array(one), nextCursor: z.string().nullable() });

/** Every endpoint below /v1: the API's routes, its authorization and its OpenAPI description are made from this table. */
export const routes = {
  createOrder: {
    method: 'post',
    path: '/v1/orders',
    summary: 'Order a site',
    scopes: ['orders:write'],
    idempotent: true,
    body: orderRequest,
    status: 202,
    answer: orderAccepted,
    errors: [409, 413, 415, 422],
  },
  getOrder: {
    method: 'get',
    path: '/v1/orders/{orderId}',
    summary: 'What became of an order',
    scopes: ['orders:write', 'sites:read'],
    status: 200,
    answer: orderAccepted,
  },
  listSites: {
    method: 'get',
    path: '/v1/sites',
    summary: 'List sites, the newest first',
    scopes: ['sites:read'],
    query: page.extend({ gone: z.enum(['true', 'false']).default('false') }),
    status: 200,
    answer: listOf(siteSummary),
  },
  getSite: {
    method: 'get',
    path: '/v1/sites/{key}',
    summary: 'One site, with everything that stands of it',
    scopes: ['sites:read'],
    status: 200,
    answer: siteDetail,
  },
  getSiteDomain: {
    method: 'get',
    path: '/v1/sites/{key}/domain',
    summary: "How a site's domain stands on its way to Cloudflare, and what its parent last said",
    scopes: ['sites:read'],
    status: 200,
    answer: siteDomain,
    errors: [409],
  },
  checkDomain: {
    method: 'post',
    path: '/v1/sites/{key}/domain-checks',
    summary: "Ask the name servers of the domain's parent now, and look at the zone again",
    scopes: ['sites:write'],
    body: domainCheckRequest,
    status: 200,
    answer: domainCheck,
    errors: [409, 422, 429],
  },
  getSiteHealth: {
    method: 'get',
    path: '/v1/sites/{key}/health',
    summary: 'How well a site is: now, at its last checks, and its incidents',
    scopes: ['sites:read'],
    status: 200,
    answer: siteHealth,
  },
  getSiteTunnel: {
    method: 'get',
    path: '/v1/sites/{key}/tunnel',
    summary: "A site's tunnel, with its connections",
    scopes: ['sites:read'],
    status: 200,
    answer: tunnelDetail,
  },
  createSiteTunnel: {
    method: 'put',
    path: '/v1/sites/{key}/tunnel',
    summary: 'Give a site a tunnel; a site that is not there is made, of a tunnel alone',
    scopes: ['operator'],
    body: tunnelRequest,
    status: 202,
    answer: operation,
    errors: [409, 422],
  },
  deleteSiteTunnel: {
    method: 'delete',
    path: '/v1/sites/{key}/tunnel',
    summary: "Take a site's tunnel away; its container stays, and a site of a tunnel alone goes",
    scopes: ['operator'],
    body: tunnelDeletionRequest,
    status: 202,
    answer: operation,
    errors: [409, 422],
  },
  listSiteEvents: {
    method: 'get',
    path: '/v1/sites/{key}/events',
    summary: 'What happened to a site; with Accept: text/event-stream also what happens from now on',
    scopes: ['sites:read'],
    query: page,
    status: 200,
    answer: listOf(siteEvent),
  },
  listSiteLogs: {
    method: 'get',
    path: '/v1/sites/{key}/logs',
    summary:
      "What a site's containers wrote; with follow=1 or Accept: text/event-stream also what they write from now on",
    scopes: ['sites:read'],
    query: logQuery,
    status: 200,
    answer: listOf(logLine),
  },
  restartSite: {
    method: 'post',
    path: '/v1/sites/{key}/restarts',
    summary: "Restart a site's container or tunnel",
    scopes: ['sites:write'],
    body: restartRequest,
    status: 202,
    answer: operation,
    errors: [409],
  },
  deploySite: {
    method: 'post',
    path: '/v1/sites/{key}/deploys',
    summary: 'Deploy an image; the former one comes back when it does not get healthy',
    scopes: ['sites:write'],
    body: deployRequest,
    status: 202,
    answer: operation,
    errors: [409],
  },
  confirmSite: {
    method: 'post',
    path: '/v1/sites/{key}/confirmations',
    summary: 'Say that a zone which was active before belongs to the customer',
    scopes: ['operator'],
    body: confirmationRequest,
    status: 202,
    answer: operation,
    errors: [409],
  },
  deleteSite: {
    method: 'delete',
    path: '/v1/sites/{key}',
    summary: 'Take a site away, at whatever step it is',
    scopes: ['sites:write'],
    body: deletionRequest,
    status: 202,
    answer: operation,
    errors: [409],
  },
  getOperation: {
    method: 'get',
    path: '/v1/operations/{id}',
    summary: 'How far an operation is',
    scopes: ['orders:write', 'sites:read'],
    query: z.strictObject({ wait: z.coerce.number().min(0).max(20).default(0) }),
    status: 200,
    answer: operation,
  },
  getOverview: {
    method: 'get',
    path: '/v1/overview',
    summary:
      'All sites at once: how many stand how, what needs a person first, open incidents, how long it takes to go live',
    scopes: ['sites:read'],
    status: 200,
    answer: overview,
  },
  listHosts: {
    method: 'get',
    path: '/v1/hosts',
    summary: 'List hosts, with their room and whether they give signs of life',
    scopes: ['sites:read'],
    status: 200,
    answer: listOf(host),
  },
  getHost: {
    method: 'get',
    path: '/v1/hosts/{host}',
    summary: 'One host, with what is on it and what happened to it',
    scopes: ['sites:read'],
    status: 200,
    answer: hostDetail,
  },
  changeHost: {
    method: 'patch',
    path: '/v1/hosts/{host}',
    summary: 'Say whether a host gets further sites',
    scopes: ['operator'],
    body: hostChange,
    status: 200,
    answer: hostDetail,
    errors: [413, 415, 422],
  },
  listTunnels: {
    method: 'get',
    path: '/v1/tunnels',
    summary: 'List tunnels',
    scopes: ['sites:read'],
    query: page,
    status: 200,
    answer: listOf(tunnelSummary),
  },
  examine: {
    method: 'get',
    path: '/v1/doctor',
    summary: 'What the installation stands on: what is wrong, and what to do',
    scopes: ['admin'],
    status: 200,
    answer: doctorReport,
  },
  listRegistries: {
    method: 'get',
    path: '/v1/registries',
    summary: 'List the registries whose logins are stored',
    scopes: ['admin'],
    status: 200,
    answer: listOf(registry),
  },
  getRegistry: {
    method: 'get',
    path: '/v1/registries/{registry}',
    summary: 'Whether the login of a registry is stored; never the login itself',
    scopes: ['admin'],
    status: 200,
    answer: registry,
  },
  putRegistry: {
    method: 'put',
    path: '/v1/registries/{registry}',
    summary: 'Store the login by which images of a registry are pulled, in place of any former one',
    scopes: ['admin'],
    body: registryLogin,
    status: 200,
    answer: registry,
    errors: [413, 415, 422],
  },
  deleteRegistry: {
    method: 'delete',
    path: '/v1/registries/{registry}',
    summary: 'Forget the login of a registry',
    scopes: ['admin'],
    status: 200,
    answer: registry,
  },
  listWebhooks: {
    method: 'get',
    path: '/v1/webhooks',
    summary: 'List the places that webhooks are sent to',
    scopes: ['admin'],
    status: 200,
    answer: listOf(webhookEndpoint),
  },
  createWebhook: {
    method: 'post',
    path: '/v1/webhooks',
    summary: 'Have webhooks sent to a place; the answer shows its secret, once',
    scopes: ['admin'],
    body: webhookEndpointRequest,
    status: 201,
    answer: webhookEndpointWithSecret,
    errors: [422],
  },
  changeWebhook: {
    method: 'patch',
    path: '/v1/webhooks/{webhookId}',
    summary: 'Change a place, or switch it off and on',
    scopes: ['admin'],
    body: webhookEndpointChange,
    status: 200,
    answer: webhookEndpoint,
    errors: [422],
  },
  rotateWebhookSecret: {
    method: 'post',
    path: '/v1/webhooks/{webhookId}/secrets',
    summary: 'Make a new secret, which is shown once; messages are signed by both while the former one counts',
    scopes: ['admin'],
    body: webhookSecretRequest,
    status: 201,
    answer: webhookEndpointWithSecret,
    errors: [422],
  },
  deleteWebhook: {
    method: 'delete',
    path: '/v1/webhooks/{webhookId}',
    summary: 'Send nothing there any more',
    scopes: ['admin'],
    status: 200,
    answer: webhookEndpoint,
  },
  listMaintenanceWindows: {
    method: 'get',
    path: '/v1/maintenance-windows',
    summary: 'List the times in which nobody is told of what goes wrong',
    scopes: ['sites:read'],
    query: z.strictObject({ past: z.enum(['true', 'false']).default('false') }),
    status: 200,
    answer: listOf(maintenanceWindow),
  },
  createMaintenanceWindow: {
    method: 'post',
    path: '/v1/maintenance-windows',
    summary:
      'Tell nobody of what goes wrong with a host, a site or all for a while; what is still wrong then is told after it',
    scopes: ['operator'],
    body: maintenanceRequest,
    status: 201,
    answer: maintenanceWindow,
    errors: [422],
  },
  deleteMaintenanceWindow: {
    method: 'delete',
    path: '/v1/maintenance-windows/{windowId}',
    summary: 'End a maintenance now, or before it begins',
    scopes: ['operator'],
    status: 200,
    answer: maintenanceWindow,
  },
  listDeliveries: {
    method: 'get',
    path: '/v1/deliveries',
    summary: 'What was told to whom, the newest first',
    scopes: ['operator'],
    query: page.extend({
      state: deliveryState.optional(),
      channel: z.enum(channelKinds).optional(),
      target: z.string().max(254).optional(),
      site: z.string().max(60).optional(),
    }),
    status: 200,
    answer: listOf(delivery),
  },
  getDelivery: {
    method: 'get',
    path: '/v1/deliveries/{deliveryId}',
    summary: 'One message to one place, with what it says',
    scopes: ['operator'],
    status: 200,
    answer: deliveryDetail,
  },
  sendAgain: {
    method: 'post',
    path: '/v1/deliveries/{deliveryId}/attempts',
    summary: 'Send a message again, at once',
    scopes: ['operator'],
    body: attemptRequest,
    status: 202,
    answer: delivery,
    errors: [409],
  },
} as const satisfies Record<string, RouteSpec>;

export type RouteName = keyof typeof routes;
export type Route = RouteSpec;
