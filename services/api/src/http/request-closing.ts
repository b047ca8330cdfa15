import type { Request } from 'express';

/** Aborted when the caller has gone. */
export function closing(request: Request): AbortSignal {
  const gone = new AbortController();
  request.res?.once('close', () => gone.abort());
  return gone.signal;
}
