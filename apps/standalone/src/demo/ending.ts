import { setTimeout as delay } from 'node:timers/promises';

/** What must be ended, in the reverse order of its start. */
export interface Ending {
  /** @param outlives what `end` stops would outlive this process: it is stopped even when there is no time for the rest */
  add(name: string, end: () => Promise<void> | void, how?: { outlives: boolean }): void;
  /** Ends everything, the last first. @returns a sentence for each thing that could not be ended properly */
  run(): Promise<string[]>;
  /** Ends only what would outlive this process. */
  runUrgently(): Promise<void>;
}

interface Part {
  name: string;
  end: () => Promise<void> | void;
  outlives: boolean;
}

const LONGEST_MS = 30_000;
const URGENT_MS = 10_000;

/** @param longestMs how long one thing may take to end */
export function makeEnding(longestMs = LONGEST_MS): Ending {
  const parts: Part[] = [];
  let running: Promise<string[]> | undefined;

  async function endAll(): Promise<string[]> {
    const problems: string[] = [];
    for (const part of parts.toReversed()) {
      const problem = await endOne(part, longestMs);
      if (problem) problems.push(problem);
    }
    return problems;
  }

  return {
    add: (name, end, how) => parts.push({ name, end: once(end), outlives: how?.outlives ?? false }),
    run() {
      running ??= endAll();
      return running;
    },
    async runUrgently() {
      await Promise.all(parts.filter((part) => part.outlives).map((part) => endOne(part, URGENT_MS)));
    },
  };
}

async function endOne({ name, end }: Part, longestMs: number): Promise<string | undefined> {
  const waited = new AbortController();
  try {
    const late = delay(longestMs, `${name} did not end within ${longestMs / 1000} s`, { signal: waited.signal });
    return await Promise.race([Promise.resolve(end()).then(() => undefined), late]);
  } catch (error) {
    return `${name} did not end properly: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    waited.abort();
  }
}

function once(end: () => Promise<void> | void): () => Promise<void> {
  let result: Promise<void> | undefined;
  return () => {
    result ??= Promise.resolve(end());
    return result;
  };
}
