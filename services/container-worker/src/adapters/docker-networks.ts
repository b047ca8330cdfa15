import { doNetworksOverlap, readIpv4Network } from '@berth/shared/domain/ipv4-network';
import { BerthError } from '@berth/shared/errors/berth-error';
import type Docker from 'dockerode';
import { labels, type Networks } from '../reconcile/container-access.ts';
import { guarded, statusOf, unless } from './docker-errors.ts';
import { type InTurn, makeTurns } from './in-turn.ts';

const TIMEOUT_MS = 30_000;
/** whether containers of one network reach each other */
const CONTAINERS_TALK = 'com.docker.network.bridge.enable_icc';
const BRIDGE_NAME = 'com.docker.network.bridge.name';
/** a /24, sixteen slots */
const WIDE_ADDRESSES = 256;

/** Networks of this host, over the Engine's API. */
export function makeDockerNetworks(docker: Docker, inTurn: InTurn = makeTurns().inTurn): Networks {
  async function toTaken(wanted: Wanted, signal: AbortSignal, cause: unknown): Promise<BerthError> {
    const list = guarded('listing networks', signal, TIMEOUT_MS, () => docker.listNetworks());
    const holder = (await list).find((one) => isHeldBy(one, wanted));
    const held = `the addresses ${wanted.subnet} or the bridge ${wanted.bridge}`;
    if (!holder) {
      const message = `Docker holds ${held} for a network that it does not show`;
      return new BerthError('docker.addresses-lost', message, { cause });
    }
    const code = isWide(holder) ? 'docker.stranger' : 'docker.addresses-taken';
    return new BerthError(code, `network ${holder.Name} has ${held}; remove it`, { cause });
  }

  return {
    async find(name, signal) {
      const shown: Docker.NetworkInspectInfo | undefined = await unless(
        [404],
        guarded(`reading network ${name}`, signal, TIMEOUT_MS, () => docker.getNetwork(name).inspect()),
      );
      if (!shown || shown.Name !== name) return undefined;
      return {
        id: shown.Id,
        placementId: shown.Labels?.[labels.placement],
        subnet: shown.IPAM?.Config?.[0]?.Subnet ?? '',
        bridge: shown.Options?.[BRIDGE_NAME] ?? '',
        isIsolated: shown.Options?.[CONTAINERS_TALK] === 'false' && !shown.EnableIPv6,
      };
    },
    async create({ name, subnet, gateway, bridge, labels: given }, signal) {
      const create = inTurn('network', signal, () =>
        guarded(`creating network ${name}`, signal, TIMEOUT_MS, (abortSignal) =>
          docker.createNetwork({
            Name: name,
            CheckDuplicate: true,
            Driver: 'bridge',
            IPAM: { Driver: 'default', Config: [{ Subnet: subnet, Gateway: gateway }] },
            Options: { [CONTAINERS_TALK]: 'false', [BRIDGE_NAME]: bridge },
            Labels: { ...given },
            abortSignal,
          }),
        ),
      );
      try {
        await create;
      } catch (cause) {
        throw statusOf(cause) === 403 ? await toTaken({ subnet, bridge }, signal, cause) : cause;
      }
    },
    async remove(name, signal) {
      const remove = guarded(`removing network ${name}`, signal, TIMEOUT_MS, (abortSignal) =>
        docker.getNetwork(name).remove({ abortSignal }),
      );
      const message = `a container that Berth did not make hangs on network ${name}; disconnect it`;
      await unlessForbidden(unless([404], remove), message);
    },
  };
}

interface Wanted {
  subnet: string;
  bridge: string;
}

function isHeldBy(network: Docker.NetworkInspectInfo, wanted: Wanted): boolean {
  if (network.Options?.[BRIDGE_NAME] === wanted.bridge) return true;
  return subnetsOf(network).some((subnet) => doNetworksOverlap(subnet, wanted.subnet));
}

/** Whether it takes more slots than one goes round: each that is tried is left alone for an hour, and soon the host would have none. */
function isWide(network: Docker.NetworkInspectInfo): boolean {
  return subnetsOf(network).some((subnet) => {
    const range = readIpv4Network(subnet);
    return range !== undefined && range.last - range.first >= WIDE_ADDRESSES;
  });
}

function subnetsOf(network: Docker.NetworkInspectInfo): string[] {
  return (network.IPAM?.Config ?? []).map(({ Subnet }) => Subnet ?? '');
}

/** The Engine forbids (403) what strangers' networks and containers are in the way of. */
async function unlessForbidden(work: Promise<unknown>, message: string): Promise<void> {
  try {
    await work;
  } catch (cause) {
    throw statusOf(cause) === 403 ? new BerthError('docker.stranger', message, { cause }) : cause;
  }
}
