import { proofPath, proofToken } from '@berth/shared/domain/proof';
import { metricsAddress } from '@berth/shared/domain/slots';
import type { Vault } from '@berth/shared/runtime/vault';
import type { ProofWish } from '@berth/shared/store/proofs';

/** Where a site's connector proves itself, by all that it runs with; undefined while some of it isn't known yet. */
export function expectedPath(wish: ProofWish, vault: Vault): string | undefined {
  const { tunnelId, tunnelSecretEnc, proofSecretEnc, placement, hostnames } = wish;
  if (!tunnelId || !tunnelSecretEnc || !proofSecretEnc || !placement) return undefined;
  const inputs = {
    tunnelId,
    hostnames,
    port: placement.port,
    metricsAddress: metricsAddress(placement.slot),
    tunnelSecret: vault.decrypt(tunnelSecretEnc).reveal(),
  };
  return proofPath(proofToken(inputs, vault.decrypt(proofSecretEnc).reveal()));
}
