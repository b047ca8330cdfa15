import { done } from '../identity.ts';
import { passwordChange, passwordProof, recoveryCodes, secondFactorBegun, secondFactorConfirmation } from '../user.ts';
import type { RouteSpec } from './route-spec.ts';

/** What is about the account of who is signed in. */
export const accountRoutes = {
  changePassword: {
    method: 'put',
    path: '/v1/me/password',
    summary: 'Change my password; all other sessions end',
    scopes: [],
    customers: 'self',
    body: passwordChange,
    status: 200,
    answer: done,
    errors: [422, 429],
  },
  beginSecondFactor: {
    method: 'post',
    path: '/v1/me/second-factor',
    summary: 'Begin to enrol an authenticator app; it counts once a code of it was sent',
    scopes: [],
    customers: 'self',
    body: passwordProof,
    status: 200,
    answer: secondFactorBegun,
    errors: [409, 422, 429],
  },
  confirmSecondFactor: {
    method: 'post',
    path: '/v1/me/second-factor/confirmations',
    summary: 'Finish to enrol an authenticator app by a code of it',
    scopes: [],
    customers: 'self',
    body: secondFactorConfirmation,
    status: 200,
    answer: done,
    errors: [422, 429],
  },
  renewRecoveryCodes: {
    method: 'post',
    path: '/v1/me/recovery-codes',
    summary: 'Make new recovery codes; former ones work no more',
    scopes: [],
    customers: 'self',
    body: passwordProof,
    status: 200,
    answer: recoveryCodes,
    errors: [422, 429],
  },
  endImpersonation: {
    method: 'delete',
    path: '/v1/impersonation',
    summary: 'See with my own eyes again',
    scopes: [],
    customers: 'self',
    status: 200,
    answer: done,
  },
} as const satisfies Record<string, RouteSpec>;
