import { spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startTestRedis } from './test-redis.ts';

/** What a Redis answers to one command; undefined when nobody listens. */
function command(url: string, line: string): Promise<string | undefined> {
  const { port, hostname } = new URL(url);
  return new Promise((resolve) => {
    const socket = createConnection({ port: Number(port), host: hostname });
    socket.once('connect', () => socket.write(`${line}\r\n`));
    socket.once('error', () => resolve(undefined));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().trim());
    });
  });
}

const redis = await startTestRedis();

describe('startTestRedis', () => {
  test.runIf(redis)('survives a crash on its port, and leaves nothing when stopped', async () => {
    if (!redis) return;
    expect(await command(redis.url, 'SET kept 1')).toBe('+OK');
    await redis.kill();
    expect(await command(redis.url, 'PING')).toBeUndefined();
    await redis.start();
    expect(await command(redis.url, 'GET kept')).toBe('$-1');
    await redis.stop();
    expect(await command(redis.url, 'PING')).toBeUndefined();
  });

  test.runIf(redis)('leaves no server behind when its process is killed', async () => {
    const module = fileURLToPath(new URL('./test-redis.ts', import.meta.url));
    const code = `import(${JSON.stringify(module)}).then(async (m) => { console.log((await m.startTestRedis()).url); setInterval(() => {}, 1000); })`;
    const child = spawn(process.execPath, ['--import', 'tsx', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    const url = String(await new Promise((resolve) => child.stdout.once('data', resolve))).trim();
    expect(await command(url, 'PING')).toBe('+PONG');
    child.kill('SIGKILL');
    await expect.poll(() => command(url, 'PING'), { timeout: 60_000 }).toBeUndefined();
  });

  test('answers undefined where no Redis is installed', async () => {
    const former = process.env.PATH;
    process.env.PATH = '/nowhere';
    try {
      expect(await startTestRedis()).toBeUndefined();
    } finally {
      process.env.PATH = former;
    }
  });
});
