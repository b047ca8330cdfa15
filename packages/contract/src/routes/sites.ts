import { z } from 'zod';
import { domainCheck, domainCheckRequest, siteDomain } from '../domain.ts';
import { siteHealth } from '../health.ts';
import { logLine, logQuery } from '../logs.ts';
import { operation } from '../operation.ts';
import { requestQuery, siteRequests } from '../requests.ts';
import { fleetEvent, siteDetail, siteEvent, siteFilter, siteSummary, tunnelDetail } from '../site.ts';
import { siteTraffic, trafficQuery } from '../traffic.ts';
import { tunnelDeletionRequest, tunnelRequest } from '../tunnel-request.ts';
import { listOf, page, type RouteSpec } from './route-spec.ts';

/** What is to be read of sites. */
export const siteRoutes = {
  listSites: {
    method: 'get',
    path: '/v1/sites',
    summary: 'List sites, the newest first',
    scopes: ['sites:read'],
    customers: 'listed',
    query: page.extend({
      ...siteFilter,
      environment: z.enum(['production', 'staging']).optional(),
      gone: z.enum(['true', 'false']).default('false'),
    }),
    status: 200,
    answer: listOf(siteSummary),
  },
  getSite: {
    method: 'get',
    path: '/v1/sites/{key}',
    summary: 'One site, with everything that stands of it',
    scopes: ['sites:read'],
    customers: 'own',
    status: 200,
    answer: siteDetail,
  },
  getSiteDomain: {
    method: 'get',
    path: '/v1/sites/{key}/domain',
    summary: "How a site's domain stands on its way to Cloudflare, and what its parent last said",
    scopes: ['sites:read'],
    customers: 'own',
    status: 200,
    answer: siteDomain,
    errors: [409],
  },
  checkDomain: {
    method: 'post',
    path: '/v1/sites/{key}/domain-checks',
    summary: "Ask the name servers of the domain's parent now, and look at the zone again",
    scopes: ['sites:write'],
    customers: 'own',
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
    customers: 'own',
    status: 200,
    answer: siteHealth,
  },
  getSiteTraffic: {
    method: 'get',
    path: '/v1/sites/{key}/traffic',
    summary: 'What visitors of a site did, by hours or days, as Cloudflare counts it',
    scopes: ['sites:read'],
    customers: 'own',
    query: trafficQuery,
    status: 200,
    answer: siteTraffic,
    errors: [422],
  },
  listSiteRequests: {
    method: 'get',
    path: '/v1/sites/{key}/requests',
    summary: "What a site's visitors asked for, from Cloudflare's sample, the newest first",
    scopes: ['sites:read'],
    customers: 'own',
    query: requestQuery,
    status: 200,
    answer: siteRequests,
    errors: [422],
  },
  getSiteTunnel: {
    method: 'get',
    path: '/v1/sites/{key}/tunnel',
    summary: "A site's tunnel, with its connections",
    scopes: ['sites:read'],
    customers: 'nothing',
    status: 200,
    answer: tunnelDetail,
  },
  createSiteTunnel: {
    method: 'put',
    path: '/v1/sites/{key}/tunnel',
    summary: 'Give a site a tunnel; a site that is not there is made, of a tunnel alone',
    scopes: ['operator'],
    customers: 'nothing',
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
    customers: 'nothing',
    body: tunnelDeletionRequest,
    status: 202,
    answer: operation,
    errors: [409, 422],
  },
  listEvents: {
    method: 'get',
    path: '/v1/events',
    summary:
      'What happened to all sites, the earliest first; with Accept: text/event-stream what happens from now on, or after Last-Event-ID',
    scopes: ['sites:read'],
    customers: 'listed',
    query: page,
    status: 200,
    answer: listOf(fleetEvent),
    errors: [422],
  },
  listSiteEvents: {
    method: 'get',
    path: '/v1/sites/{key}/events',
    summary: 'What happened to a site; with Accept: text/event-stream also what happens from now on',
    scopes: ['sites:read'],
    customers: 'own',
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
    customers: 'own',
    query: logQuery,
    status: 200,
    answer: listOf(logLine),
  },
} as const satisfies Record<string, RouteSpec>;
