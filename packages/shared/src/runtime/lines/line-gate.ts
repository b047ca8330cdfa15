/** How much a site may write: a burst, and so much a second after it. */
export interface LineRate {
  burstBytes: number;
  bytesPerSecond: number;
}

/** Lets a site's lines through as long as it doesn't write more than its rate; counts what it leaves out. */
export class LineGate {
  readonly #rate: LineRate;
  #tokens: number;
  #atMs: number;
  #leftOut = 0;

  constructor(rate: LineRate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burstBytes;
    this.#atMs = nowMs;
  }

  /** @returns whether the line is let through */
  take(bytes: number, nowMs: number): boolean {
    const { burstBytes, bytesPerSecond } = this.#rate;
    this.#tokens = Math.min(burstBytes, this.#tokens + ((nowMs - this.#atMs) * bytesPerSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#tokens < bytes) {
      this.#leftOut += 1;
      return false;
    }
    this.#tokens -= bytes;
    return true;
  }

  /** How many lines were left out since this was asked last. */
  takeLeftOut(): number {
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }
}
