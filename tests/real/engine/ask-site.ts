/** Of a machine that has little time for each. */
const PATIENCE_MS = 60_000;

/**
 * Asks what is published at a port of loopback; who never answers has not.
 * @param patienceMs less for whoever asks again when there is no answer
 */
export function askSite(port: number, patienceMs = PATIENCE_MS): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(patienceMs) });
}
