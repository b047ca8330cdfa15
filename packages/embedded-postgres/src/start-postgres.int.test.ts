import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findFreePort } from './free-port.ts';
import { removePostgres } from './remove-postgres.ts';
import { identify, waitUntilGone } from './running-process.ts';
import { type RunningPostgres, startPostgres } from './start-postgres.ts';
import { startTemporaryPostgres } from './start-temporary-postgres.ts';

let home: string;
let dir: string;
const started: RunningPostgres[] = [];
const afterwards: (() => unknown)[] = [];

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'berth-launcher-'));
  chmodSync(home, 0o755);
  dir = path.join(home, 'postgres');
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()));
  for (const work of afterwards.splice(0)) await work();
  rmSync(home, { recursive: true, force: true });
});

async function start(options: Partial<Parameters<typeof startPostgres>[0]> = {}): Promise<RunningPostgres> {
  const postgres = await startPostgres({ dir, ...options });
  started.push(postgres);
  return postgres;
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<{ answer: unknown }>(sql);
    return result.rows[0]?.answer;
  } finally {
    await client.end();
  }
}

/** Another process that starts the server of `dir`, says so and then stays until it is killed. */
async function startElsewhere(): Promise<{ kill(): Promise<void> }> {
  const module = fileURLToPath(new URL('./start-postgres.ts', import.meta.url));
  const code = `import(${JSON.stringify(module)}).then(async (m) => { await m.startPostgres({ dir: ${JSON.stringify(dir)} }); console.log('up'); setInterval(() => {}, 1000); })`;
  const child = spawn(process.execPath, ['--import', 'tsx', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  afterwards.push(kill);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return { kill };
}

describe('startPostgres', () => {
  test('keeps data, port and a password of its own from one start to the next', async () => {
    const first = await start();
    await ask(first.url, `create table kept as select 42 as answer`);
    await first.stop();
    expect(identify(first.pid)).toBeUndefined();
    const second = await start();
    expect(second.port).toBe(first.port);
    expect(second.url).toBe(first.url);
    expect(await ask(second.url, 'select answer from kept')).toBe(42);
    expect(statSync(path.join(dir, 'password')).mode & 0o777).toBe(0o600);
  });

  test('refuses connections without the password', async () => {
    const { url } = await start();
    await expect(ask(url.replace(/:[^:@]*@/, ':wrong@'), 'select 1 as answer')).rejects.toMatchObject({
      code: '28P01',
    });
  });

  test('speaks UTF-8, knows umlauts and is in UTC', async () => {
    const { url } = await start();
    expect(await ask(url, `select lower('MÜLLER') || current_setting('timezone') as answer`)).toBe('müllerUTC');
  });

  test('hands none of our environment to the server', async () => {
    process.env.BERTH_TEST_MARK = 'seen';
    afterwards.push(() => delete process.env.BERTH_TEST_MARK);
    const { pid } = await start();
    if (process.platform !== 'linux') return;
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('BERTH_TEST_MARK');
  });

  test('takes another port and says so when the former one is taken', async () => {
    const first = await start();
    await first.stop();
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(first.port, '127.0.0.1', resolve));
    afterwards.push(() => stranger.close());
    const lines: string[] = [];
    const second = await start({ log: (line) => lines.push(line) });
    expect(second.port).not.toBe(first.port);
    expect(lines).toEqual([expect.stringContaining(`port ${first.port} is taken`)]);
  });

  test('refuses a port that was asked for and is taken', async () => {
    const port = await findFreePort();
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
    afterwards.push(() => stranger.close());
    await expect(start({ port })).rejects.toThrow(`port ${port}, wanted for Postgres, is taken`);
  });

  test('makes one server when several start it at once', async () => {
    const all = await Promise.all([start(), start(), start()]);
    expect(new Set(all.map((each) => each.pid)).size).toBe(1);
  });

  test('stops the server only when its last user leaves', async () => {
    const [first, second] = [await start(), await start()];
    await first.stop();
    expect(await ask(second.url, 'select 1 as answer')).toBe(1);
    await second.stop();
    expect(identify(second.pid)).toBeUndefined();
  });

  test('takes over a server whose process was killed, and stops it', async () => {
    const other = await startElsewhere();
    await other.kill();
    const postgres = await start();
    expect(postgres.reused).toBe(true);
    await postgres.stop();
    expect(identify(postgres.pid)).toBeUndefined();
  });

  test('recovers after the server itself was killed', async () => {
    const first = await start();
    await ask(first.url, 'create table kept as select 7 as answer');
    process.kill(first.pid, 'SIGKILL');
    await waitUntilGone(first.pid, 60_000);
    const second = await start();
    expect(await ask(second.url, 'select answer from kept')).toBe(7);
  });

  test('starts although another program got the process id of a server that died', async () => {
    await (await start()).stop();
    const pidFile = path.join(dir, 'data', 'postmaster.pid');
    writeFileSync(pidFile, `${process.pid}\n${dir}/data\n0\n5432\n`);
    expect((await start()).reused).toBe(false);
  });

  test('says what initdb said when no server can be made', async () => {
    mkdirSync(path.join(dir, 'data'), { recursive: true });
    writeFileSync(path.join(dir, 'data', 'stranger'), '');
    await expect(start()).rejects.toThrow();
    expect(readFileSync(path.join(dir, 'data', 'stranger'), 'utf8')).toBe('');
  });

  test.runIf(process.getuid?.() === 0)(
    'goes to a place of its own when its user cannot read the directory',
    async () => {
      chmodSync(home, 0o700);
      const lines: string[] = [];
      const postgres = await start({ log: (line) => lines.push(line) });
      afterwards.push(() => rmSync(postgres.dir, { recursive: true, force: true }));
      expect(postgres.dir.startsWith(home)).toBe(false);
      expect(lines).toEqual([expect.stringContaining(postgres.dir)]);
      expect(await ask(postgres.url, 'select 1 as answer')).toBe(1);
    },
  );
});

describe('removePostgres', () => {
  test('stops a server that was left behind and removes its data', async () => {
    const other = await startElsewhere();
    const pid = Number(readFileSync(path.join(dir, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
    await expect(removePostgres(dir)).rejects.toThrow('in use');
    await other.kill();
    await removePostgres(dir);
    expect(identify(pid)).toBeUndefined();
    expect(existsSync(dir)).toBe(false);
  });
});

describe('startTemporaryPostgres', () => {
  test('leaves neither process nor files behind', async () => {
    const postgres = await startTemporaryPostgres();
    expect(await ask(postgres.url, `select current_setting('fsync') as answer`)).toBe('off');
    await postgres.stop();
    expect(identify(postgres.pid)).toBeUndefined();
    expect(existsSync(path.dirname(postgres.dir))).toBe(false);
  });

  test('is removed when the process that started it is killed', async () => {
    const module = fileURLToPath(new URL('./start-temporary-postgres.ts', import.meta.url));
    const code = `import(${JSON.stringify(module)}).then(async (m) => { const p = await m.startTemporaryPostgres(); console.log(p.pid); process.kill(process.pid, 'SIGKILL'); })`;
    let said = '';
    try {
      execFileSync(process.execPath, ['--import', 'tsx', '-e', code], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch (error) {
      said = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    }
    expect(await waitUntilGone(Number(said), 60_000)).toBe(true);
  });
});
