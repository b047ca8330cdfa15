import type { OrderAccepted } from '@berth/contract/order';
import type { SiteDetail, SiteSummary } from '@berth/contract/site';
import type { ReadParts, ReadSite } from '@berth/shared/store/read-sites';
import { stateOf } from './site-state.ts';

export function presentOrder(site: ReadSite): OrderAccepted {
  const id = site.operationId ?? '';
  return {
    orderId: site.orderId,
    site: site.key,
    domain: site.domain,
    state: stateOf(site),
    nameServers: site.nameServers,
    operation: { id, url: `/v1/operations/${id}` },
  };
}

export function presentSummary(site: ReadSite): SiteSummary {
  const { key, orderId, customer, domain, environment, createdAt, liveAt } = site;
  return { key, orderId, customer, domain, state: stateOf(site), environment, createdAt, liveAt };
}

export function presentSite(site: ReadSite, parts: ReadParts): SiteDetail {
  const { slug, domainUnicode, wanted, generation, nameServers, zoneActiveAt, goneAt } = site;
  return {
    ...presentSummary(site),
    slug,
    domainUnicode,
    hostnames: parts.hostnames,
    wanted,
    generation,
    url: `https://${site.domain}`,
    nameServers,
    zoneActiveAt,
    goneAt,
    conditions: site.conditions.map(({ placementWanted: _, ...condition }) => condition),
    placement: parts.placement,
    container: parts.container,
    tunnel: parts.tunnel,
    release: parts.release,
  };
}
