import type { IncidentOf, OpenIncident } from '@berth/shared/store/incidents';

/** What can be wrong with a host as a whole, as its health-worker sees it. */
export type HostFault =
  | 'docker-away'
  | 'systemd-away'
  | 'containers-failing'
  | 'tunnels-failing'
  | 'edge-away'
  | 'edge-failing';

const SAYS: Record<HostFault, { reason: string; message: string }> = {
  'docker-away': { reason: 'DockerAway', message: 'Docker does not answer; nothing is restarted until it does' },
  'systemd-away': { reason: 'SystemdAway', message: 'systemd does not answer; no tunnel is restarted until it does' },
  'containers-failing': {
    reason: 'FailingTogether',
    message:
      'a third or more of its containers began to fail at the same time; nothing is restarted, since the fault is not theirs',
  },
  'tunnels-failing': {
    reason: 'FailingTogether',
    message:
      'a third or more of its tunnels began to fail at the same time; nothing is restarted, since the fault is not theirs',
  },
  'edge-failing': {
    reason: 'FailingTogether',
    message:
      'a third or more of its sites began to fail through the edge at the same time, though containers and tunnels are well',
  },
  'edge-away': {
    reason: 'EdgeAway',
    message:
      "a third or more of its tunnels lost Cloudflare's edge at the same time; they come back by themselves once it can be reached",
  },
};

/** Opens and closes what must be, so that exactly these faults are open of those that this look can tell. */
export function hostIncidents(
  hostId: string,
  {
    present,
    told,
    open,
    data,
  }: { present: readonly HostFault[]; told: readonly HostFault[]; open: readonly string[]; data: object },
): { openOfHost: OpenIncident[]; closeOfHost: IncidentOf[] } {
  const openOfHost = present
    .filter((kind) => !open.includes(kind))
    .map((kind) => ({ kind, hostId, siteId: null, aspect: null, ...SAYS[kind], data: { ...data } }));
  const over = told.filter((kind) => open.includes(kind) && !present.includes(kind));
  return { openOfHost, closeOfHost: over.map((kind) => ({ siteId: null, hostId, kind })) };
}
