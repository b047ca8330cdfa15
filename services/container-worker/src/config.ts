import { readIpv4Network, showIpv4Network } from '@berth/shared/domain/ipv4-network';
import { commonSettings, type Environment, parseConfig, setting } from '@berth/shared/runtime/config';
import {
  arePortsInOrder,
  capacitySettings,
  customerPortSettings,
  dockerSettings,
  healthStartSettings,
  hostSettings,
  lineSettings,
  portsOutOfOrder,
} from '@berth/shared/runtime/host-settings';
import { imageSettings } from '@berth/shared/runtime/image-settings';
import { z } from 'zod';
import type { AllowedEgress } from './firewall/firewall-rules.ts';
import { parseEgress } from './firewall/parse-egress.ts';

const NO_EGRESS =
  'must be IPv4 networks of /8 or smaller, each with a port if only that is meant: 10.0.5.7:5432, 10.0.0.2:53/udp';

/** The settings of the container-worker. */
export const containerWorkerSettings = z
  .object({
    ...commonSettings,
    ...hostSettings,
    ...dockerSettings,
    ...customerPortSettings,
    ...capacitySettings,
    BERTH_SUBNET_POOL: z
      .string()
      .refine(isLargeNetwork, 'must be an IPv4 network of /16 or larger, such as 10.200.0.0/16')
      .default('10.200.0.0/16')
      .describe("the containers' networks are cut from it, sixteen addresses each"),
    BERTH_FIREWALL: z
      .enum(['managed', 'elsewhere'])
      .default('managed')
      .describe(
        'who keeps containers from the host, from each other and from private networks: iptables rules of the container-worker, or something that you set up',
      ),
    EGRESS_ALLOW: z
      .string()
      .default('')
      .transform((text, context): AllowedEgress[] => {
        const allowed = parseEgress(text);
        if (allowed) return allowed;
        context.addIssue({ code: 'custom', message: NO_EGRESS });
        return z.NEVER;
      })
      .describe(
        'what containers may reach of private networks, separated by commas: `10.0.5.7:5432`, `10.0.0.2:53/udp`, `10.0.6.0/24`; nothing, when not set',
      ),
    ...healthStartSettings,
    ...imageSettings,
    IMAGE_MIN_FREE_BYTES: setting
      .integer(0, Number.MAX_SAFE_INTEGER)
      .default(1_073_741_824)
      .describe("what must be free on the disk of this host's Docker when the pull of an image begins; 0 doesn't ask"),
    ...lineSettings,
    IMAGE_PULL_SECONDS: setting.integer(10, 3600).default(600).describe('how long the pull of an image may take'),
  })
  .refine(arePortsInOrder, portsOutOfOrder);

export type ContainerWorkerConfig = z.output<typeof containerWorkerSettings>;

/** @throws ConfigError */
export function parseContainerWorkerConfig(environment: Environment): ContainerWorkerConfig {
  return parseConfig(containerWorkerSettings, environment);
}

/** Whether the text is an IPv4 network of /8 to /16, by its first address: room for 4096 slots of /28. */
function isLargeNetwork(text: string): boolean {
  const network = readIpv4Network(text);
  if (!network || showIpv4Network(network) !== text) return false;
  const size = network.last - network.first + 1;
  return size >= 2 ** 16 && size <= 2 ** 24;
}
