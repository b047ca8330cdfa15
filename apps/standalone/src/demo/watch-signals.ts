/** Why the demo ends although nothing failed. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes on what the terminal has already sent to all: within this time it is the same key press. */
const SAME_PRESS_MS = 500;

/**
 * Ends the demo on the first signal, and without further waiting on the next one.
 * @param stop aborted with `Stopped`
 * @param urgently called for the second signal
 */
export function watchSignals(stop: AbortController, urgently: () => void): void {
  let firstMs: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    const nowMs = performance.now();
    if (firstMs === undefined) {
      firstMs = nowMs;
      stop.abort(new Stopped(`stopped by ${signal}`));
    } else if (nowMs - firstMs > SAME_PRESS_MS) {
      urgently();
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
}
