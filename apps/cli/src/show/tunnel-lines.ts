import type { TunnelDetail } from '@berth/contract/site';
import { plain, type Terminal } from '../terminal.ts';
import { tableLines } from './table.ts';

/** A tunnel for a person, as `cloudflared tunnel info` shows it. */
export function tunnelLines(tunnel: TunnelDetail, terminal: Terminal): string[] {
  const { name, id, site, domain, port, status, connections, connectionsError } = tunnel;
  const facts: [string, string][] = [
    ['id', id],
    ['site', site],
    ['leads', `${domain} → localhost:${port}`],
    ['unit', `cloudflared-${name}.service`],
  ];
  const rows = connections.map(({ connectorId, colo, openedAt, version }) => [connectorId, colo, openedAt, version]);
  const columns = [
    { heading: 'CONNECTOR', cuts: true },
    { heading: 'EDGE' },
    { heading: 'SINCE', cuts: true },
    { heading: 'VERSION' },
  ];
  const [head = '', ...lines] = tableLines(columns, rows, terminal.width);
  return [
    `${terminal.bold(plain(name))}  ${status ?? '-'}`,
    ...facts.map(([title, value]) => `  ${terminal.dim(title.padEnd(5))} ${plain(value)}`),
    '',
    ...(connectionsError
      ? [terminal.yellow(`connections are not known: ${plain(connectionsError)}`)]
      : rows.length > 0
        ? [terminal.dim(head), ...lines]
        : ['no connections']),
  ];
}
