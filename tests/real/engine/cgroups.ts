import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';

const ROOT = '/sys/fs/cgroup';

/** Removes a control group of that name under every controller, with those below it; one that still has processes stays. */
export function removeCgroups(name: string): void {
  for (const controller of ['', ...readdirSync(ROOT)]) {
    const group = path.join(ROOT, controller, name);
    if (existsSync(group)) removeTree(group);
  }
}

function removeTree(group: string): void {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(path.join(group, entry.name));
  }
  try {
    rmdirSync(group);
  } catch {
    // It has processes, or the kernel hasn't let go of it yet: it's empty, and goes with the machine.
  }
}
