const PATIENCE_MS = 10_000;

/** Asks what is published at a port of loopback; who never answers has not, so that whoever waits for an answer asks again. */
export function askSite(port: number): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(PATIENCE_MS) });
}
