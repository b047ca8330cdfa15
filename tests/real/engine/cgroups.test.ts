import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { cgroupsNamed, removeCgroups } from './cgroups.ts';
import { cgroupOf, ownRun } from './own-namespaces.ts';

const ROOTS = ['/sys/fs/cgroup/memory', '/sys/fs/cgroup'];

describe('control groups of the tests', () => {
  test('go with those below them, and whatever still runs there ends', async () => {
    const name = `${cgroupOf(ownRun() ?? '')}-going`;
    const root = ROOTS.find((place) => existsSync(place)) ?? '';
    const below = path.join(root, name, 'container');
    mkdirSync(below, { recursive: true });
    const child = spawn('sleep', ['600']);
    await once(child, 'spawn');
    writeFileSync(path.join(below, 'cgroup.procs'), String(child.pid));
    const ended = once(child, 'exit');
    await removeCgroups(name);
    expect(cgroupsNamed(name)).toEqual([]);
    expect(await ended).toEqual([null, 'SIGKILL']);
  });
});
