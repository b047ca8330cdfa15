import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';

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
  return { exitCode: (await exec.inspect()).ExitCode ?? -1, output: output.trim() };
}
