/** What rules see of a request. */
export interface RequestFields {
  host: string;
  /** with its query */
  uri: string;
  method: string;
  userAgent: string;
  /** of the visitor */
  address: string;
  /** two letters, upper case; T1 for Tor, XX for unknown */
  country: string;
}

export type FieldKind = 'text' | 'address' | 'flag';

interface Field {
  kind: FieldKind;
  read(request: RequestFields): string | boolean;
}

const pathOf = (uri: string) => uri.replace(/\?.*$/s, '');
const queryOf = (uri: string) => (uri.includes('?') ? uri.slice(uri.indexOf('?') + 1) : '');
const country: Field = { kind: 'text', read: (request) => request.country };

/** The fields that are known here, by Cloudflare's names. */
export const requestFields: Readonly<Record<string, Field>> = {
  'http.host': { kind: 'text', read: ({ host }) => host },
  'http.request.uri': { kind: 'text', read: ({ uri }) => uri },
  'http.request.uri.path': { kind: 'text', read: ({ uri }) => pathOf(uri) },
  'http.request.uri.query': { kind: 'text', read: ({ uri }) => queryOf(uri) },
  'http.request.full_uri': { kind: 'text', read: ({ host, uri }) => `https://${host}${uri}` },
  'http.request.method': { kind: 'text', read: ({ method }) => method },
  'http.user_agent': { kind: 'text', read: ({ userAgent }) => userAgent },
  'ip.src': { kind: 'address', read: ({ address }) => address },
  'ip.src.country': country,
  'ip.geoip.country': country,
  ssl: { kind: 'flag', read: () => true },
  'cf.client.bot': { kind: 'flag', read: () => false },
};
