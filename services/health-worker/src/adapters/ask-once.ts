import { setMaxListeners } from 'node:events';
import { buildConnector, Client, type Dispatcher } from 'undici';

/** What was answered, and the beginning of its body. */
export interface Answer {
  status: number;
  body: Buffer;
}

/** Asks `GET path` of an origin. @throws Error what went wrong; `TimedOut` past the time that there is; the signal's reason */
export type AskOnce = (origin: string, path: string, signal: AbortSignal) => Promise<Answer>;

/** No answer came in time. */
export class TimedOut extends Error {}

const BODY_MAX = 65_536;
const HEADERS = { 'user-agent': 'berth' };
/** One for all: an error of its own, with its trace, for each connection that is closed costs as much as the question. */
const OVER = new Error('the question is over');
const nothing = () => undefined;

/**
 * Makes questions that have a connection of their own, closed with the answer: none is kept, none waits for another. A host has two
 * thousand of them in a second, so a question is as light as undici allows: no streams, and one timer for all of it.
 */
export function makeAskOnce(timeoutMs: number): AskOnce {
  // Each has a store of sessions with it, which takes more memory than the question.
  const connect = buildConnector({ timeout: timeoutMs });
  return function askOnce(origin, path, signal) {
    if (signal.aborted) return Promise.reject(signal.reason);
    setMaxListeners(0, signal);
    const client = new Client(origin, { connect, headersTimeout: 0, bodyTimeout: 0 });
    return new Promise((resolve, reject) => {
      const stop = () => fail(signal.reason);
      const timer = setTimeout(() => fail(new TimedOut(`no answer within ${timeoutMs} ms`)), timeoutMs);
      timer.unref();
      signal.addEventListener('abort', stop, { once: true });
      const letGo = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
      };
      const fail = (error: unknown) => {
        letGo();
        reject(error);
        // Not within what undici does at this moment for the same failure.
        queueMicrotask(() => client.destroy(OVER, nothing));
      };
      const done = (answer: Answer) => {
        letGo();
        resolve(answer);
        client.destroy(OVER, nothing);
      };
      client.dispatch({ method: 'GET', path, headers: HEADERS, reset: true }, gatherAnswer(done, fail));
    });
  };
}

/** Takes an answer until it ends, or is longer than anybody reads. */
function gatherAnswer(done: (answer: Answer) => void, fail: (error: Error) => void): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = [];
  let status = 0;
  let bytes = 0;
  const end = () => done({ status, body: Buffer.concat(chunks) });
  return {
    onRequestStart: nothing,
    onResponseStart(_, code) {
      status = code;
    },
    onResponseData(_, chunk) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > BODY_MAX) end();
    },
    onResponseEnd: end,
    onResponseError: (_, error) => fail(error),
  };
}
