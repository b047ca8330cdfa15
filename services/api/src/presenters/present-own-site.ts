import type { SiteDetail } from '@berth/contract/site';
import { isTold } from './present-own.ts';

/** A site as its own customer sees it: nothing of the hosts, the numbers on them and the names at Cloudflare. */
export function presentOwnSite(site: SiteDetail): SiteDetail {
  const { container, release } = site;
  return {
    ...site,
    placement: null,
    tunnel: null,
    conditions: site.conditions.map((condition) => ({
      ...condition,
      host: null,
      message: isTold(condition.aspect) ? condition.message : '',
    })),
    container: container && { ...container, id: '', name: '', port: 0, memoryLimit: null, cpuLimit: null },
    release: release && { ...release, digest: null },
  };
}
