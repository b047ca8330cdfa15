import { type Container, toRestartPolicy } from './container.ts';

const firstBackoffMs = 100;
const longestBackoffMs = 60_000;

/** Who is started again after its program ended, and when: 100 ms at first, doubled each time, afresh after ten good seconds. */
export class RestartPlan {
  readonly #planned = new Map<string, { timer: NodeJS.Timeout; delayMs: number }>();
  #closed = false;

  /** Plans the start that the restart policy asks for after this exit, if it asks for one. */
  plan(container: Container, exitCode: number, start: () => Promise<void>): void {
    if (this.#closed || !wantsRestart(container, exitCode)) {
      this.#planned.delete(container.id);
      return;
    }
    const ranMs = Date.parse(container.state.finishedAt) - Date.parse(container.state.startedAt);
    const before = this.#planned.get(container.id)?.delayMs ?? firstBackoffMs / 2;
    const delayMs = ranMs > 10_000 ? firstBackoffMs : Math.min(before * 2, longestBackoffMs);
    container.state.status = 'restarting';
    const timer = setTimeout(() => {
      container.restartCount += 1;
      start().catch(() => {
        container.state.status = 'exited';
      });
    }, delayMs);
    this.#planned.set(container.id, { timer, delayMs });
  }

  /** Gives whether it was waiting for its restart. */
  cancel(container: Container): boolean {
    clearTimeout(this.#planned.get(container.id)?.timer);
    this.#planned.delete(container.id);
    return container.state.status === 'restarting';
  }

  close(): void {
    this.#closed = true;
    for (const { timer } of this.#planned.values()) {
      clearTimeout(timer);
    }
  }
}

function wantsRestart(container: Container, exitCode: number): boolean {
  const { name, most } = toRestartPolicy(container);
  if (container.stoppedByHand) {
    return false;
  }
  return (
    name === 'always' ||
    name === 'unless-stopped' ||
    (name === 'on-failure' && exitCode !== 0 && (most === 0 || container.restartCount < most))
  );
}
