import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInOwnNamespaces, whyNoRealEngine } from '../tests/real/engine/own-namespaces.ts';
import { DEBIAN_ROOT, makeDebianRoot, whyNoDebianRoot } from '../tests/real/systemd/debian-root.ts';
import type { Row } from './rows.ts';

/**
 * Measures against real Docker and systemd, in namespaces of its own.
 * @param program within bench/; it writes its rows as JSON to the file that its argument names
 * @throws Error saying what this machine lacks
 */
export async function measureInOwnNamespaces(program: string): Promise<Row[]> {
  const missing = whyNoRealEngine() ?? whyNoDebianRoot();
  if (missing) throw new Error(`not possible here: ${missing}`);
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-bench-'));
  try {
    const entry = fileURLToPath(new URL(program, import.meta.url));
    const result = path.join(dir, 'rows.json');
    const env = { ...process.env, [DEBIAN_ROOT]: makeDebianRoot() };
    const status = await runInOwnNamespaces([process.execPath, '--import', 'tsx', entry, result], env);
    if (status !== 0) throw new Error(`${program} ended with ${status}`);
    return JSON.parse(readFileSync(result, 'utf8'));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
