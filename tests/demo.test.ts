import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from './support/until.ts';

const CLONE = new URL('../', import.meta.url).pathname;
const DOMAINS = ['mustermann.de', 'bäckerei-müller.de', 'radhaus-nord.com'];
const hasCurl = succeeds('curl', ['--version']);

/** A demo in a process of its own. */
interface DemoProcess {
  child: ChildProcess;
  output(): string;
  errors(): string;
  /** its exit status, or the signal that ended it */
  ended: Promise<number | string>;
}

let home: string;
let dataDir: string;
const demos: DemoProcess[] = [];
const strangers: Server[] = [];

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'berth-demo-'));
  chmodSync(home, 0o755);
  dataDir = path.join(home, 'data');
});

afterEach(async () => {
  for (const { child, ended } of demos.splice(0)) {
    child.kill('SIGINT');
    await ended;
  }
  for (const server of strangers.splice(0)) server.close();
  rmSync(home, { recursive: true, force: true });
});

function startDemo(...args: string[]): DemoProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', 'apps/standalone/src/demo/main.ts', ...args], {
    cwd: CLONE,
    env: { PATH: process.env.PATH ?? '', HOME: home, BERTH_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out = collect(child.stdout);
  const err = collect(child.stderr);
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code ?? 'unknown'));
  });
  const demo = { child, output: out, errors: err, ended };
  demos.push(demo);
  return demo;
}

/** @returns what has come so far */
function collect(stream: Readable): () => string {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  return () => Buffer.concat(pieces).toString('utf8');
}

function succeeds(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Processes that name the demo's directory: its Postgres, and whatever else would be left. */
function leftBehind(): string[] {
  const all = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  return all.filter((line) => line.includes(dataDir));
}

/** Whoever has a port already is stranger enough. */
async function takePort(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.once('error', () => resolve()).listen(port, '127.0.0.1', resolve));
  strangers.push(server);
}

function summaryOf(demo: DemoProcess): { ok: boolean; error?: string; sites: Record<string, unknown>[] } {
  return JSON.parse(demo.output().trimEnd().split('\n').at(-1) ?? '');
}

async function untilSaid(demo: DemoProcess, text: string): Promise<void> {
  const look = async () => demo.output().includes(text) || demo.child.exitCode !== null;
  await until(`the demo says ${text}`, look);
  expect(demo.output()).toContain(text);
}

