import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeSystemdJournal } from './systemd-journal.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'berth-journal-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One whose child keeps the pipe open after it ended, as where it is started in another namespace. */
function journalctl(): string {
  const file = path.join(folder, 'journalctl');
  writeFileSync(file, '#!/bin/sh\nsleep 20 &\n');
  chmodSync(file, 0o755);
  return file;
}

test('whoever stopped before it began starts nothing and waits for nothing', async () => {
  const journal = makeSystemdJournal({ journalctl: journalctl(), cloudflared: '/usr/bin/cloudflared' });
  const entries = journal.follow(undefined, AbortSignal.abort());
  await expect(entries[Symbol.asyncIterator]().next()).rejects.toThrow('aborted');
});
