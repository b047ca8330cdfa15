import { BerthError } from '../errors/berth-error.ts';
import type { Database } from '../store/database.ts';
import { sampleSealedSecrets } from '../store/sealed-secrets.ts';
import type { Log } from './log.ts';
import type { Vault } from './vault.ts';

/**
 * A process whose key opens none of the secrets that are there could only make it worse: it would seal further ones with a key that the
 * others lack. One that opens some of them works, and says what it lacks.
 * @throws BerthError `secrets.unreadable`
 */
export async function checkSecretsKey(db: Database, vault: Vault, log: Log): Promise<void> {
  const sealed = await sampleSealedSecrets(db);
  const unknown = sealed.filter((one) => !vault.knows(one)).map((one) => one.split('.')[1]);
  if (unknown.length === 0) return;
  const message = `BERTH_SECRETS_KEY lacks ${unknown.length === 1 ? 'the key' : 'the keys'} ${unknown.join(', ')}, with which secrets in the database are sealed: give the key that the installation was made with, or add the former one after a comma`;
  if (unknown.length === sealed.length) throw new BerthError('secrets.unreadable', message);
  log.error({ keys: unknown }, message);
}
