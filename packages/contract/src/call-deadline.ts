/**
 * A signal that aborts when the given one does, and after `ms` at the latest; its reason is then a `TimeoutError`, as that of
 * `AbortSignal.timeout`. That one inside of `AbortSignal.any` is lost where memory is collected while nobody else holds it, and what waits
 * for it waits for ever (nodejs/node#57736, still so in Node 20.20): here the timer itself holds what it ends. For whoever calls the API,
 * in a browser too.
 */
export function withDeadline(signal: AbortSignal | undefined, ms: number): AbortSignal {
  return openDeadline(signal, ms).signal;
}

/** The same, for whoever is done before that: once let go, it holds nothing any more and ends nothing. */
export function openDeadline(signal: AbortSignal | undefined, ms: number): { signal: AbortSignal; letGo(): void } {
  const ended = new AbortController();
  const stop = () => {
    clearTimeout(timer);
    ended.abort(signal?.reason);
  };
  const timer = setTimeout(() => {
    signal?.removeEventListener('abort', stop);
    ended.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }, ms);
  // Nobody who wants to end waits for a deadline; in a browser a timer is a number.
  (timer as { unref?: () => void }).unref?.();
  if (signal?.aborted) stop();
  else signal?.addEventListener('abort', stop, { once: true });
  return {
    signal: ended.signal,
    letGo() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    },
  };
}
