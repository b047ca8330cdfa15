import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CloudflaredTimings, startCloudflared } from '../cloudflared/start-cloudflared.ts';
import type { TunnelEdge } from '../edge/tunnel-link.ts';
import { runBefore } from './install-files.ts';
import { expandSpecifiers, type UnitDirectories } from './load-unit.ts';
import { ExecFailure, type Spawn } from './unit.ts';

interface Programs {
  /** the only program that units can run here */
  cloudflaredPath: string;
  credentialsDir: string;
  /** what `%t` stands for */
  runtimeDir: string;
  edge: TunnelEdge;
  timings: CloudflaredTimings;
}

/** Runs a unit's ExecStart inside this process, after what `LoadCredential=`, `RuntimeDirectory=` and `ExecStartPre=` say. */
export function makeSpawn({ cloudflaredPath, credentialsDir, runtimeDir, edge, timings }: Programs): Spawn {
  return (unit, { ready, exit }) => {
    const { settings } = unit.loaded;
    const directories = { credentials: join(credentialsDir, unit.name), runtime: runtimeDir };
    const expand = (word: string) => expandSpecifiers(word, unit.name, directories);
    const [program = '', ...words] = settings.execStart.map(expand);
    const own = settings.runtimeDirectories.map((name) => join(runtimeDir, expand(name)));
    const leave = (): void => {
      for (const directory of [...own, directories.credentials]) rmSync(directory, { recursive: true, force: true });
    };
    leave();
    for (const directory of own) mkdirSync(directory, { recursive: true, mode: settings.runtimeDirectoryMode });
    loadCredentials(directories, unit.name, settings.credentials);
    for (const command of settings.execStartPre) runBefore(command.map(expand));
    const path = program.replace(/^[-@+!:]+/, '');
    if (path !== cloudflaredPath || !existsSync(path)) {
      const reason = existsSync(path) ? 'only the simulated cloudflared can run here' : 'No such file or directory';
      throw new ExecFailure(`Failed to locate executable ${path}: ${reason}`, 203);
    }
    return startCloudflared({
      words,
      edge,
      timings,
      log: (line) => unit.log(line),
      onReady: ready,
      onExit: (exitCode) => {
        leave();
        exit(exitCode);
      },
    });
  };
}

function loadCredentials(
  directories: UnitDirectories,
  unit: string,
  credentials: Array<{ name: string; source: string }>,
): void {
  const directory = directories.credentials;
  if (credentials.length === 0) {
    return;
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const { name, source } of credentials) {
    const path = expandSpecifiers(source, unit, directories);
    if (!existsSync(path)) {
      throw new ExecFailure(`Failed to set up credentials: ${path}: No such file or directory`, 243);
    }
    const copy = join(directory, name);
    writeFileSync(copy, readFileSync(path), { mode: 0o600 });
    chmodSync(copy, 0o400);
  }
}
