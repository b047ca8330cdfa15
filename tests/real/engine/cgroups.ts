import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { killProcess } from './processes.ts';

const ROOT = '/sys/fs/cgroup';
/** The kernel lets go of a group a moment after its last process has ended. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 50;

/**
 * Removes a control group of that name under every controller, with those below it, and ends what still runs there: a daemon that was
 * killed while it made a container may know nothing of it afterwards.
 */
export async function removeCgroups(name: string): Promise<void> {
  for (const until = performance.now() + PATIENCE_MS; ; ) {
    const left = cgroupsNamed(name);
    for (const group of left) removeTree(group);
    if (!left.some((group) => existsSync(group)) || performance.now() > until) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Where there is a control group of that name: one place for each controller, or one for all. */
export function cgroupsNamed(name: string): string[] {
  return ['', ...readdirSync(ROOT)].map((controller) => path.join(ROOT, controller, name)).filter(existsSync);
}

function removeTree(group: string): void {
  try {
    for (const entry of readdirSync(group, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(path.join(group, entry.name));
    }
    for (const pid of processesOf(group)) killProcess(pid);
    rmdirSync(group);
  } catch {
    // Its processes are ending, the kernel hasn't let go of it yet, or somebody else has removed it.
  }
}

/** Those of another namespace are 0 there, which would be ourselves. */
function processesOf(group: string): number[] {
  const pids = readFileSync(path.join(group, 'cgroup.procs'), 'utf8').trim().split('\n').map(Number);
  return pids.filter((pid) => pid > 0);
}
