import { randomBytes } from 'node:crypto';

/** What a program of a unit, or systemd about it, wrote. */
export interface JournalEntry {
  fields: Readonly<Record<string, string>>;
  seq: number;
  micros: number;
  monotonic: number;
}

const KEPT = 20_000;

/** The journal of one machine: what was written to it, in its order, and who follows it. Old entries go, as in a real one. */
export class Journal {
  readonly #id = randomBytes(16).toString('hex');
  readonly #bootId = randomBytes(16).toString('hex');
  readonly #beganMs = performance.now();
  #entries: JournalEntry[] = [];
  #seq = 0;
  readonly #followers = new Set<(entry: JournalEntry) => void>();

  write(fields: Readonly<Record<string, string>>): void {
    this.#seq += 1;
    // Two entries of one microsecond are told apart by their number alone, as in a real journal.
    const micros = Math.round((performance.timeOrigin + performance.now()) * 1000);
    const monotonic = Math.round((performance.now() - this.#beganMs) * 1000);
    const entry = { fields, seq: this.#seq, micros, monotonic };
    this.#entries.push(entry);
    if (this.#entries.length > KEPT) this.#entries = this.#entries.slice(-KEPT / 2);
    for (const follower of this.#followers) follower(entry);
  }

  /** All entries, or those from a cursor's on; one of another journal, or that is gone, is found by its time. */
  from(cursor?: Cursor): JournalEntry[] {
    if (!cursor) return [...this.#entries];
    const { id, seq, micros } = cursor;
    return this.#entries.filter((entry) => (id === this.#id ? entry.seq >= seq : entry.micros >= micros));
  }

  /** @returns what ends it */
  follow(follower: (entry: JournalEntry) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Forgets all that was written, as `--rotate --vacuum-time` does. */
  vacuum(): void {
    this.#entries = [];
  }

  /** The fields that every entry has. */
  addressOf({ seq, micros, monotonic }: JournalEntry): Record<string, string> {
    const hex = (value: number) => value.toString(16);
    return {
      __CURSOR: `s=${this.#id};i=${hex(seq)};b=${this.#bootId};m=${hex(monotonic)};t=${hex(micros)};x=${hex(seq * 7919)}`,
      __REALTIME_TIMESTAMP: String(micros),
      __MONOTONIC_TIMESTAMP: String(monotonic),
      _BOOT_ID: this.#bootId,
    };
  }
}

/** A place in a journal. */
export interface Cursor {
  id: string;
  seq: number;
  micros: number;
}

/** @returns undefined for what is no cursor */
export function parseCursor(text: string): Cursor | undefined {
  const match = /^s=([0-9a-f]{32});i=([0-9a-f]+);b=[0-9a-f]{32};m=[0-9a-f]+;t=([0-9a-f]+);x=[0-9a-f]+$/.exec(text);
  const [, id, seq, micros] = match ?? [];
  if (id === undefined || seq === undefined || micros === undefined) return undefined;
  return { id, seq: Number.parseInt(seq, 16), micros: Number.parseInt(micros, 16) };
}
