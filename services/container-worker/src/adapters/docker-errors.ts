import { BerthError, isBerthError } from '@berth/shared/errors/berth-error';
import { within } from '@berth/shared/runtime/within';

/** Docker's HTTP status of a failed call; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const original = isBerthError(error) ? error.cause : error;
  if (original instanceof Error && 'statusCode' in original && typeof original.statusCode === 'number') {
    return original.statusCode;
  }
  return undefined;
}

/**
 * Makes a call to the Engine within `timeoutMs`.
 * @throws BerthError `docker.unavailable` without an answer, `docker.refused` with one; the original is the cause
 */
export async function guarded<T>(
  doing: string,
  signal: AbortSignal,
  timeoutMs: number,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const ended = within(signal, timeoutMs);
  try {
    return await Promise.race([call(ended), untilAborted(ended)]);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    const status = statusOf(cause);
    if (status === undefined || status === 503) {
      throw new BerthError('docker.unavailable', `${doing}: ${ended.aborted ? 'no answer in time' : 'no answer'}`, {
        cause,
      });
    }
    throw new BerthError('docker.refused', `${doing}: HTTP ${status}`, { cause });
  }
}

/** Some calls of the client take no signal: their answer is no longer waited for. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** `undefined` in place of a failure with one of these statuses. */
export async function unless<T>(statuses: readonly number[], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const status = statusOf(error);
    if (status !== undefined && statuses.includes(status)) return undefined;
    throw error;
  }
}
