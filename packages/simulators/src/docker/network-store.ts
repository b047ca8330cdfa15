import { randomBytes } from 'node:crypto';
import { EngineError } from './engine-error.ts';
import { nowNanos, toEngineTime } from './engine-time.ts';
import { type Json, toList, toRecord, toText, toTextMap } from './json.ts';

export interface Network {
  id: string;
  name: string;
  driver: string;
  created: string;
  subnet: string;
  gateway: string;
  options: Record<string, string>;
  labels: Record<string, string>;
  internal: boolean;
}

interface AddressRange {
  first: number;
  last: number;
}

const toAddressNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const toAddress = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');

function toRange(subnet: string): AddressRange | undefined {
  const match = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(subnet);
  if (match === null) {
    return undefined;
  }
  const length = Number(match[2]);
  if (length > 32 || (match[1] ?? '').split('.').some((part) => Number(part) > 255)) {
    return undefined;
  }
  const size = 2 ** (32 - length);
  const first = Math.floor(toAddressNumber(match[1] ?? '') / size) * size;
  return { first, last: first + size - 1 };
}

/** The address of the nth container in a subnet; the first one belongs to the gateway. */
export function toContainerAddress(subnet: string, nth: number): string {
  const range = toRange(subnet);
  return range === undefined ? '' : toAddress(range.first + 2 + nth);
}

// The default pools of dockerd 20.10: 172.17–172.31/16 and 192.168.0/20 in steps; the first one is docker0's.
const defaultPools: string[] = [
  ...Array.from({ length: 14 }, (_, index) => `172.${18 + index}.0.0/16`),
  ...Array.from({ length: 16 }, (_, index) => `192.168.${index * 16}.0/20`),
];

const builtIn = (name: string, driver: string, subnet: string): Network => ({
  id: randomBytes(32).toString('hex'),
  name,
  driver,
  created: toEngineTime(nowNanos()),
  subnet,
  gateway: subnet === '' ? '' : toAddress((toRange(subnet)?.first ?? 0) + 1),
  options: {},
  labels: {},
  internal: false,
});

/** The networks of one Engine, with its rules for names, subnets and bridges. */
export class NetworkStore {
  readonly #networks = new Map<string, Network>();
  readonly #lostBridges = new Set<string>();

  constructor(kept: Network[] = []) {
    const start =
      kept.length > 0
        ? kept
        : [builtIn('bridge', 'bridge', '172.17.0.0/16'), builtIn('host', 'host', ''), builtIn('none', 'null', '')];
    for (const network of start) {
      this.#networks.set(network.id, network);
    }
  }

  /** As after a dockerd that ended while it made a network (seen with 20.10): it has the bridge for one that it doesn't show. */
  loseBridge(bridge: string): void {
    this.#lostBridges.add(bridge);
  }

  list(): Network[] {
    return [...this.#networks.values()];
  }

  find(nameOrId: string): Network | undefined {
    const wanted = nameOrId === 'default' ? 'bridge' : nameOrId;
    const networks = this.list();
    return (
      this.#networks.get(wanted) ??
      networks.find((network) => network.name === wanted) ??
      (/^[0-9a-f]{12,}$/.test(wanted) ? networks.find((network) => network.id.startsWith(wanted)) : undefined)
    );
  }

  /** @throws EngineError 404 */
  get(nameOrId: string): Network {
    const network = this.find(nameOrId);
    if (network === undefined) {
      throw new EngineError(404, `network ${nameOrId} not found`);
    }
    return network;
  }

  /** @throws EngineError 400 bad request, 403 overlap or built-in name, 404 no pool left, 409 duplicate name, 500 long bridge name */
  create(body: Json): Network {
    const name = toText(body.Name);
    const driver = toText(body.Driver, 'bridge');
    this.#assertName(name, driver, body.CheckDuplicate === true);
    const config = toRecord(toList(toRecord(body.IPAM).Config)[0]);
    const subnet = toText(config.Subnet) === '' ? this.#freePool() : toText(config.Subnet);
    const range = this.#assertSubnet(subnet);
    const gateway = toText(config.Gateway) === '' ? toAddress(range.first + 1) : toText(config.Gateway);
    const at = toRange(`${gateway}/32`)?.first;
    if (at === undefined || at < range.first || at > range.last) {
      throw new EngineError(400, `no matching subnet for gateway ${gateway}`);
    }
    const network: Network = {
      id: randomBytes(32).toString('hex'),
      name,
      driver,
      created: toEngineTime(nowNanos()),
      subnet,
      gateway,
      options: toTextMap(body.Options),
      labels: toTextMap(body.Labels),
      internal: body.Internal === true,
    };
    this.#assertBridge(network);
    this.#networks.set(network.id, network);
    return network;
  }

  /** @throws EngineError 403 for the built-in ones and for those that running containers use */
  remove(network: Network, inUse: boolean): void {
    if (['bridge', 'host', 'none'].includes(network.name)) {
      throw new EngineError(403, `${network.name} is a pre-defined network and cannot be removed`);
    }
    if (inUse) {
      throw new EngineError(
        403,
        `error while removing network: network ${network.name} id ${network.id} has active endpoints`,
      );
    }
    this.#networks.delete(network.id);
  }

  #assertName(name: string, driver: string, checkDuplicate: boolean): void {
    if (name.trim() === '') {
      throw new EngineError(400, 'network name cannot be empty'); // the daemon's own words vary by version
    }
    if (['bridge', 'host', 'none', 'default'].includes(name)) {
      throw new EngineError(403, `operation is not permitted on predefined ${name} network `);
    }
    if (driver !== 'bridge') {
      throw new EngineError(404, `plugin "${driver}" not found`);
    }
    if (checkDuplicate && this.list().some((network) => network.name === name)) {
      throw new EngineError(409, `network with name ${name} already exists`);
    }
  }

  #assertSubnet(subnet: string): AddressRange {
    const range = toRange(subnet);
    if (range === undefined) {
      throw new EngineError(400, `invalid CIDR address: ${subnet}`);
    }
    const overlaps = this.list().some((network) => {
      const other = toRange(network.subnet);
      return other !== undefined && other.first <= range.last && range.first <= other.last;
    });
    if (overlaps) {
      throw new EngineError(403, 'Pool overlaps with other one on this address space');
    }
    return range;
  }

  #assertBridge(network: Network): void {
    const key = 'com.docker.network.bridge.name';
    const bridge = network.options[key];
    // The kernel's own limit: 16 bytes with the end (IFNAMSIZ).
    if (bridge !== undefined && Buffer.byteLength(bridge) > 15) {
      throw new EngineError(500, 'numerical result out of range');
    }
    const other = this.list().find((entry) => bridge !== undefined && entry.options[key] === bridge);
    const otherId = other?.id ?? (bridge !== undefined && this.#lostBridges.has(bridge) ? 'f'.repeat(64) : undefined);
    if (otherId !== undefined) {
      throw new EngineError(
        403,
        `cannot create network ${network.id} (${bridge}): conflicts with network ${otherId} (${bridge}): networks have same bridge name`,
      );
    }
  }

  #freePool(): string {
    const used = this.list().map((network) => toRange(network.subnet));
    const free = defaultPools.find((pool) => {
      const range = toRange(pool);
      return used.every((other) => !other || !range || other.first > range.last || range.first > other.last);
    });
    if (free === undefined) {
      throw new EngineError(
        404,
        'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
      );
    }
    return free;
  }
}
