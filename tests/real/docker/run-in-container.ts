import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { expect, vi } from 'vitest';

const WAIT = { timeout: 60_000, interval: 20 };

/** How a command inside a container ended. */
export interface Ran {
  exitCode: number;
  output: string;
}

/** Runs a shell command inside a container, as its user and with its rights. */
export async function runInContainer(docker: Docker, name: string, script: string): Promise<Ran> {
  const exec = await docker.getContainer(name).exec({
    Cmd: ['/bin/sh', '-c', script],
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({ hijack: true, stdin: false });
  const out = new PassThrough();
  let output = '';
  out.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  docker.modem.demuxStream(stream, out, out);
  await new Promise((resolve) => stream.once('end', resolve));
  // What it wrote ends before it does.
  const { ExitCode } = await vi.waitFor(async () => {
    const ended = await exec.inspect();
    expect(ended.Running).toBe(false);
    return ended;
  }, WAIT);
  return { exitCode: ExitCode ?? -1, output: output.trim() };
}
