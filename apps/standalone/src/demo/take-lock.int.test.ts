import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeLock } from './take-lock.ts';

let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'berth-lock-'));
  file = path.join(dir, 'demo.lock');
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('takeLock', () => {
  test('keeps others out until it is given back', () => {
    const release = takeLock(file);
    expect(() => takeLock(file)).toThrow(`as process ${process.pid}`);
    release();
    takeLock(file)();
    expect(readdirSync(dir)).toEqual([]);
  });

  test('takes over what a process left that is gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    writeFileSync(file, `${child.pid} 123 node`);
    takeLock(file)();
    expect(existsSync(file)).toBe(false);
  });

  test('is not kept out by another program that got the same process id', () => {
    writeFileSync(file, `${process.pid} 1 another program`);
    takeLock(file)();
    expect(existsSync(file)).toBe(false);
  });

  test('leaves a lock alone that is not its own any more', () => {
    const release = takeLock(file);
    writeFileSync(file, 'of somebody else');
    release();
    expect(existsSync(file)).toBe(true);
  });
});
