import { BerthError } from '@berth/shared/errors/berth-error';
import type { Database } from '@berth/shared/store/database';
import { findSite } from '@berth/shared/store/read-sites';

/** The site of a request's `:key`. @throws BerthError `site.not-found` */
export async function getSite(db: Database, key = '') {
  const site = await findSite(db, key);
  if (!site) throw new BerthError('site.not-found', `there is no site ${key}`);
  return site;
}
