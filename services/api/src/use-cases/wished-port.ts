import { BerthError } from '@berth/shared/errors/berth-error';
import type { WishedPort } from '@berth/shared/store/wished-ports';

export interface PortRange {
  start: number;
  end: number;
}

export const STAGING_PORTS: PortRange = { start: 3000, end: 3099 };

const isIn = (port: number, { start, end }: PortRange) => port >= start && port <= end;

/**
 * A port that is wished for, with the environment that its range stands for (the seed's port strategy).
 * @throws BerthError `port.out-of-range`
 */
export function toWishedPort(customerPorts: PortRange, port: number | undefined): WishedPort | null {
  if (port === undefined) return null;
  if (isIn(port, STAGING_PORTS)) return { port, environment: 'staging' };
  if (isIn(port, customerPorts)) return { port, environment: 'production' };
  const { start, end } = customerPorts;
  const detail = `must be from ${start} to ${end}, or from ${STAGING_PORTS.start} to ${STAGING_PORTS.end} for staging`;
  throw new BerthError('port.out-of-range', `port ${detail}`, { fields: [{ pointer: '#/port', detail }] });
}
