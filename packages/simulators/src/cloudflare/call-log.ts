/** One call that was made. */
export interface LoggedCall {
  method: string;
  path: string;
  atMs: number;
}

const KEPT = 20_000;

/** The calls that were made: the last ones, and how many there were by kind. */
export class CallLog {
  #calls: LoggedCall[] = [];
  readonly #counts = new Map<string, number>();

  add(method: string, path: string): void {
    this.#calls.push({ method, path, atMs: Date.now() });
    if (this.#calls.length > 2 * KEPT) this.#calls = this.#calls.slice(-KEPT);
    const kind = `${method} ${path.replaceAll(/\/[0-9a-f]{32}|\/[0-9a-f-]{36}/g, '/:id')}`;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  list(): LoggedCall[] {
    return [...this.#calls];
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  clear(): void {
    this.#calls = [];
    this.#counts.clear();
  }
}
