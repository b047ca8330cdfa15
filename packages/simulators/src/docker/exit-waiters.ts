/** Who waits for the next exit of a container, by its id. */
export class ExitWaiters {
  readonly #waiting = new Map<string, Array<(exitCode: number) => void>>();

  /** Resolves with the exit code. */
  wait(id: string): Promise<number> {
    return new Promise((resolve) => {
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), resolve]);
    });
  }

  tell(id: string, exitCode: number): void {
    const waiting = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    for (const resolve of waiting) {
      resolve(exitCode);
    }
  }
}
