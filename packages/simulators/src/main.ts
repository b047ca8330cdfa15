import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Simulators, startSimulators } from './start-simulators.ts';

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

/** A word that a shell reads as it is. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

async function main(): Promise<void> {
  // Listened to from the beginning: an end during the start must leave as little behind as a later one.
  const ended = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  const { dir, profile, persist, activateAfterMs } = readArguments();
  try {
    const simulators = await startSimulators({ dir, profile, persist, activateAfterMs });
    console.log(describeSimulators(profile, simulators));
    await ended;
    await simulators.stop();
  } finally {
    if (!persist) rmSync(dir, { recursive: true, force: true });
  }
}

/** What a shell can evaluate, the profile in the first line. */
function describeSimulators(profile: string, { env, cloudflare, hostControlUrl }: Simulators): string {
  return [
    `# profile ${profile}: Cloudflare's API and edge, Docker, systemd and cloudflared, simulated until Ctrl-C`,
    ...Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}`),
    `# control of Cloudflare: ${cloudflare.controlUrl}/_control`,
    `# control of the host 'one': ${hostControlUrl}/_control`,
  ].join('\n');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  console.error(usage);
  process.exitCode = 1;
});
