import { readIpv4Network, showIpv4Network } from '@berth/shared/domain/ipv4-network';
import type { AllowedEgress } from './firewall-rules.ts';

const ITEM = /^([\d./]+)(?::(\d{1,5})(?:\/(tcp|udp))?)?$/;
/** A /8: the whole of IPv4 isn't allowed by mistake. */
const LARGEST = 2 ** 24;

/**
 * Reads `EGRESS_ALLOW`: IPv4 networks or addresses, each with a port if only that is meant, such as `10.0.5.7:5432, 10.0.0.2:53/udp`.
 * @returns undefined when an item is none
 */
export function parseEgress(text: string): AllowedEgress[] | undefined {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)
    .map(parseItem);
  return items.includes(undefined) ? undefined : items.flatMap((item) => item ?? []);
}

function parseItem(item: string): AllowedEgress | undefined {
  const [, place = '', port, protocol = 'tcp'] = ITEM.exec(item) ?? [];
  const parsed = readIpv4Network(place);
  if (!parsed || parsed.last - parsed.first >= LARGEST) return undefined;
  // iptables lists a network by its first address: another one would look as if somebody had changed the rule.
  const network = showIpv4Network(parsed);
  if (port === undefined) return { network, port: undefined };
  if (Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { network, port: { number: Number(port), protocol: protocol === 'udp' ? 'udp' : 'tcp' } };
}
