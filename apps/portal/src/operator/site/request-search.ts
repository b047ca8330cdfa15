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

/** A moment of the address as a field for date and time shows it: by the clock of the device, as the list below it does. What is none stays. */
export function toField(text: string): string {
  const at = Date.parse(zoned(text));
  if (Number.isNaN(at)) return text;
  const date = new Date(at);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-');
  return `${day}T${[date.getHours(), date.getMinutes()].map(twoDigits).join(':')}`;
}

/** What stands in a field for date and time, as the moment that the address names: in UTC, so that it says the same to whoever it is sent to. */
export function fromField(text: string): string {
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : new Date(at).toISOString();
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

const zoned = (text: string): string => (/[zZ]$|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);

function toUtc(text: string): string {
  const at = Date.parse(zoned(text));
  return Number.isNaN(at) ? text : new Date(at).toISOString();
}
