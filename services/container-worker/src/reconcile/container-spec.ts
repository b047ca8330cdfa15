import { createHash } from 'node:crypto';
import { customerName } from '@berth/shared/domain/names';
import { slotNetwork } from '@berth/shared/domain/slots';
import type { Vault } from '@berth/shared/runtime/vault';
import type { ContainerWish, Release } from '@berth/shared/store/containers';
import { type ContainerSpec, labels, type NetworkSpec } from './container-access.ts';
import { pinnedReference } from './release-image.ts';

/** Enough for a web server with its workers; a fork bomb ends here. */
const PIDS_LIMIT = 256;

/** What the container of a release is made from, with the mark by which it is known again. */
export function containerSpec(
  wish: ContainerWish,
  placementId: string,
  release: Release,
  vault: Vault,
): ContainerSpec & { mark: string } {
  const ordered: Record<string, string> = wish.envEnc ? JSON.parse(vault.decrypt(wish.envEnc).reveal()) : {};
  const made = {
    image: release.image,
    env: {
      ...ordered,
      DELQHI_CUSTOMER_ID: wish.customerId,
      DELQHI_LICENSE_KEY: vault.decrypt(release.licenseKeyEnc).reveal(),
    },
    memoryBytes: wish.memoryBytes,
    cpus: wish.cpus,
    pidsLimit: PIDS_LIMIT,
    restartPolicy: 'unless-stopped',
    port: wish.port,
    network: customerName(wish.siteKey),
    profile: release.profile,
  };
  const mark = createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 20);
  return {
    ...made,
    image: pinnedReference(release) ?? release.image,
    mark,
    labels: {
      [labels.site]: wish.siteId,
      [labels.placement]: placementId,
      [labels.release]: String(release.number),
      [labels.generation]: String(wish.generation),
      [labels.mark]: mark,
    },
  };
}

/** The site's network on this host, with the addresses of its slot. */
export function networkSpec(wish: ContainerWish, placementId: string, pool: string): NetworkSpec {
  return {
    name: customerName(wish.siteKey),
    ...slotNetwork(pool, wish.slot),
    labels: { [labels.site]: wish.siteId, [labels.placement]: placementId },
  };
}
