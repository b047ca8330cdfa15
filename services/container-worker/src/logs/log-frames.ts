/** A line of a container, with the Engine's time of it. */
export interface LogEntry {
  /** RFC 3339 with up to nine decimals */
  time: string;
  stream: 'stdout' | 'stderr';
  text: string;
}

const HEADER = 8;
/** The Engine cuts longer lines by itself; a frame that says more is no frame. */
const LARGEST_FRAME = 1024 * 1024;

/**
 * The lines of a container's log as the Engine sends it: frames of a stream's number, three zeros, a length, and text with its time
 * in front. Text that isn't UTF-8 comes with replacement characters, and NUL, which Postgres doesn't take, as one too.
 * @throws RangeError on what isn't such a stream
 */
export async function* readFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<LogEntry> {
  const decoder = new TextDecoder();
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      if (held.length < HEADER) break;
      const length = held.readUInt32BE(4);
      if (length > LARGEST_FRAME) throw new RangeError(`a frame of ${length} bytes is none of a container's log`);
      if (held.length < HEADER + length) break;
      const stream = held[0] === 2 ? 'stderr' : 'stdout';
      const text = decoder.decode(held.subarray(HEADER, HEADER + length)).replaceAll('\0', '\u{fffd}');
      held = held.subarray(HEADER + length);
      const space = text.indexOf(' ');
      const time = space < 0 ? text : text.slice(0, space);
      if (!Number.isNaN(Date.parse(time))) {
        yield { time, stream, text: space < 0 ? '' : text.slice(space + 1).replace(/\r?\n$/, '') };
      }
    }
  }
}

/** The Engine's time as its own `since` takes it: seconds since 1970 with nine decimals. */
export function toSince(time: string): string {
  const [, fraction = ''] = /\.(\d{1,9})/.exec(time) ?? [];
  return `${Math.floor(Date.parse(time) / 1000)}.${fraction.padEnd(9, '0')}`;
}

/** Whether a time of the Engine's is after another one, to the nanosecond. */
export function isAfter(time: string, other: string): boolean {
  const [seconds = '', nanos = ''] = toSince(time).split('.');
  const [otherSeconds = '', otherNanos = ''] = toSince(other).split('.');
  return seconds === otherSeconds ? nanos > otherNanos : Number(seconds) > Number(otherSeconds);
}
