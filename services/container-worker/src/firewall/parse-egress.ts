import type { AllowedEgress } from './firewall-rules.ts';

/** The whole of IPv4 isn't allowed by mistake. */
const SHORTEST = 8;
const ITEM = /^((?:\d{1,3}\.){3}\d{1,3})(?:\/(\d{1,2}))?(?::(\d{1,5})(?:\/(tcp|udp))?)?$/;

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
  const [, address = '', length = '32', port, protocol = 'tcp'] = ITEM.exec(item) ?? [];
  const octets = address.split('.').map(Number);
  const bits = Number(length);
  if (octets.length !== 4 || octets.some((octet) => octet > 255) || bits < SHORTEST || bits > 32) return undefined;
  const number = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  // iptables lists a network by its first address: another one would look as if somebody had changed the rule.
  const first = number - (number % 2 ** (32 - bits));
  const network = `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${bits}`;
  if (port === undefined) return { network, port: undefined };
  if (Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { network, port: { number: Number(port), protocol: protocol === 'udp' ? 'udp' : 'tcp' } };
}
