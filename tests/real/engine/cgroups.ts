import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';

const ROOT = '/sys/fs/cgroup';
/** The kernel lets go of a group a moment after its last process has ended. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 50;

/** Removes a control group of that name under every controller, with those below it; one that keeps its processes stays. */
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
    rmdirSync(group);
  } catch {
    // It has processes, the kernel hasn't let go of it yet, or somebody else has removed it.
  }
}
