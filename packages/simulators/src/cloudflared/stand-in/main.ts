import { writeSync } from 'node:fs';
import { reachEdge } from '../../edge/reach-edge.ts';
import { cloudflaredVersion, defaultTimings, startCloudflared } from '../start-cloudflared.ts';
import { validateIngress } from '../validate-ingress.ts';

/*
 * A cloudflared for hosts whose systemd is real and whose edge is simulated: the same connector that the simulated systemd runs, as
 * a program. Bundled and started by what `install-stand-in.ts` writes.
 */

/** The connected notification socket that the launcher leaves open: Node has no datagrams of unix sockets. */
const NOTIFY_FD = 3;

const words = process.argv.slice(2);
if (/^(--version|-v|version)$/.test(words[0] ?? '')) {
  process.stdout.write(`cloudflared version ${cloudflaredVersion} (stand-in)\n`);
} else if (words.includes('ingress')) {
  const { out = [], err = [], exitCode } = validateIngress(words);
  for (const line of out) process.stdout.write(`${line}\n`);
  for (const line of err) process.stderr.write(`${line}\n`);
  process.exitCode = exitCode;
} else {
  run();
}

function run(): void {
  const connector = startCloudflared({
    words,
    edge: reachEdge(process.env.TUNNEL_EDGE ?? ''),
    timings: { ...defaultTimings, ...JSON.parse(process.env.STAND_IN_TIMINGS ?? '{}') },
    log: (line) => process.stderr.write(`${new Date().toISOString()} ${line}\n`),
    onReady: () => {
      if (process.env.NOTIFY_SOCKET) writeSync(NOTIFY_FD, 'READY=1\n');
    },
    onExit: (exitCode) => process.exit(exitCode),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => connector.terminate());
}
