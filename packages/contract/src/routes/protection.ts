import {
  protectionChange,
  protectionQuery,
  protectionRequest,
  protectionTest,
  protectionTestRequest,
  siteProtection,
} from '../protection.ts';
import type { RouteSpec } from './route-spec.ts';

/** Who may visit a site, from where, and how often. */
export const protectionRoutes = {
  getProtection: {
    method: 'get',
    path: '/v1/sites/{key}/protection',
    summary: 'What protects a site, and how far that is in force; its ETag is what a change names in If-Match',
    scopes: ['sites:read'],
    customers: 'own',
    status: 200,
    answer: siteProtection,
  },
  putProtection: {
    method: 'put',
    path: '/v1/sites/{key}/protection',
    summary: 'Say what shall protect a site, as a whole; ?plan=1 only says what that would change',
    scopes: ['sites:write'],
    // An application of Access costs the account's seats, and a list of networks can lock out its own author: operators decide.
    customers: 'nothing',
    ifMatch: true,
    query: protectionQuery,
    body: protectionRequest,
    status: 200,
    answer: protectionChange,
    errors: [409, 412, 422, 428],
  },
  testProtection: {
    method: 'post',
    path: '/v1/sites/{key}/protection/tests',
    summary: 'Whether somebody would get in under what shall protect a site, and why; nothing changes by it',
    scopes: ['sites:read'],
    customers: 'own',
    asksOnly: true,
    body: protectionTestRequest,
    status: 200,
    answer: protectionTest,
    errors: [409, 422],
  },
} as const satisfies Record<string, RouteSpec>;
