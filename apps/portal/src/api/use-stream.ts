import { startTransition, useEffect, useRef, useState } from 'react';
import { Refused } from './ask.ts';
import { followStream, type StreamEvent } from './event-stream.ts';

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

/**
 * Follows a stream while the component is shown, and comes back to it where it broke off.
 * @param address undefined while nothing is to be followed
 * @returns whether it is open; while it isn't, the caller asks from time to time
 */
export function useStream(
  address: string | undefined,
  { lastId, onEvent }: { lastId(): string | undefined; onEvent(event: StreamEvent): void },
): boolean {
  const [isOpen, setOpen] = useState(false);
  const handlers = useRef({ lastId, onEvent });
  handlers.current = { lastId, onEvent };
  useEffect(() => {
    if (address === undefined) return;
    const gone = new AbortController();
    // Nobody waits for what becomes of it: a phone draws it in slices.
    void keepFollowing(address, handlers, gone.signal, (is) => startTransition(() => setOpen(is)));
    return () => {
      gone.abort();
      setOpen(false);
    };
  }, [address]);
  return isOpen;
}

interface Handlers {
  current: { lastId(): string | undefined; onEvent(event: StreamEvent): void };
}

async function keepFollowing(address: string, handlers: Handlers, signal: AbortSignal, setOpen: (is: boolean) => void) {
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted) {
    try {
      const onOpen = () => {
        if (signal.aborted) return;
        waitMs = FIRST_WAIT_MS;
        setOpen(true);
      };
      await followStream(address, handlers.current.lastId(), (event) => handlers.current.onEvent(event), {
        signal,
        onOpen,
      });
    } catch (error) {
      if (signal.aborted) return;
      // What is refused stays refused: the page's own questions say so.
      if (error instanceof Refused && error.problem.status < 500 && error.problem.status !== 429) return setOpen(false);
    }
    if (signal.aborted) return;
    setOpen(false);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}
