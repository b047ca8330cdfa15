import { describe, expect, test } from 'vitest';
import { nothingRead, readPiece } from './event-stream.ts';

const read = (...pieces: string[]) => {
  let reading = nothingRead;
  return pieces.flatMap((piece) => {
    const { events, after } = readPiece(reading, piece);
    reading = after;
    return events;
  });
};

describe('readPiece', () => {
  test('puts an event together that comes in pieces', () => {
    expect(read('id: 7\neve', 'nt: line\ndata: {"a"', ':1}\n', '\n')).toEqual([
      { id: '7', type: 'line', data: '{"a":1}' },
    ]);
  });

  test('passes over comments and what names no field it knows', () => {
    expect(read(': still here\n\nretry: 3000\n\n')).toEqual([]);
  });

  test('joins lines of data, and keeps the last id', () => {
    expect(read('id: 1\ndata: a\ndata: b\n\ndata: c\r\n\r\n')).toEqual([
      { id: '1', type: 'message', data: 'a\nb' },
      { id: '1', type: 'message', data: 'c' },
    ]);
  });
});
