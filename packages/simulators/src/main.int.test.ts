import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeCloudflareControl } from './cloudflare/control-over-http.ts';
import { makeHostControl } from './systemd/host-control-over-http.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));
const workspace = fileURLToPath(new URL('../../..', import.meta.url));
const within = { timeout: 60_000, interval: 20 };

interface Running {
  child: ChildProcess;
  out: () => string;
  err: () => string;
  ended: Promise<number | null>;
}

let dir: string;
let temporary: string;
const children: ChildProcess[] = [];

/** Starts them as `npm run simulators` does, with a directory for temporary files that is theirs alone. */
function run(...words: string[]): Running {
  const env = { PATH: process.env.PATH, TMPDIR: temporary, TSX_DISABLE_CACHE: '1' };
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...words], { cwd: workspace, env });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { child, out: () => out, err: () => err, ended };
}

async function started(...words: string[]): Promise<Running> {
  const running = run(...words);
  await expect.poll(() => running.out() + running.err(), within).toContain("# control of the host 'one': ");
  return running;
}

/** The variables that a shell has after it has read the output. */
function evaluate(output: string): Record<string, string> {
  const text = execFileSync('sh', ['-c', `eval "$1"; env -0`, 'sh', output], { env: { PATH: process.env.PATH } });
  const entries = text
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '');
  return Object.fromEntries(
    entries.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

const ping = (socketPath: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/_ping' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.once('error', reject);
    asked.end();
  });

/** Processes that were started with this text among their words, by Linux's own list; none where there is no such list. */
function processesWith(text: string): string[] {
  return (existsSync('/proc') ? readdirSync('/proc') : []).filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "berth main's "));
  temporary = join(dir, 'tmp');
  mkdirSync(temporary);
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

describe('the simulators alone', () => {
  test('say their profile first, then what points Berth at them, and end cleanly', async () => {
    const { child, out, err, ended } = await started();
    const [first] = out().split('\n');
    expect(first).toMatch(/^# profile ordinary: /);
    const env = evaluate(out());
    const { SYSTEMCTL_PATH = '', CLOUDFLARED_PATH = '', DOCKER_HOST = '' } = env;
    const headers = { authorization: `Bearer ${env.CF_API_TOKEN}` };
    const verified = await fetch(`${env.CF_API_BASE_URL}/accounts/${env.CF_ACCOUNT_ID}/tokens/verify`, { headers });
    expect(await verified.json()).toMatchObject({ success: true, result: { status: 'active' } });
    expect(verified.headers.get('ratelimit-policy')).toBe('"default";q=1200;w=300');
    expect(readFileSync(env.EDGE_CA_FILE ?? '', 'utf8')).toContain('BEGIN CERTIFICATE');
    expect(env.EDGE_ADDRESS).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(await ping(DOCKER_HOST.replace('unix://', ''))).toBe(200);
    expect(execFileSync(SYSTEMCTL_PATH, ['is-system-running']).toString()).toBe('running\n');
    expect(execFileSync(CLOUDFLARED_PATH, ['--version']).toString()).toContain('cloudflared version');
    expect(existsSync(env.SYSTEMD_UNIT_DIR ?? '') && existsSync(env.TUNNEL_CONFIG_DIR ?? '')).toBe(true);

    const url = (name: string) => new RegExp(`^# control of ${name}: (http://127\\.0\\.0\\.1:\\d+)/_control$`, 'm');
    await makeCloudflareControl(url('Cloudflare').exec(out())?.[1] ?? '').addZone('mustermann.de', 'active');
    const { docker } = makeHostControl(url("the host 'one'").exec(out())?.[1] ?? '', 'one');
    expect(await docker.containers()).toEqual([]);

    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(err()).toBe('');
    expect(readdirSync(temporary)).toEqual([]);
    expect(processesWith(temporary)).toEqual([]);
    await expect(fetch(env.CF_API_BASE_URL ?? '')).rejects.toThrow('fetch failed');
  });

  test('find everything again in a directory that is theirs, whatever its name', async () => {
    const place = join(dir, "it's mine");
    const before = await started('--dir', place, '--profile', 'enterprise');
    expect(before.out()).toMatch(/^# profile enterprise: /);
    const { CF_API_BASE_URL, CF_API_TOKEN, CF_ACCOUNT_ID, DOCKER_HOST } = evaluate(before.out());
    expect(evaluate(before.out()).SYSTEMD_UNIT_DIR).toBe(join(place, 'hosts', 'one', 'units'));
    expect(await ping((DOCKER_HOST ?? '').replace('unix://', ''))).toBe(200);
    const made = await fetch(`${CF_API_BASE_URL}/zones`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CF_API_TOKEN}` },
      body: JSON.stringify({ account: { id: CF_ACCOUNT_ID }, name: 'mustermann.de' }),
    });
    expect(made.status).toBe(200);
    before.child.kill('SIGINT');
    expect(await before.ended).toBe(0);

    const after = await started('--dir', place, '--activate-after', '0');
    const env = evaluate(after.out());
    const headers = { authorization: `Bearer ${env.CF_API_TOKEN}` };
    await expect
      .poll(async () => (await (await fetch(`${env.CF_API_BASE_URL}/zones`, { headers })).json()) as object, within)
      .toMatchObject({ result: [{ name: 'mustermann.de', status: 'active' }] });
    after.child.kill('SIGTERM');
    expect(await after.ended).toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('leave nothing behind when they are ended during their start', async () => {
    const { child, ended } = run();
    await expect.poll(() => readdirSync(temporary), within).not.toEqual([]);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test.each(['--profile huge', '--activate-after soon', '--nonsense'])(
    'say how they are started for %s',
    async (words) => {
      const { ended, out, err } = run(...words.split(' '));
      expect(await ended).toBe(1);
      expect(out()).toBe('');
      expect(err()).toContain('npm run simulators [-- --profile ordinary|enterprise]');
      expect(readdirSync(temporary)).toEqual([]);
    },
  );
});
