import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSystemdBench, type SystemdBench, unitOf } from '../testing/systemd-bench.ts';

const within = { timeout: 60_000 };

let bench: SystemdBench;
beforeEach(() => {
  bench = openSystemdBench();
});
afterEach(() => bench.close());

const call = (words: string[]) =>
  execa(bench.systemd.journalctlPath, words, { reject: false, timeout: 20_000, forceKillAfterDelay: 500 });
const journalctl = async (...words: string[]) => {
  const { stdout, stderr, exitCode } = await call(words);
  return { stdout, stderr, exitCode };
};
const write = (MESSAGE: string, more: Record<string, string> = {}) =>
  bench.systemd.control.writeToJournal({ MESSAGE, SYSLOG_IDENTIFIER: 'cloudflared', _PID: '7', ...more });
const cursorOf = async (message: string): Promise<string> => {
  const { stdout } = await journalctl('-o', 'json');
  const entries = stdout.split('\n').map((line): Record<string, string> => JSON.parse(line));
  return entries.find(({ MESSAGE }) => MESSAGE === message)?.__CURSOR ?? '';
};

/** What systemd 252's says, looked at there. */
describe('journalctl', () => {
  test('tells what a unit wrote and what systemd says of it', async () => {
    bench.writeTunnel('a', {});
    await bench.systemctl('start', unitOf('a'));
    const { stdout } = await journalctl('-u', 'cloudflared-customer-*', '-o', 'cat');
    expect(stdout).toContain('INF Starting tunnel');
    expect(stdout).toContain('Started Cloudflare Tunnel for Customer a.');
    const { stdout: own } = await journalctl('-t', 'cloudflared', '-o', 'cat');
    expect(own).not.toContain('Started Cloudflare Tunnel');
  });

  test('begins at a cursor with it, after it without, and by its time where it is gone', async () => {
    for (const n of [1, 2, 3, 4]) write(`line ${n}`);
    const second = await cursorOf('line 2');
    expect(await cursorOf('line 2'), 'an entry has the same one each time').toBe(second);
    expect((await journalctl(`--cursor=${second}`, '-o', 'cat')).stdout).toBe('line 2\nline 3\nline 4');
    expect((await journalctl(`--after-cursor=${second}`, '-o', 'cat')).stdout).toBe('line 3\nline 4');
    bench.systemd.control.vacuumJournal();
    for (const n of [5, 6]) write(`line ${n}`);
    expect((await journalctl(`--cursor=${second}`, '-o', 'cat')).stdout).toBe('line 5\nline 6');
    expect((await journalctl(`--after-cursor=${second}`, '-o', 'cat')).stdout).toBe('line 6');
  });

  test('shows fields as texts, as bytes, or not at all', async () => {
    write('a'.repeat(5000));
    write('col \u001b[31mred');
    const { stdout } = await journalctl('-o', 'json', '--output-fields=MESSAGE');
    const [long, red] = stdout.split('\n').map((line) => JSON.parse(line));
    expect(long).toEqual({
      __CURSOR: expect.stringMatching(/^s=/),
      __REALTIME_TIMESTAMP: expect.stringMatching(/^\d{16}$/),
      __MONOTONIC_TIMESTAMP: expect.any(String),
      _BOOT_ID: expect.any(String),
      MESSAGE: null,
    });
    expect(Buffer.from(red.MESSAGE).toString()).toBe('col \u001b[31mred');
    expect((await journalctl('-o', 'json', '--all')).stdout).toContain('a'.repeat(5000));
  });

  test('follows with the last ten, or with all, and what comes', async () => {
    for (let n = 0; n < 15; n += 1) write(`line ${n}`);
    const followed = call(['--follow', '-o', 'cat']);
    const all = call(['--follow', '--no-tail', '-o', 'cat']);
    let [few, many] = ['', ''];
    followed.stdout.on('data', (chunk) => {
      few += chunk;
    });
    all.stdout.on('data', (chunk) => {
      many += chunk;
    });
    await expect.poll(() => few, within).toContain('line 14');
    await expect.poll(() => many, within).toContain('line 14');
    write('and one more');
    await expect.poll(() => few, within).toContain('and one more');
    expect(few.split('\n')[0]).toBe('line 5');
    expect(many.split('\n')[0]).toBe('line 0');
    followed.kill();
    all.kill();
    await Promise.all([followed, all]);
  });

  test('misses nothing that is written while it begins', async () => {
    for (let round = 0; round < 10; round += 1) {
      const followed = call(['--follow', '--no-tail', '-o', 'cat']);
      let text = '';
      followed.stdout.on('data', (chunk) => {
        text += chunk;
      });
      for (let n = 0; text === '' || n < 20; n += 1) {
        write(`line ${round}.${n}`);
        await setTimeout(1);
        if (n >= 20) expect(n).toBeLessThan(5000);
      }
      write(`end of ${round}`);
      await expect.poll(() => text, within).toContain(`end of ${round}`);
      const seen = text.split('\n').filter((line) => line.startsWith(`line ${round}.`));
      expect(seen).toEqual(seen.map((_, n) => `line ${round}.${n}`));
      followed.kill();
      await followed;
    }
  });

  test('follows the units alone that a pattern stood for at the start', async () => {
    const of = (id: string) => ({ _SYSTEMD_UNIT: unitOf(id) });
    write('first of a', of('a'));
    const followed = call(['--follow', '--no-tail', '-u', 'cloudflared-customer-*', '-o', 'cat']);
    let text = '';
    followed.stdout.on('data', (chunk) => {
      text += chunk;
    });
    await expect.poll(() => text, within).toContain('first of a');
    write('first of b', of('b'));
    write('second of a', of('a'));
    await expect.poll(() => text, within).toContain('second of a');
    expect(text).not.toContain('first of b');
    followed.kill();
    await followed;
  });

  test.each([
    [['--frob'], "journalctl: unrecognized option '--frob'"],
    [['-Z'], "journalctl: invalid option -- 'Z'"],
    [['--cursor=garbage', '-o', 'cat'], 'Failed to seek to cursor: Invalid argument'],
    [['--since=gestern', '-o', 'cat'], 'Failed to parse timestamp: gestern'],
    [['--lines=zz', '-o', 'cat'], "Failed to parse lines 'zz'"],
    [['-o', 'nope'], "Unknown output format 'nope'."],
    [['foo', '-o', 'cat'], "Failed to add match 'foo': Invalid argument"],
    [
      ['--since=-1h', '--cursor=x', '-o', 'cat'],
      'Please specify only one of --since=, --cursor=, and --after-cursor=.',
    ],
  ])('refuses %j', async (words, stderr) => {
    expect(await journalctl(...words)).toEqual({ stdout: '', stderr, exitCode: 1 });
  });

  test('has nothing to say of an empty journal', async () => {
    expect(await journalctl('-o', 'cat')).toMatchObject({ stdout: '-- No entries --', exitCode: 0 });
    expect(await journalctl('-o', 'cat', '-q')).toMatchObject({ stdout: '', exitCode: 0 });
    expect(await journalctl('-o', 'json')).toMatchObject({ stdout: '', exitCode: 0 });
  });
});
