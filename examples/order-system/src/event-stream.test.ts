import { describe, expect, test } from 'vitest';
import { readEventStream } from './event-stream.ts';

async function read(...chunks: string[]) {
  async function* body() {
    for (const chunk of chunks) yield new TextEncoder().encode(chunk);
  }
  const events = [];
  for await (const event of readEventStream(body())) events.push(event);
  return events;
}

describe('readEventStream', () => {
  test('puts an event together that came in pieces', async () => {
    expect(await read('id: 1\nev', 'ent: order.live\ndata: {"a"', ':1}\n', '\n')).toEqual([
      { id: '1', type: 'order.live', data: '{"a":1}' },
    ]);
  });

  test('leaves out comments and fields without data', async () => {
    expect(await read(': still here\n\nretry: 3000\n\ndata: x\n\n')).toEqual([
      { id: undefined, type: 'message', data: 'x' },
    ]);
  });

  test('drops an event that was cut off', async () => {
    expect(await read('data: whole\n\ndata: half')).toEqual([{ id: undefined, type: 'message', data: 'whole' }]);
  });
});
