import { within } from '@berth/shared/runtime/within';
import { request } from 'undici';
import type { HealthProbe } from '../reconcile/container-access.ts';

/** Asks a container for its health path, over its published port. */
export function makeHttpProbe({ timeoutMs = 3000 }: { timeoutMs?: number } = {}): HealthProbe {
  return {
    async look(port, path, signal) {
      try {
        const answer = await request(`http://127.0.0.1:${port}${path}`, {
          signal: within(signal, timeoutMs),
          headers: { 'user-agent': 'berth' },
        });
        await answer.body.dump({ limit: 65_536 });
        return answer.statusCode >= 200 && answer.statusCode < 300 ? 'healthy' : 'unhealthy';
      } catch {
        if (signal.aborted) throw signal.reason;
        return 'unreachable';
      }
    },
  };
}
