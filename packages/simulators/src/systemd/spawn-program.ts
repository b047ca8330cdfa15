import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CloudflaredTimings, startCloudflared } from '../cloudflared/start-cloudflared.ts';
import type { TunnelEdge } from '../edge/tunnel-link.ts';
import { expandSpecifiers } from './load-unit.ts';
import { ExecFailure, type Spawn } from './unit.ts';

interface Programs {
  /** the only program that units can run here */
  cloudflaredPath: string;
  credentialsDir: string;
  edge: TunnelEdge;
  timings: CloudflaredTimings;
}

/** Runs a unit's ExecStart inside this process, with its credentials copied as `LoadCredential=` says. */
export function makeSpawn({ cloudflaredPath, credentialsDir, edge, timings }: Programs): Spawn {
  return (unit, { ready, exit }) => {
    const { settings } = unit.loaded;
    const directory = join(credentialsDir, unit.name);
    const [program = '', ...words] = settings.execStart.map((word) => expandSpecifiers(word, unit.name, directory));
    loadCredentials(directory, unit.name, settings.credentials);
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
        rmSync(directory, { recursive: true, force: true });
        exit(exitCode);
      },
    });
  };
}

function loadCredentials(directory: string, unit: string, credentials: Array<{ name: string; source: string }>): void {
  rmSync(directory, { recursive: true, force: true });
  if (credentials.length === 0) {
    return;
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const { name, source } of credentials) {
    const path = expandSpecifiers(source, unit, directory);
    if (!existsSync(path)) {
      throw new ExecFailure(`Failed to set up credentials: ${path}: No such file or directory`, 243);
    }
    const copy = join(directory, name);
    writeFileSync(copy, readFileSync(path), { mode: 0o600 });
    chmodSync(copy, 0o400);
  }
}
