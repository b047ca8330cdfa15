import type { IncomingMessage } from 'node:http';

export interface Visitor {
  address: string;
  /** two letters, upper case; XX for unknown */
  country: string;
}

/** Who visits: by the connection, or as the header `x-simulated-visitor: <address> <country>` says. */
export function visitorOf({ headers, socket }: IncomingMessage): Visitor {
  const said = String(headers['x-simulated-visitor'] ?? '').split(' ');
  const [address = '', country = 'XX'] = said[0] ? said : [socket.remoteAddress];
  return { address, country };
}

/** The host name that is asked for. */
export function hostnameOf({ headers }: IncomingMessage): string {
  return (headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
}
