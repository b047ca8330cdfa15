import type { LogLine } from '@berth/contract/logs';
import { useEffect, useRef, useState } from 'react';
import { ask, toAddress } from '../../api/ask.ts';
import { useStream } from '../../api/use-stream.ts';

/** As many lines are kept in the page. */
export const MOST_LINES = 2000;
const TAIL = 500;
const GATHER_MS = 100;

export interface LogWish {
  source: 'container' | 'tunnel' | undefined;
  search: string;
  follow: boolean;
}

/** The last lines that fit, and while they are followed those to come. */
export function useLog(siteKey: string, { source, search, follow }: LogWish) {
  const [lines, setLines] = useState<readonly LogLine[]>();
  const [error, setError] = useState<unknown>();
  const waiting = useRef<LogLine[]>([]);
  const newest = useRef<string>(undefined);
  useEffect(() => {
    const gone = new AbortController();
    setLines(undefined);
    setError(undefined);
    waiting.current = [];
    const query = { tail: TAIL, ...(source && { source }), ...(search && { search }) };
    ask('get', '/v1/sites/{key}/logs', { params: { key: siteKey }, query }, gone.signal).then(
      ({ data }) => {
        newest.current = data.at(-1)?.id ?? '0';
        setLines(data);
      },
      (cause: unknown) => !gone.signal.aborted && setError(cause),
    );
    return () => gone.abort();
  }, [siteKey, source, search]);
  const address = toAddress('/v1/sites/{key}/logs', { key: siteKey }, { follow: '1', source, search });
  const isOpen = useStream(lines && follow ? address : undefined, {
    lastId: () => newest.current,
    onEvent: ({ data }) => {
      const line = JSON.parse(data) as LogLine;
      newest.current = line.id;
      waiting.current.push(line);
    },
  });
  useEffect(() => {
    // Many lines that come at once are shown at once.
    const timer = setInterval(() => {
      const more = waiting.current.splice(0);
      if (more.length > 0) setLines((before) => [...(before ?? []), ...more].slice(-MOST_LINES));
    }, GATHER_MS);
    return () => clearInterval(timer);
  }, []);
  return { lines, error, isOpen };
}