describe('npm run demo', () => {
  test('takes orders until every site answers, and goes on there the next time, also where a port was taken', async () => {
    const first = startDemo('--once', '--fresh', '--json');
    expect(await first.ended, first.errors()).toBe(0);
    expect(first.output().trim().split('\n')).toHaveLength(1);
    const summary = summaryOf(first);
    expect(summary.ok).toBe(true);
    expect(summary.sites.map((site) => site.domain)).toEqual(DOMAINS);
    for (const site of summary.sites) {
      expect(site).toEqual({
        domain: expect.any(String),
        status: 200,
        orderToLiveMs: expect.any(Number),
        activeToLiveMs: expect.any(Number),
        url: expect.stringMatching(/^https:\/\/[\w.-]+\/$/),
      });
      expect(site.orderToLiveMs).toBeGreaterThan(2000);
      expect(site.activeToLiveMs).toBeLessThan(Number(site.orderToLiveMs));
    }
    expect(first.errors().split('\n')[0]).toContain('profile ordinary');
    expect(first.errors()).toContain('(xn--bckerei-mller-bfb28a.de)');
    expect(first.errors()).toMatch(/mail to erika@example\.org: Sign in\n.*\/sign-in\/link#.*Code: \d{6}/s);
    expect(first.errors()).not.toContain('\u001b');
    expect(leftBehind()).toEqual([]);

    const second = startDemo('--once', '--json');
    expect(await second.ended, second.errors()).toBe(0);
    expect(summaryOf(second)).toEqual(summary);
    expect(second.errors()).toContain('answered as before, live since');
    expect(leftBehind()).toEqual([]);

    await takePort(Number(/its container +http:\/\/127\.0\.0\.1:(\d+)/.exec(second.errors())?.[1]));
    const third = startDemo('--once', '--json');
    expect(await third.ended, third.errors()).toBe(0);
    expect(summaryOf(third)).toEqual(summary);
    expect(third.errors()).toMatch(/port \d+ is held by something else; port \d+ is used instead/);
  });

  test('takes other ports than those of other programs, shows doors that open, and ends by Ctrl-C', async () => {
    for (const port of [8080, 3100]) await takePort(port);
    const demo = startDemo();
    await untilSaid(demo, 'Ctrl-C ends the demo');
    expect(demo.output()).toContain('port 8080 is taken by another program');
    expect(demo.output()).not.toContain('on port 3100\n');
    await expectDoorsToOpen(demo.output());
    await expectLinksToSignIn(demo.output());

    const another = startDemo('--once');
    expect(await another.ended).toBe(1);
    expect(another.output()).toContain(`runs already, as process ${demo.child.pid}`);

    demo.child.kill('SIGINT');
    expect(await demo.ended).toBe(0);
    expect(demo.output()).toMatch(/everything has ended, nothing is left running\n$/);
    expect(leftBehind()).toEqual([]);
  });

  test('fails when a site does not go live, saying what it waits for, and leaves nothing behind', async () => {
    const demo = startDemo('--once', '--json', '--orders', '1', '--timeout', '1');
    expect(await demo.ended).toBe(1);
    expect(summaryOf(demo)).toMatchObject({ ok: false, error: expect.stringContaining('mustermann.de: zone:') });
    expect(demo.errors()).toContain('demo.log');
    expect(leftBehind()).toEqual([]);
  });

  test('takes over what a killed demo left', async () => {
    const killed = startDemo('--orders', '1');
    await untilSaid(killed, 'NameserversNotChanged');
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(leftBehind()).not.toEqual([]);
    const next = startDemo('--once', '--orders', '1');
    expect(await next.ended, next.output()).toBe(0);
    expect(next.output()).toContain('taken over');
    expect(leftBehind()).toEqual([]);
  });

  test('ends at once at the second Ctrl-C, without leaving Postgres', async () => {
    const demo = startDemo('--orders', '1');
    await untilSaid(demo, 'the zone is active');
    demo.child.kill('SIGINT');
    await until('it ends', async () => demo.output().includes('stopped by SIGINT') || demo.child.exitCode !== null);
    await new Promise((resolve) => setTimeout(resolve, 600));
    demo.child.kill('SIGINT');
    expect([0, 1]).toContain(await demo.ended);
    expect(leftBehind()).toEqual([]);
  });
});

/** Everything that the demo prints for a person to open answers. */
async function expectDoorsToOpen(output: string): Promise<void> {
  const curlLines = output.match(/curl --noproxy .*/g) ?? [];
  expect(curlLines).toHaveLength(1 + DOMAINS.length);
  if (hasCurl) {
    for (const line of curlLines) {
      const { stdout } = await promisify(execFile)('/bin/sh', ['-c', `${line} --silent --show-error --fail`]);
      expect(stdout).toMatch(line.includes('/v1/sites') ? /"data":\[/ : /<h1>/);
    }
  }
  const docs = /API docs +(\S+)/.exec(output)?.[1] ?? '';
  expect((await fetch(docs)).status).toBe(200);
  const [, dashboard = '', user, password] = /queue dashboard +(\S+) +user: (\S+) +password: (\S+)/.exec(output) ?? [];
  const credentials = Buffer.from(`${user}:${password}`).toString('base64');
  expect((await fetch(dashboard)).status).toBe(401);
  expect((await fetch(dashboard, { headers: { authorization: `Basic ${credentials}` } })).status).toBe(200);
  const shell = /From another shell\n((?: {2}.+\n)+)/.exec(output)?.[1] ?? '';
  const { stdout } = await promisify(execFile)('/bin/sh', ['-ec', `${shell}npm run --silent key -- list`], {
    cwd: CLONE,
  });
  for (const said of ['mustermann.de', 'demo: operator']) expect(stdout).toContain(said);
  const container = /its container +(\S+)/.exec(output)?.[1] ?? '';
  expect((await fetch(container)).status).toBe(200);
}

/** By the links that it prints a customer and an operator are signed in, once each, and see sites that are live. */
async function expectLinksToSignIn(output: string): Promise<void> {
  const roles: string[] = [];
  for (const [, link = ''] of output.matchAll(/ {2}as .*\n +(http\S+\/sign-in\/link#\S+)/g)) {
    const { origin, hash } = new URL(link);
    const headers = { origin, 'content-type': 'application/json' };
    const body = JSON.stringify({ token: hash.slice(1) });
    const signIn = () => fetch(`${origin}/v1/sign-in/links`, { method: 'POST', headers, body });
    const signedIn = await signIn();
    expect(signedIn.status).toBe(200);
    const cookie = signedIn.headers.getSetCookie().map((one) => one.split(';')[0]);
    const read = async <T>(at: string): Promise<T> =>
      (await fetch(origin + at, { headers: { cookie: cookie.join('; ') } })).json() as T;
    const { role } = (await read<{ user: { role: string } }>('/v1/me')).user;
    roles.push(role);
    await until(`${role} sees sites that are live`, async () => {
      const { data } = await read<{ data: { state: string }[] }>('/v1/sites');
      return data.length >= (role === 'customer' ? 1 : DOMAINS.length) && data.every(({ state }) => state === 'online');
    });
    expect((await signIn()).status).not.toBe(200);
  }
  expect(roles).toEqual(['customer', 'admin']);
}
