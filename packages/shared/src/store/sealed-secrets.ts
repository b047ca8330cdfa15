import type { Database, Statement } from './database.ts';

const SITES_AT_MOST = 1000;

/** One for each key that something was sealed with, of the latest sites that aren't gone. */
const sample: Statement = {
  name: 'sealed-secrets-sample',
  text: `select min(license_key_enc) as sealed from (
    select license_key_enc from sites where gone_at is null order by created_at desc limit ${SITES_AT_MOST}) latest
  group by split_part(license_key_enc, '.', 2)`,
};

/** A secret for each key that secrets of sites are sealed with. */
export async function sampleSealedSecrets(db: Database): Promise<string[]> {
  return (await db.run<{ sealed: string }>(sample, [])).map(({ sealed }) => sealed);
}
