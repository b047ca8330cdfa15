import { within } from '@berth/shared/runtime/within';
import { request } from 'undici';
import type { Connectors } from '../reconcile/connector-access.ts';

const BODY_MAX = 262_144;

/** What cloudflared says of itself at its metrics address: `/config` is what runs, `/ready` whether it's connected. */
export function makeCloudflaredMetrics({ timeoutMs = 2000 }: { timeoutMs?: number } = {}): Connectors {
  async function get(url: string, signal: AbortSignal): Promise<{ status: number; text: string } | undefined> {
    try {
      const answer = await request(url, { signal: within(signal, timeoutMs) });
      let text = '';
      for await (const chunk of answer.body) {
        text += String(chunk);
        if (text.length > BODY_MAX) break;
      }
      return { status: answer.statusCode, text };
    } catch {
      if (signal.aborted) throw signal.reason;
      return undefined;
    }
  }
  return {
    async observe(metricsAddress, signal) {
      const [config, ready] = await Promise.all([
        get(`http://${metricsAddress}/config`, signal),
        get(`http://${metricsAddress}/ready`, signal),
      ]);
      const isAnswer = config?.status === 200 && isConfiguration(config.text);
      return { config: isAnswer ? config.text : undefined, connected: ready?.status === 200 };
    },
  };
}

/** Whether that is a cloudflared's configuration: while its process can't have the address, whoever has it answers there. */
function isConfiguration(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text).config.ingress);
  } catch {
    return false;
  }
}
