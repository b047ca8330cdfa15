import type { Clock } from '@berth/shared/runtime/clock';
import type { Work } from '@berth/shared/runtime/reconciler';
import type { Vault } from '@berth/shared/runtime/vault';
import { readAccessProof, withAccessProof } from '@berth/shared/store/access-proofs';
import type { Database } from '@berth/shared/store/database';
import type { AccessApi, ObservedPolicy, TokenApi, WantedPolicy } from './access-api.ts';
import { keepProofToken, needsSight } from './keep-proof-token.ts';
import { isSamePolicy } from './same-access.ts';

interface Deps {
  db: Database;
  vault: Vault;
  clock: Pick<Clock, 'date'>;
  accountId: string;
  access: Pick<AccessApi, 'createPolicy' | 'changePolicy'>;
  tokens: TokenApi;
  /** nobody waits for it: the token is looked after as well, where nobody has for long */
  watching: boolean;
}

/** How what is the account's is called at Cloudflare, the token as well as the policy. */
const NAME = 'berth proof';

/**
 * The policy of the account by which Berth's own looks go through Access. Its token and the policy are made with the first site that wants
 * Access; a token whose secret got lost with an answer is given another, one that somebody deleted is made anew, and one whose year is nearly
 * over is prolonged.
 * @returns the policy's id
 */
export async function keepProofPolicy(
  { db, vault, clock, accountId, access, tokens, watching }: Deps,
  policies: readonly ObservedPolicy[],
  { assert, signal }: Pick<Work['lease'], 'assert' | 'signal'>,
): Promise<string> {
  const known = await readAccessProof(db, accountId);
  const stands = (id: string | null) => policies.find((one) => (id === null ? one.name === NAME : one.id === id));
  const found = known && stands(known.policyId);
  const isGood = known && found && isSamePolicy(found, policyOf(known.tokenId));
  if (isGood && !(watching && needsSight(known))) return found.id;
  // Seldom: two at once would each make a token, and the secret of one of them would be lost.
  return withAccessProof(db, accountId, async (now, keep) => {
    await assert();
    const look = { name: NAME, now, keep, mayLook: watching };
    const tokenId = await keepProofToken({ tokens, vault, clock }, look, { assert, signal });
    const wanted = policyOf(tokenId);
    const standing = policies.find((one) => one.name === NAME);
    if (now?.policyId && now.policyId !== known?.policyId) return now.policyId;
    await assert();
    if (standing && !isSamePolicy(standing, wanted)) await access.changePolicy(standing.id, wanted, signal);
    const policyId = standing?.id ?? (await access.createPolicy(wanted, signal));
    if (policyId !== now?.policyId) await keep.policy(policyId);
    return policyId;
  });
}

const policyOf = (tokenId: string): WantedPolicy => ({
  name: NAME,
  decision: 'non_identity',
  include: [{ service_token: { token_id: tokenId } }],
});
