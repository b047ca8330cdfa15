import type { Secret } from '@berth/shared/runtime/secret';
import { within } from '@berth/shared/runtime/within';
import { request } from 'undici';

const TIMEOUT_MS = 10_000;

/** Calls the address that waits for signs of life. @throws when it isn't taken */
export function makeHeartbeatCall(url: Secret): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    const { statusCode, body } = await request(url.reveal(), {
      signal: within(signal, TIMEOUT_MS),
    });
    await body.dump();
    if (statusCode < 200 || statusCode >= 300) throw new Error(`HEARTBEAT_URL answered ${statusCode}`);
  };
}
