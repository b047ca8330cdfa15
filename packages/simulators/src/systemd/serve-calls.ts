import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CallAnswer, toAnswer } from './answer.ts';

/** An answer that goes on for as long as the caller lives. */
export interface Stream {
  /** @returns what ends it */
  stream(write: (text: string) => void): () => void;
}

/** Undefined: the answer is lost, the caller sees a broken connection. A promise that never ends: it hangs. */
export type AnswerCall = (program: string, words: string[]) => Promise<CallAnswer | Stream | undefined>;

export interface CallServer {
  close(): void;
}

/** Answers the client scripts through FIFOs below `runDir`; scripts find nobody there after `close`. */
export function serveCalls(runDir: string, answer: AnswerCall): CallServer {
  const calls = join(runDir, 'calls');
  const requests = join(runDir, 'requests');
  rmSync(calls, { recursive: true, force: true });
  rmSync(requests, { force: true });
  mkdirSync(calls, { recursive: true });
  execFileSync('mkfifo', [requests]);
  chmodSync(requests, 0o600);
  // Opened for both, the FIFO never comes to its end when the last script has written.
  const socket = new Socket({
    fd: openSync(requests, constants.O_RDWR | constants.O_NONBLOCK),
    readable: true,
    writable: false,
  });
  const open = new Set<number>();
  const streams = new Set<() => void>();
  let closed = false;
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((text) => /^\d+\.\d+$/.test(text))) {
      void serveCall(join(calls, line), { answer, open, streams, isClosed: () => closed });
    }
  });
  writeFileSync(join(runDir, 'pid'), `${process.pid}\n`);
  return {
    close: () => {
      closed = true;
      rmSync(join(runDir, 'pid'), { force: true });
      rmSync(requests, { force: true });
      socket.destroy();
      for (const fd of open) {
        closeSync(fd);
      }
      open.clear();
      for (const end of streams) end();
      rmSync(calls, { recursive: true, force: true });
    },
  };
}

interface Serving {
  answer: AnswerCall;
  open: Set<number>;
  streams: Set<() => void>;
  isClosed: () => boolean;
}

async function serveCall(call: string, serving: Serving): Promise<void> {
  const { answer, open, isClosed } = serving;
  const reply = await openReply(`${call}.reply`, isClosed);
  if (reply === undefined) {
    return;
  }
  open.add(reply);
  try {
    const [program = '', ...words] = readFileSync(`${call}.words`, 'utf8').split('\0').slice(0, -1);
    const answered = await answer(program, words).catch((error: Error) =>
      toAnswer({ err: [error.message], exitCode: 1 }),
    );
    if (answered === undefined || isClosed()) {
      return;
    }
    if ('stream' in answered) {
      await serveStream(call, reply, answered, serving);
      return;
    }
    if (answered.stdout !== '') {
      writeFileSync(`${call}.out`, answered.stdout);
    }
    if (answered.stderr !== '') {
      writeFileSync(`${call}.err`, answered.stderr);
    }
    writeSync(reply, `${answered.exitCode}\n`);
  } catch {
    // The caller went away: nobody reads what it asked for.
    for (const ending of ['reply', 'words', 'out', 'err']) {
      rmSync(`${call}.${ending}`, { force: true });
    }
  } finally {
    if (open.delete(reply)) {
      closeSync(reply);
    }
  }
}

/** The script becomes a `cat` of a FIFO; when that ends, so does the stream. */
async function serveStream(call: string, reply: number, { stream }: Stream, serving: Serving): Promise<void> {
  execFileSync('mkfifo', [`${call}.stream`]);
  writeSync(reply, 'stream\n');
  const fd = await openReply(`${call}.stream`, serving.isClosed);
  rmSync(`${call}.stream`, { force: true });
  if (fd === undefined) return;
  const out = new Socket({ fd, readable: false, writable: true });
  const end = stream((text) => out.write(text));
  const leave = (): void => {
    serving.streams.delete(leave);
    end();
    out.destroy();
  };
  serving.streams.add(leave);
  out.on('error', leave);
}

/** The script writes its request a moment before it opens the reply for reading; until then opening it fails. */
async function openReply(path: string, isClosed: () => boolean): Promise<number | undefined> {
  const deadline = performance.now() + 10_000;
  while (!isClosed() && performance.now() < deadline) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENXIO')) {
        return undefined;
      }
    }
    await delay(1);
  }
  return undefined;
}
