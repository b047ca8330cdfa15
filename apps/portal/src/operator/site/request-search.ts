/** The filters of a site's requests, as they stand in the address: the same as the API's. */
export interface RequestSearch {
  path?: string;
  status?: string;
  country?: string;
  address?: string;
  from?: string;
  to?: string;
}

export const requestFilters = [
  'path',
  'status',
  'country',
  'address',
  'from',
  'to',
] as const satisfies readonly (keyof RequestSearch)[];

/** Reads filters from an address; what is none of ours is left out. */
export function checkRequestSearch(search: Record<string, unknown>): RequestSearch {
  const found = requestFilters.flatMap((name) => {
    const value = search[name];
    return (typeof value === 'string' || typeof value === 'number') && value !== '' ? [[name, String(value)]] : [];
  });
  return Object.fromEntries(found);
}

/** Filters as the API takes them: a time without a zone is UTC. */
export function toRequestQuery({ from, to, country, ...others }: RequestSearch): RequestSearch {
  return {
    ...others,
    ...(country !== undefined && { country: country.toUpperCase() }),
    ...(from !== undefined && { from: toUtc(from) }),
    ...(to !== undefined && { to: toUtc(to) }),
  };
}

function toUtc(text: string): string {
  const at = Date.parse(/[zZ]$|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(at) ? text : new Date(at).toISOString();
}
