import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startSimulators } from './start-simulators.ts';

const usage = 'npm run simulators [-- --profile ordinary|enterprise] [--dir DIR] [--activate-after SECONDS]';

/** Reads the arguments; with `--dir` everything is found again at the next start, without it nothing is left behind. */
function readArguments(): {
  profile: 'ordinary' | 'enterprise';
  dir: string;
  persist: boolean;
  activateAfterMs: number;
} {
  const { values } = parseArgs({
    options: {
      profile: { type: 'string', default: 'ordinary' },
      dir: { type: 'string' },
      'activate-after': { type: 'string', default: '3' },
    },
  });
  const { profile, dir } = values;
  const seconds = Number(values['activate-after']);
  if ((profile !== 'ordinary' && profile !== 'enterprise') || !(seconds >= 0)) {
    throw new Error('no such profile or time');
  }
  return {
    profile,
    dir: dir === undefined ? mkdtempSync(join(tmpdir(), 'berth-simulators-')) : resolve(dir),
    persist: dir !== undefined,
    activateAfterMs: seconds * 1000,
  };
}

async function main(): Promise<void> {
  const { dir, profile, persist, activateAfterMs } = readArguments();
  const simulators = await startSimulators({ dir, profile, persist, activateAfterMs });
  const variables = Object.entries(simulators.env).map(([name, value]) => `export ${name}='${value}'`);
  console.log(
    [
      `# profile ${profile}: Cloudflare's API and edge, Docker, systemd and cloudflared, simulated until Ctrl-C`,
      ...variables,
      `# control of Cloudflare: ${simulators.cloudflare.controlUrl}/_control`,
      `# control of the host 'one': ${simulators.hostControlUrl}/_control`,
    ].join('\n'),
  );
  await new Promise<void>((ended) => {
    process.once('SIGINT', ended);
    process.once('SIGTERM', ended);
  });
  await simulators.stop();
  if (!persist) {
    rmSync(dir, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  console.error(usage);
  process.exitCode = 1;
});
