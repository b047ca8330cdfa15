import { metricsAddress } from '@berth/shared/domain/slots';
import type { Clock } from '@berth/shared/runtime/clock';
import { doneWithin } from '@berth/shared/runtime/within';
import { buildConnector, Client, type Dispatcher } from 'undici';
import type { Probed } from '../judge/see-container.ts';
import type { Ready } from '../judge/see-tunnel.ts';

/** Asks containers for their health path, and connectors whether they are connected. */
export interface HttpLook {
  probe(port: number, path: string, signal: AbortSignal): Promise<Probed>;
  ready(slot: number, signal: AbortSignal): Promise<Ready>;
}

const BODY_MAX = 65_536;

/** Each question has a connection of its own, closed with the answer: none is kept, none waits for another. */
export function makeHttpLook({ timeoutMs, clock }: { timeoutMs: number; clock: Clock }): HttpLook {
  // One for all: each has a store of sessions with it, which takes more memory than the question.
  const connect = buildConnector({ timeout: timeoutMs });

  async function get<T>(
    origin: string,
    path: string,
    signal: AbortSignal,
    take: (answer: Dispatcher.ResponseData) => Promise<T>,
  ): Promise<T> {
    const client = new Client(origin, { connect, headersTimeout: 0, bodyTimeout: 0 });
    try {
      const headers = { 'user-agent': 'berth' };
      return await take(await client.request({ method: 'GET', path, headers, reset: true, signal }));
    } finally {
      await client.destroy();
    }
  }

  return {
    async probe(port, path, signal) {
      const from = clock.monotonicMs();
      const latencyMs = () => clock.monotonicMs() - from;
      return doneWithin(signal, timeoutMs, async (ends): Promise<Probed> => {
        try {
          return await get(`http://127.0.0.1:${port}`, path, ends, async ({ statusCode, body }) => {
            await body.dump({ limit: BODY_MAX, signal: ends });
            return { kind: 'answer', status: statusCode, latencyMs: latencyMs() };
          });
        } catch (error) {
          if (signal.aborted) throw signal.reason;
          const reason = ends.aborted ? 'Timeout' : isRefusal(error) ? 'Refused' : 'ConnectionLost';
          return { kind: 'none', reason, latencyMs: latencyMs() };
        }
      });
    },
    async ready(slot, signal) {
      const from = clock.monotonicMs();
      try {
        return await doneWithin(signal, timeoutMs, (ends) =>
          get(`http://${metricsAddress(slot)}`, '/ready', ends, async ({ body }) => {
            const said = (await body.json()) as { readyConnections?: number; connectorId?: string };
            const { readyConnections = 0, connectorId = '' } = said;
            return { connections: readyConnections, connectorId, latencyMs: clock.monotonicMs() - from };
          }),
        );
      } catch {
        if (signal.aborted) throw signal.reason;
        return undefined;
      }
    },
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
}
