import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@berth/shared/runtime/clock';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeTestDatabase } from '@berth/shared/testing/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whyUnwritable } from '../adapters/folder-access.ts';
import { makeHostPrograms } from '../adapters/host-programs.ts';
import { makeCheckConnectors } from './check-connectors.ts';

describe('the checks of connectors', () => {
  let db: Database;
  let drop: () => Promise<void>;
  let dir: string;

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url });
    dir = mkdtempSync(path.join(tmpdir(), 'berth-checks-'));
  });
  afterAll(async () => {
    await db.close();
    await drop();
    rmSync(dir, { recursive: true, force: true });
  });

  test('say what is not there of programs and folders', async () => {
    const none = path.join(dir, 'none');
    const programs = { ...makeHostPrograms({ systemctl: none, cloudflared: none }), inContainer: () => false };
    const folders = { TUNNEL_CONFIG_DIR: dir, SYSTEMD_UNIT_DIR: none };
    const run = makeCheckConnectors({ db, clock: systemClock, programs, folders, whyUnwritable });
    const found = await run(new AbortController().signal);
    expect(Object.fromEntries(found.map(({ id, status }) => [id, status]))).toEqual({
      'systemd.version': 'fail',
      'cloudflared.version': 'warn',
      'connectors.folders': 'fail',
      'host.clock': 'ok',
    });
    const detail = found.find(({ id }) => id === 'connectors.folders')?.detail ?? '';
    expect(detail).toContain('SYSTEMD_UNIT_DIR');
    expect(detail).not.toContain('TUNNEL_CONFIG_DIR');
  });
});
