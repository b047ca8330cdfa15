import type { Vault } from '@berth/shared/runtime/vault';
import type { ProofWish } from '@berth/shared/store/proofs';

/** What a proof shows to Access, where a site is behind it; nothing elsewhere. */
export function proofHeadersOf({ accessProof }: Pick<ProofWish, 'accessProof'>, vault: Vault): Record<string, string> {
  if (!accessProof) return {};
  return {
    'cf-access-client-id': accessProof.clientId,
    'cf-access-client-secret': vault.decrypt(accessProof.clientSecretEnc).reveal(),
  };
}
