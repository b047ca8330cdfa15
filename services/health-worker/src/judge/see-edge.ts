import type { Sighting } from '@berth/edge/sighting';
import type { ZoneStatus } from '@berth/shared/store/zones';
import { FOR_EVER, failing, healthy, type Sight } from './sight.ts';

/** What was seen of one of a site's host names through the edge. */
export interface EdgeLook {
  hostname: string;
  sighting: Sighting;
  latencyMs: number;
}

/** Cloudflare's own words for a tunnel without a connection, and for a name that leads nowhere. */
const TUNNEL_NOT_CONNECTED = 1033;
const ROUTE_NOT_EFFECTIVE = 1016;

const LEFT = {
  moved: { reason: 'ZoneMoved', says: 'the zone has left Cloudflare' },
  deleted: { reason: 'ZoneDeleted', says: 'the zone was deleted at Cloudflare' },
} as const;

/**
 * What the looks at all host names of a site say: the first that fails counts. A zone that has left is the reason of all else, also where
 * the edge still answers: visitors aren't led there any more.
 */
export function seeEdge(looks: readonly EdgeLook[], zoneStatus: ZoneStatus | null): Sight {
  const bad = looks.find(({ sighting }) => sighting.kind !== 'proven');
  const latencyMs = Math.max(0, ...looks.map((look) => look.latencyMs));
  const left = zoneStatus === 'moved' || zoneStatus === 'deleted' ? LEFT[zoneStatus] : undefined;
  if (!bad && !left) return healthy({ latencyMs });
  const sight = bad ? seeBad(bad) : failing('unreachable', '', 'visitors are led elsewhere');
  return {
    ...sight,
    ...(left && { reason: left.reason, error: `${left.says}, and ${sight.error}` }),
    latencyMs,
    patienceMs: FOR_EVER,
  };
}

function seeBad({ hostname, sighting }: EdgeLook): Sight {
  switch (sighting.kind) {
    case 'unreachable':
      return failing('unreachable', 'EdgeUnreachable', `${hostname} could not be reached: ${sighting.why}`);
    case 'no-certificate':
      return failing('unreachable', 'CertificateMissing', `Cloudflare has no certificate for ${hostname}`);
    case 'leads-past':
      return failing(
        'unreachable',
        'RouteNotEffective',
        `${hostname} leads past Cloudflare: another record stands there`,
      );
    case 'not-proven':
      return seeNotProven(hostname, sighting);
    case 'failing': {
      const error = `${hostname} answers with HTTP ${sighting.status} through the edge`;
      return failing('unhealthy', 'BadStatus', error, { code: sighting.status });
    }
    case 'proven':
      return healthy();
  }
}

function seeNotProven(hostname: string, { status, edgeCode }: Extract<Sighting, { kind: 'not-proven' }>): Sight {
  const code = { code: status };
  if (edgeCode === TUNNEL_NOT_CONNECTED) {
    return failing('unreachable', 'TunnelNotConnected', `${hostname} leads to a tunnel without a connection`, code);
  }
  if (edgeCode === ROUTE_NOT_EFFECTIVE) {
    return failing('unreachable', 'RouteNotEffective', `${hostname} does not lead to the tunnel`, code);
  }
  return failing('unhealthy', 'NotOurConnector', `${hostname} is answered by something else (HTTP ${status})`, code);
}
