import type { Clock } from '@berth/shared/runtime/clock';
import type { Work } from '@berth/shared/runtime/reconciler';
import type { Vault } from '@berth/shared/runtime/vault';
import type { AccessProof, KeepAccessProof } from '@berth/shared/store/access-proofs';
import type { ObservedToken, TokenApi } from './access-api.ts';

interface Deps {
  tokens: TokenApi;
  vault: Vault;
  clock: Pick<Clock, 'date'>;
}

interface Look {
  /** how the token is called at Cloudflare */
  name: string;
  now: AccessProof | undefined;
  keep: KeepAccessProof;
  /** one that is known may be looked at, when nobody has for long */
  mayLook: boolean;
}

/** One call an hour for the whole account, however many sites are protected. */
const SIGHT_SECONDS = 3600;
/** A token ends a year after it was made, and can't be prolonged afterwards: there are weeks in which a failure is only a failure. */
const RENEW_MS = 60 * 86_400_000;

/** Whether nobody has seen the token at Cloudflare for long. */
export function needsSight({ ageSeconds }: Pick<AccessProof, 'ageSeconds'>): boolean {
  return ageSeconds === null || ageSeconds >= SIGHT_SECONDS;
}

/**
 * Sees that the account has its token, one process at a time. Prolonging it twice, after an answer that was lost, does no harm, and no look
 * fails while it is: its secret stays.
 * @returns its id
 */
export async function keepProofToken(
  { tokens, vault, clock }: Deps,
  { name, now, keep, mayLook }: Look,
  { assert, signal }: Pick<Work['lease'], 'assert' | 'signal'>,
): Promise<string> {
  if (now && !(mayLook && needsSight(now))) return now.tokenId;
  const all = await tokens.listTokens(signal);
  const stands = now && all.find(({ id }) => id === now.tokenId);
  if (!stands) return makeToken({ tokens, vault }, { name, keep, all }, { assert, signal });
  if (endsSoon(stands, clock)) {
    await assert();
    await tokens.refreshToken(stands.id, signal);
  }
  await keep.seen();
  return stands.id;
}

function endsSoon({ expiresAt }: ObservedToken, clock: Pick<Clock, 'date'>): boolean {
  return expiresAt !== undefined && expiresAt.getTime() - clock.date().getTime() < RENEW_MS;
}

/** One of our name that isn't known here was made by a call whose answer got lost, and its secret with it. */
async function makeToken(
  { tokens, vault }: Pick<Deps, 'tokens' | 'vault'>,
  { name, keep, all }: Pick<Look, 'name' | 'keep'> & { all: readonly ObservedToken[] },
  { assert, signal }: Pick<Work['lease'], 'assert' | 'signal'>,
): Promise<string> {
  const lost = all.find((one) => one.name === name);
  await assert();
  const token = lost ? await tokens.rotateToken(lost.id, signal) : await tokens.createToken(name, signal);
  await keep.token({
    tokenId: token.id,
    clientId: token.clientId,
    clientSecretEnc: vault.encrypt(token.clientSecret),
  });
  return token.id;
}
