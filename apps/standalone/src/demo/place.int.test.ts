import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDemoPlace } from './place.ts';

let home: string;
let dataDir: string;

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'berth-place-'));
  dataDir = path.join(home, 'data');
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

/** What an earlier demo would have left. */
function leaveTraces(): string[] {
  const files = ['simulators/cloudflare.json', 'order-system-key', 'operator-key'].map((name) =>
    path.join(dataDir, name),
  );
  for (const file of files) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '');
  }
  return files;
}

describe('openDemoPlace', () => {
  test('goes on where the last demo ended', async () => {
    const first = await openDemoPlace({ fresh: false, dataDir });
    expect(first.goesOn).toBe(false);
    expect(Buffer.from(first.secretsKey, 'base64')).toHaveLength(32);
    expect(statSync(path.join(dataDir, 'secrets-key')).mode & 0o777).toBe(0o600);
    first.leave();
    const traces = leaveTraces();
    const second = await openDemoPlace({ fresh: false, dataDir });
    expect(second).toMatchObject({ goesOn: true, secretsKey: first.secretsKey });
    expect(traces.every((file) => existsSync(file))).toBe(true);
    second.leave();
  });

  test('starts over when asked to, and when the key of all secrets is missing', async () => {
    const first = await openDemoPlace({ fresh: false, dataDir });
    first.leave();
    let traces = leaveTraces();
    const second = await openDemoPlace({ fresh: true, dataDir });
    second.leave();
    expect(second.secretsKey).not.toBe(first.secretsKey);
    expect(traces.some((file) => existsSync(file))).toBe(false);
    traces = leaveTraces();
    rmSync(path.join(dataDir, 'secrets-key'));
    (await openDemoPlace({ fresh: false, dataDir })).leave();
    expect(traces.some((file) => existsSync(file))).toBe(false);
  });

  test('lets only one demo in, and removes nothing under it', async () => {
    const first = await openDemoPlace({ fresh: false, dataDir });
    await expect(openDemoPlace({ fresh: true, dataDir })).rejects.toThrow('runs already');
    expect(existsSync(path.join(dataDir, 'secrets-key'))).toBe(true);
    first.leave();
  });

  test('gives the simulators a path of plain letters wherever the clone lies', async () => {
    dataDir = path.join(home, "Bäckerei & Söhne's clone");
    const place = await openDemoPlace({ fresh: false, dataDir });
    expect(place.simulators).toMatch(/^\/[\w./-]+$/);
    writeFileSync(path.join(place.simulators, 'kept'), '');
    place.leave();
    expect(lstatSync(place.simulators, { throwIfNoEntry: false })).toBeUndefined();
    const again = await openDemoPlace({ fresh: false, dataDir });
    expect(again.simulators).toBe(place.simulators);
    expect(existsSync(path.join(dataDir, 'simulators', 'kept'))).toBe(true);
    again.leave();
  });
});
