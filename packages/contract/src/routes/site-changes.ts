import { z } from 'zod';
import { confirmationRequest, deletionRequest, deployRequest, operation, restartRequest } from '../operation.ts';
import { condition, retryRequest } from '../site.ts';
import { listOf, type RouteSpec } from './route-spec.ts';

/** What is wanted of sites, and how far that is. */
export const siteChangeRoutes = {
  restartSite: {
    method: 'post',
    path: '/v1/sites/{key}/restarts',
    summary: "Restart a site's container or tunnel",
    scopes: ['sites:write'],
    customers: 'own',
    body: restartRequest,
    status: 202,
    answer: operation,
    errors: [409, 429],
  },
  retryCondition: {
    method: 'post',
    path: '/v1/sites/{key}/conditions/{aspect}/retries',
    summary: 'Have an aspect of a site looked at now instead of when its time has come; ten times in a minute at most',
    scopes: ['sites:write'],
    customers: 'nothing',
    body: retryRequest,
    status: 202,
    answer: listOf(condition),
    errors: [409, 422, 429],
  },
  deploySite: {
    method: 'post',
    path: '/v1/sites/{key}/deploys',
    summary: 'Deploy an image; the former one comes back when it does not get healthy',
    scopes: ['sites:write'],
    customers: 'nothing',
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
    customers: 'nothing',
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
    customers: 'nothing',
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
    customers: 'own',
    query: z.strictObject({ wait: z.coerce.number().min(0).max(20).default(0) }),
    status: 200,
    answer: operation,
  },
} as const satisfies Record<string, RouteSpec>;
