import { describe, expect, test } from 'vitest';
import { isAfter, type LogEntry, readFrames, toSince } from './log-frames.ts';

const TIME = '2026-11-25T18:00:00.000000001Z';

function frame(text: string | Buffer, stream = 1): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

async function read(chunks: Buffer[]): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of readFrames(
    (async function* () {
      yield* chunks;
    })(),
  ))
    entries.push(entry);
  return entries;
}

describe('readFrames', () => {
  test('reads lines however they are cut into chunks', async () => {
    const whole = Buffer.concat([frame(`${TIME} first\n`), frame(`${TIME} second one\r\n`, 2), frame(`${TIME} \n`)]);
    const expected = [
      { time: TIME, stream: 'stdout', text: 'first' },
      { time: TIME, stream: 'stderr', text: 'second one' },
      { time: TIME, stream: 'stdout', text: '' },
    ];
    expect(await read([whole])).toEqual(expected);
    expect(await read([...whole].map((byte) => Buffer.from([byte])))).toEqual(expected);
  });

  test('keeps what is no text away from the database', async () => {
    const entries = await read([frame(Buffer.concat([Buffer.from(`${TIME} a\0b`), Buffer.from([0xff, 0xfe, 0x0a])]))]);
    expect(entries.map(({ text }) => text)).toEqual(['a\u{fffd}b\u{fffd}\u{fffd}']);
  });

  test('leaves out what has no time, and gives up on what is no log', async () => {
    expect(await read([frame('no time here\n')])).toEqual([]);
    await expect(read([Buffer.from('HTTP/1.1 500 Internal Server Error\r\n')])).rejects.toThrow(RangeError);
  });
});

describe("the Engine's times", () => {
  test('are compared to the nanosecond', () => {
    expect(isAfter('2026-11-25T18:00:00.000000002Z', TIME)).toBe(true);
    expect(isAfter(TIME, TIME)).toBe(false);
    expect(isAfter('2026-11-25T17:59:59.9Z', TIME)).toBe(false);
    expect(isAfter('2026-11-25T18:00:01Z', TIME)).toBe(true);
  });

  test('become what the Engine takes', () => {
    expect(toSince(TIME)).toBe(`${Date.parse('2026-11-25T18:00:00Z') / 1000}.000000001`);
    expect(toSince('2026-11-25T18:00:00.5Z')).toMatch(/\.500000000$/);
  });
});
