import { ApiError } from './api-error.ts';

const WINDOW_MS = 300_000;

/** So many requests in five minutes; who asks for more is refused until the window ends. */
export class RateLimit {
  readonly #limit: number;
  #endsAtMs = 0;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Counts one request. @throws ApiError 429 */
  take(): void {
    this.#turn();
    this.#used += 1;
    if (this.#used <= this.#limit) return;
    const retryAfterSeconds = this.secondsLeft();
    throw new ApiError(429, 971, 'Please wait and consider throttling your request speed', { retryAfterSeconds });
  }

  /** The headers that every answer carries. */
  headers(): Record<string, string> {
    const left = Math.max(0, this.#limit - this.#used);
    return {
      Ratelimit: `"default";r=${left};t=${this.secondsLeft()}`,
      'Ratelimit-Policy': `"default";q=${this.#limit};w=${WINDOW_MS / 1000}`,
    };
  }

  secondsLeft(): number {
    return Math.max(1, Math.ceil((this.#endsAtMs - Date.now()) / 1000));
  }

  #turn(): void {
    if (Date.now() < this.#endsAtMs) return;
    this.#endsAtMs = Date.now() + WINDOW_MS;
    this.#used = 0;
  }
}
