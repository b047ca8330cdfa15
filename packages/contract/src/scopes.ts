/** What an API key may do. `admin` may do everything. */
export const scopes = ['orders:write', 'sites:read', 'sites:write', 'operator', 'admin'] as const;

export type Scope = (typeof scopes)[number];
