const limit = 200;

/** What the programs of an engine wrote: the last lines of each, by container id. */
export class ContainerLogs {
  readonly #lines = new Map<string, string[]>();

  /** @param line with its time in front */
  add(id: string, line: string): void {
    this.#lines.set(id, [...(this.#lines.get(id) ?? []), line].slice(-limit));
  }

  of(id: string): string[] {
    return this.#lines.get(id) ?? [];
  }

  forget(id: string): void {
    this.#lines.delete(id);
  }
}
