import { metricsAddress } from '@berth/shared/domain/slots';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Probed } from '../judge/see-container.ts';
import type { Ready } from '../judge/see-tunnel.ts';
import { makeAskOnce, TimedOut } from './ask-once.ts';

/** Asks containers for their health path, and connectors whether they are connected. */
export interface HttpLook {
  probe(port: number, path: string, signal: AbortSignal): Promise<Probed>;
  ready(slot: number, signal: AbortSignal): Promise<Ready>;
}

/** @param timeoutMs an answer that isn't whole by then is none */
export function makeHttpLook({ timeoutMs, clock }: { timeoutMs: number; clock: Clock }): HttpLook {
  const ask = makeAskOnce(timeoutMs);
  return {
    async probe(port, path, signal) {
      const from = clock.monotonicMs();
      const latencyMs = () => clock.monotonicMs() - from;
      try {
        const { status } = await ask(`http://127.0.0.1:${port}`, path, signal);
        return { kind: 'answer', status, latencyMs: latencyMs() };
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        return { kind: 'none', reason: whyNone(error), latencyMs: latencyMs() };
      }
    },
    async ready(slot, signal) {
      const from = clock.monotonicMs();
      try {
        const { body } = await ask(`http://${metricsAddress(slot)}`, '/ready', signal);
        const said = JSON.parse(body.toString()) as { readyConnections?: number; connectorId?: string };
        const { readyConnections = 0, connectorId = '' } = said;
        return { connections: readyConnections, connectorId, latencyMs: clock.monotonicMs() - from };
      } catch {
        if (signal.aborted) throw signal.reason;
        return undefined;
      }
    },
  };
}

function whyNone(error: unknown): 'Timeout' | 'Refused' | 'ConnectionLost' {
  if (error instanceof TimedOut) return 'Timeout';
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED' ? 'Refused' : 'ConnectionLost';
}
