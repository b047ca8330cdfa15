/**
 * A placement's slot (0–4095) gives it its numbers on the host: its subnet, its bridge and its metrics address.
 */

const METRICS_BASE = 20_000;

/** The highest slot a host can have: a /16 pool holds 4096 networks of /28. */
export const MAX_SLOT = 4095;

/** cloudflared takes 20241–20245 by itself when it isn't told an address; the slots that would meet those ports are left out. */
export function isUsableSlot(slot: number): boolean {
  const first = METRICS_BASE + 2 * slot;
  return slot >= 0 && slot <= MAX_SLOT && (first + 1 < 20_241 || first > 20_245);
}

/** Where the connector of a slot serves `/ready` and `/config`; `second` is for a connector that overlaps a restart. */
export function metricsAddress(slot: number, second = false): string {
  return `127.0.0.1:${METRICS_BASE + 2 * slot + (second ? 1 : 0)}`;
}

/** The network of a slot within `pool` (an IPv4 network such as `10.200.0.0/16`): `/28`, its gateway, its bridge's name. */
export function slotNetwork(pool: string, slot: number): { subnet: string; gateway: string; bridge: string } {
  const [base = '', bits = ''] = pool.split('/');
  const octets = base.split('.').map(Number);
  const size = 2 ** (32 - Number(bits));
  if (octets.length !== 4 || octets.some((o) => !Number.isInteger(o) || o < 0 || o > 255) || !(Number(bits) <= 28)) {
    throw new Error(`not an IPv4 network: ${JSON.stringify(pool)}`);
  }
  if (16 * (slot + 1) > size) throw new Error(`slot ${slot} does not fit into ${pool}`);
  const start = octets.reduce((sum, octet) => sum * 256 + octet, 0) + 16 * slot;
  const dotted = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.');
  return { subnet: `${dotted(start)}/28`, gateway: dotted(start + 1), bridge: `berth${slot}` };
}
