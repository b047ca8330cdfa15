import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { BerthError } from '@berth/shared/errors/berth-error';
import { execa } from 'execa';
import { parseJournalEntry } from '../logs/journal-entry.ts';
import type { Journal } from '../logs/journal-lines.ts';

interface Options {
  journalctl: string;
  /** the program of the connectors: what it writes carries its name */
  cloudflared: string;
}

const FIELDS = '_SYSTEMD_UNIT,_PID,UNIT,MESSAGE';
/** From where on a journal is read that never was. */
const FIRST = '-1h';

/**
 * The host's journal by one `journalctl --follow`. It asks for what connectors and systemd write by their names, not by units: the
 * units that a pattern stands for are looked up once, at the start, and those that come later would be missed. `--cursor` gives the
 * entry itself once more, which is left out: after one that the journal has dropped meanwhile `--after-cursor` would skip another.
 */
export function makeSystemdJournal({ journalctl, cloudflared }: Options): Journal {
  const from = (cursor: string | undefined) => (cursor === undefined ? `--since=${FIRST}` : `--cursor=${cursor}`);
  return {
    async *follow(cursor, signal) {
      // An ended signal tells no more that it ends.
      signal.throwIfAborted();
      const names = [basename(cloudflared), 'systemd'].map((name) => `--identifier=${name}`);
      const form = ['--output=json', `--output-fields=${FIELDS}`, '--all', '--no-pager', '--quiet'];
      const program = execa(journalctl, ['--follow', '--no-tail', from(cursor), ...names, ...form], {
        reject: false,
        stdin: 'ignore',
        buffer: { stdout: false, stderr: true },
        maxBuffer: 100_000,
        env: { LC_ALL: 'C' },
        cancelSignal: signal,
      });
      const lines = createInterface({ input: program.stdout, crlfDelay: Number.POSITIVE_INFINITY });
      const end = () => lines.close();
      signal.addEventListener('abort', end, { once: true });
      try {
        for await (const line of lines) {
          const entry = parseJournalEntry(line);
          if (entry && entry.cursor !== cursor) yield entry;
        }
      } finally {
        signal.removeEventListener('abort', end);
        lines.close();
        program.stdout.destroy();
        program.kill();
      }
      signal.throwIfAborted();
      const { exitCode, stderr, shortMessage } = await program;
      const why = stderr.trim().split('\n').at(-1) || shortMessage || `status ${exitCode}`;
      throw new BerthError('systemd.unavailable', `journalctl ended: ${why}`);
    },
  };
}
