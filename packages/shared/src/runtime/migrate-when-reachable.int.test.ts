import { connect, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { freeRedisPort as freePort } from '../testing/test-redis.ts';
import { silentLog } from './log.ts';
import { migrateWhenReachable } from './migrate-when-reachable.ts';

let database: TestDatabase;
let way: Server | undefined;
beforeEach(async () => {
  database = await makeTestDatabase();
});
afterEach(async () => {
  way?.close();
  await database.drop();
});

/** A way to the database at a port that nobody has listened at before. */
async function open(port: number): Promise<void> {
  const { hostname, port: behind } = new URL(database.url);
  way = createServer((incoming) => {
    const onward = connect(Number(behind), hostname);
    for (const one of [incoming, onward]) one.on('error', () => one.destroy());
    incoming.pipe(onward).pipe(incoming);
  });
  await new Promise<void>((resolve) => way?.listen(port, '127.0.0.1', resolve));
}

/** Its time goes on by waiting alone. */
function makeClock(onWait: (waits: number) => Promise<void>) {
  let [nowMs, waits] = [0, 0];
  return {
    monotonicMs: () => nowMs,
    async wait(ms: number) {
      nowMs += ms;
      waits += 1;
      await onWait(waits);
    },
    waits: () => waits,
  };
}

function urlAt(port: number, change: Partial<Pick<URL, 'username' | 'pathname'>> = {}): string {
  const url = Object.assign(new URL(database.url), change);
  url.host = `127.0.0.1:${port}`;
  return url.href;
}

describe('migrateWhenReachable', () => {
  test('waits for a database that comes later', async () => {
    const port = await freePort();
    const clock = makeClock(async (waits) => {
      if (waits === 3) await open(port);
    });
    await migrateWhenReachable({ url: urlAt(port), log: silentLog, clock, waitSeconds: 60 });
    expect(clock.waits()).toBe(3);
  });

  test('gives up when its time has passed', async () => {
    const port = await freePort();
    const clock = makeClock(async () => undefined);
    const waiting = migrateWhenReachable({ url: urlAt(port), log: silentLog, clock, waitSeconds: 60 });
    await expect(waiting).rejects.toMatchObject({ code: 'database.unreachable' });
    expect(clock.monotonicMs()).toBe(60_000);
  });

  test.each([
    { when: 'the login is refused', change: { username: 'nobody' } },
    { when: 'there is no such database', change: { pathname: '/none' } },
  ])('does not wait when $when', async ({ change }) => {
    const clock = makeClock(async () => undefined);
    const port = Number(new URL(database.url).port);
    const waiting = migrateWhenReachable({ url: urlAt(port, change), log: silentLog, clock, waitSeconds: 60 });
    await expect(waiting).rejects.toMatchObject({ code: 'database.unreachable' });
    expect(clock.waits()).toBe(0);
  });
});
