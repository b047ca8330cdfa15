const WINDOW_MS = 300_000;

/** How many queries may come in five minutes. */
export class QueryBudget {
  #at: number[] = [];
  max = 300;

  /** Counts one. @returns whether it's one too many */
  isOver(): boolean {
    const now = Date.now();
    this.#at = this.#at.filter((at) => at > now - WINDOW_MS);
    if (this.#at.length >= this.max) return true;
    this.#at.push(now);
    return false;
  }
}
