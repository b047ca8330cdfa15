import { isOk, type VisitedSite } from './visit-sites.ts';

/** The demo's outcome for programs, as the one line that `--json` prints. */
export function toSummary(sites: readonly VisitedSite[], failure?: Error): string {
  return JSON.stringify({
    ok: failure === undefined && sites.length > 0 && sites.every(isOk),
    ...(failure && { error: failure.message }),
    sites: sites.map(({ domain, status, orderToLiveMs, activeToLiveMs, url }) => ({
      domain,
      status,
      orderToLiveMs,
      activeToLiveMs,
      url,
    })),
  });
}
