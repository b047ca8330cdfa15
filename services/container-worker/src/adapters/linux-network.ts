import { readFile } from 'node:fs/promises';

const LISTEN = '0A';

/** A way that packets go. */
export interface Route {
  device: string;
  /** `10.8.0.0/24` */
  network: string;
}

/** The network of the namespace that this process runs in, as Linux shows it. */
export function makeLinuxNetwork(dir = '/proc/net') {
  const lines = async (name: string) => (await readFile(`${dir}/${name}`, 'utf8')).split('\n').slice(1);
  return {
    /** The TCP ports that something listens at, on whichever address; undefined where that can't be seen. */
    async listening(): Promise<ReadonlySet<number> | undefined> {
      try {
        const [four, six] = await Promise.all([lines('tcp'), lines('tcp6').catch(() => [])]);
        const sockets = [...four, ...six].map((line) => line.trim().split(/\s+/));
        return new Set(
          sockets
            .filter(([, , , state]) => state === LISTEN)
            .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16)),
        );
      } catch {
        return undefined;
      }
    },
    /** The IPv4 routes, without the default one; undefined where they can't be seen. */
    async routes(): Promise<Route[] | undefined> {
      try {
        return (await lines('route')).flatMap((line) => {
          const [device, to, , , , , , mask] = line.trim().split(/\s+/);
          if (!device || !to || !mask || Number.parseInt(mask, 16) === 0) return [];
          const bits = toBytes(mask).reduce((sum, byte) => sum + (byte.toString(2).match(/1/g)?.length ?? 0), 0);
          return [{ device, network: `${toBytes(to).join('.')}/${bits}` }];
        });
      } catch {
        return undefined;
      }
    },
  };
}

/** Linux writes an address as one number in the machine's order, on all that Berth runs on the last byte first. */
function toBytes(hex: string): number[] {
  return (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)).reverse();
}
