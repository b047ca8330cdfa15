import { type Scope, scopes } from './scopes.ts';

/** Who signs in: a customer, or one of those who run Berth. */
export const roles = ['customer', 'viewer', 'operator', 'admin'] as const;

export type Role = (typeof roles)[number];

/** Roles of those who run Berth. */
export const operatorRoles = ['viewer', 'operator', 'admin'] as const;

/** What a role allows, in the words of API keys. A customer's is another matter: what is theirs (`Route.customers`). */
export const scopesOfRole = {
  customer: [],
  viewer: ['sites:read'],
  operator: ['sites:read', 'sites:write', 'operator'],
  admin: scopes,
} as const satisfies Record<Role, readonly Scope[]>;
