/** How many bits of a visitor's address are kept; 0: nothing of it. */
export interface AddressBits {
  ipv4: number;
  ipv6: number;
}

const GROUPS = 8;

/**
 * The network that a visitor's address is in: all that is kept of it.
 * @returns such as `192.0.2.0/24` or `2001:db8:1::/48`; null for what is no address, or when nothing is to be kept
 */
export function shortenAddress(address: string, { ipv4, ipv6 }: AddressBits): string | null {
  const mapped = address.toLowerCase().replace(/^::ffff:(?=[\d.]+$)/, '');
  const four = toBytes(mapped);
  if (four) return ipv4 === 0 ? null : `${masked(four, 8, ipv4).join('.')}/${ipv4}`;
  const six = toGroups(mapped);
  if (!six || ipv6 === 0) return null;
  const groups = masked(six, 16, ipv6).map((group) => group.toString(16));
  const used = GROUPS - [...groups].reverse().findIndex((group) => group !== '0');
  const isWhole = used >= GROUPS - 1 && groups.at(-1) !== '0';
  if (groups.every((group) => group === '0')) return `::/${ipv6}`;
  return `${isWhole ? groups.join(':') : `${groups.slice(0, used).join(':')}::`}/${ipv6}`;
}

/** The parts of an address, each of `size` bits, without all bits after the first `kept`. */
function masked(parts: readonly number[], size: number, kept: number): number[] {
  return parts.map((part, place) => {
    const bits = Math.min(size, Math.max(0, kept - place * size));
    return part - (part % 2 ** (size - bits));
  });
}

function toBytes(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
}

function toGroups(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [before = [], after = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = GROUPS - before.length - after.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  return groups.every((group) => /^[\da-f]{1,4}$/.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined;
}
