/** `customer_tunnels.status`: how the connector's condition is said in the seed's table (docs/database.md). */
export type TunnelStatus = 'pending' | 'active' | 'inactive' | 'deleted';

/** `pending` until the connector was connected once, `active` while it is, `inactive` when it isn't any more. */
export function tunnelStatus(connected: boolean, reachedBefore: boolean): TunnelStatus {
  if (connected) return 'active';
  return reachedBefore ? 'inactive' : 'pending';
}

/** `customer_containers.status`: Docker's own words, and `removed` once the container is gone. */
export type ContainerStatus = 'created' | 'running' | 'restarting' | 'paused' | 'exited' | 'dead' | 'removed';

/** `customer_containers.health_status`: the seed's three outcomes of a probe. */
export type HealthStatus = 'healthy' | 'unhealthy' | 'unreachable';
