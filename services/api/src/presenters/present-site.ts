import type { OrderAccepted, OrderSummary } from '@berth/contract/order';
import type { SiteDetail, SiteSummary } from '@berth/contract/site';
import { dockerStatus } from '@berth/shared/domain/docker-status';
import { partNames } from '@berth/shared/domain/parts';
import type { ContainerStatus } from '@berth/shared/domain/seed-status';
import type { ReadParts, ReadSite } from '@berth/shared/store/read-sites';
import { isShown, stateOf } from './site-state.ts';

/** @param site that of an order: it has an order's id and a domain */
export function presentOrder(site: ReadSite): OrderAccepted {
  const id = site.operationId ?? '';
  return {
    orderId: site.orderId ?? '',
    site: site.key,
    domain: site.domain ?? '',
    state: stateOf(site),
    nameServers: site.nameServers,
    operation: { id, url: `/v1/operations/${id}` },
  };
}

/** @param site that of an order */
export function presentOrderSummary(site: ReadSite): OrderSummary {
  const { key, orderId, customer, customerName, environment, createdAt, liveAt, goneAt } = site;
  return {
    orderId: orderId ?? '',
    customer: { id: customer, name: customerName },
    site: key,
    domain: site.domain ?? '',
    state: stateOf(site),
    environment,
    createdAt,
    liveAt,
    goneAt,
  };
}

export function presentSummary(site: ReadSite): SiteSummary {
  const { key, orderId, customer, inMaintenance, environment, createdAt, liveAt } = site;
  const parts = partNames.filter((part) => site.parts[part]);
  const domain = site.parts.tunnel ? site.domain : null;
  return { key, orderId, customer, domain, parts, state: stateOf(site), inMaintenance, environment, createdAt, liveAt };
}

/** @param now what the container's status is said at */
export function presentSite(site: ReadSite, parts: ReadParts, now: Date): SiteDetail {
  const { slug, wanted, generation, nameServers, zoneActiveAt, goneAt, eventSeq } = site;
  const summary = presentSummary(site);
  return {
    ...summary,
    slug,
    domainUnicode: site.parts.tunnel ? site.domainUnicode : null,
    hostnames: parts.hostnames,
    wanted,
    generation,
    url: summary.domain && `https://${summary.domain}`,
    nameServers,
    zoneActiveAt,
    goneAt,
    eventSeq,
    conditions: site.conditions
      .filter(isShown(site))
      .map(({ placementWanted: _, gone: __, ...condition }) => condition),
    health: parts.health,
    placement: parts.placement,
    container: parts.container && presentContainer(parts.container, now),
    tunnel: parts.tunnel,
    release: parts.release,
  };
}

function presentContainer(container: NonNullable<ReadParts['container']>, now: Date): SiteDetail['container'] {
  const { startedAt, finishedAt, exitCode, ...shown } = container;
  const run = {
    status: (container.status ?? 'dead') as ContainerStatus,
    startedAt: startedAt ? new Date(startedAt) : undefined,
    finishedAt: finishedAt ? new Date(finishedAt) : undefined,
    exitCode: exitCode ?? undefined,
  };
  return { ...shown, startedAt, dockerStatus: dockerStatus(run, now) };
}
