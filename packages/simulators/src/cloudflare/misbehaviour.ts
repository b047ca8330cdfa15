/** How the next matching answers go wrong. */
export interface Misbehaviour {
  method?: string;
  /** a regular expression on the path below /client/v4 */
  path?: string;
  /** how many matching answers are right before; default 0 */
  after?: number;
  /** how many answers; default 1 */
  times?: number;
  /**
   * latency: later by `ms`. 429: with Retry-After. 5xx: a JSON error. html-5xx: an error page. lost-answer: the effect happens, the
   * connection ends. hang: nothing comes. stalled-body: the headers come, the body doesn't. cut: ended before the effect. refusal:
   * `success: false` with `code`, under `status`, which may be 200.
   */
  kind: 'latency' | '429' | '5xx' | 'html-5xx' | 'lost-answer' | 'hang' | 'stalled-body' | 'cut' | 'refusal';
  ms?: number;
  status?: number;
  code?: number;
  retryAfterSeconds?: number;
}

/** The misbehaviours still to come. */
export class Misbehaviours {
  #planned: { fault: Misbehaviour; path: RegExp | undefined; after: number; left: number }[] = [];

  /** @throws SyntaxError when `path` is no regular expression */
  add(fault: Misbehaviour): void {
    this.#planned.push({
      fault,
      path: fault.path === undefined ? undefined : new RegExp(fault.path),
      after: fault.after ?? 0,
      left: fault.times ?? 1,
    });
  }

  clear(): void {
    this.#planned = [];
  }

  /** What this call gets, which is used up by it. */
  take(method: string, path: string): Misbehaviour | undefined {
    const found = this.#planned.find(
      (one) => (one.fault.method === undefined || one.fault.method === method) && (one.path?.test(path) ?? true),
    );
    if (!found) return undefined;
    if (found.after > 0) {
      found.after -= 1;
      return undefined;
    }
    found.left -= 1;
    this.#planned = this.#planned.filter((one) => one.left > 0);
    return found.fault;
  }
}
