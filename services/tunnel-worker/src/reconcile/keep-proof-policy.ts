import type { Work } from '@berth/shared/runtime/reconciler';
import type { Vault } from '@berth/shared/runtime/vault';
import { type AccessProof, readAccessProof, withAccessProof } from '@berth/shared/store/access-proofs';
import type { Database } from '@berth/shared/store/database';
import type { AccessApi, ObservedPolicy, TokenApi, WantedPolicy } from './access-api.ts';
import { isSamePolicy } from './same-access.ts';

interface Deps {
  db: Database;
  vault: Vault;
  accountId: string;
  access: Pick<AccessApi, 'createPolicy' | 'changePolicy'>;
  tokens: TokenApi;
}

const NAME = 'berth proof';

/**
 * The policy of the account by which Berth's own looks go through Access. Its token and the policy are made with the first site that wants
 * Access; a token whose secret got lost with an answer is given another.
 * @returns the policy's id
 */
export async function keepProofPolicy(
  { db, vault, accountId, access, tokens }: Deps,
  policies: readonly ObservedPolicy[],
  { assert, signal }: Pick<Work['lease'], 'assert' | 'signal'>,
): Promise<string> {
  const known = await readAccessProof(db, accountId);
  const stands = (id: string | null) => policies.find((one) => (id === null ? one.name === NAME : one.id === id));
  const found = known && stands(known.policyId);
  if (known && found && isSamePolicy(found, policyOf(known.tokenId))) return found.id;
  // Once in an account's life: two at once would each make a token, and the secret of one of them would be lost.
  return withAccessProof(db, accountId, async (now, keep) => {
    await assert();
    const tokenId = now?.tokenId ?? (await keep(await makeToken({ tokens, vault }, signal))).tokenId;
    const wanted = policyOf(tokenId);
    const standing = policies.find((one) => one.name === NAME);
    if (now?.policyId && now.policyId !== known?.policyId) return now.policyId;
    await assert();
    if (standing && !isSamePolicy(standing, wanted)) await access.changePolicy(standing.id, wanted, signal);
    const policyId = standing?.id ?? (await access.createPolicy(wanted, signal));
    await keep({ policyId });
    return policyId;
  });
}

const policyOf = (tokenId: string): WantedPolicy => ({
  name: NAME,
  decision: 'non_identity',
  include: [{ service_token: { token_id: tokenId } }],
});

async function makeToken(
  { tokens, vault }: Pick<Deps, 'tokens' | 'vault'>,
  signal: AbortSignal,
): Promise<Omit<AccessProof, 'policyId'>> {
  const lost = await tokens.findToken(NAME, signal);
  const token = lost ? await tokens.rotateToken(lost, signal) : await tokens.createToken(NAME, signal);
  return { tokenId: token.id, clientId: token.clientId, clientSecretEnc: vault.encrypt(token.clientSecret) };
}
