import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { openDocker } from '@berth/container-worker/start';
import { findUnits, type UnitPlaces } from './own-units.ts';

/** A part of the machine that the demo can use, or why it can't. */
export type Found = { version: string } | { missing: string };

/** What of this machine the demo can use. */
export interface FoundParts {
  docker: Found;
  systemd: Found;
  /** the version of the machine's cloudflared, which the demo can't use: it speaks to Cloudflare alone */
  cloudflared: string | undefined;
}

interface Machine extends UnitPlaces {
  dockerHost: string;
  /** there where systemd has booted the machine (sd_booted(3)) */
  bootedDir: string;
  perl: string;
  uid: number | undefined;
}

/** Looks without changing anything. */
export async function findParts(machine: Machine): Promise<FoundParts> {
  const [docker, systemd, cloudflared] = await Promise.all([
    findDocker(machine),
    findSystemd(machine),
    versionOf('cloudflared'),
  ]);
  return { docker, systemd, cloudflared };
}

async function findDocker({ dockerHost }: Machine): Promise<Found> {
  if (!dockerHost.startsWith('unix://')) return { missing: `${dockerHost} is another machine's` };
  try {
    const { Version, Os } = await openDocker(dockerHost).version();
    return Os === 'linux' ? { version: Version } : { missing: `its containers are made for ${Os}` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const why = code === 'EACCES' ? 'this user may not use it' : 'nothing answers';
    return { missing: `${why} at ${dockerHost} (${code})` };
  }
}

async function findSystemd({ bootedDir, perl, uid, unitDir, tunnelDir }: Machine): Promise<Found> {
  if (!existsSync(bootedDir)) return { missing: 'this machine was not booted by one' };
  if (uid !== 0) return { missing: 'only root may write units (sudo npm run demo -- --real)' };
  if (!existsSync(perl)) return { missing: `a stand-in for cloudflared needs ${perl}` };
  const [stranger] = findUnits({ unitDir, tunnelDir }).strangers;
  if (stranger) return { missing: `it has connectors already that are not the demo's, such as ${stranger}` };
  const version = await versionOf('systemctl');
  return version ? { version } : { missing: 'systemctl does not answer' };
}

/** The first number that a program says of itself. */
async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 5000 });
    return /\d[\w.]*/.exec(stdout)?.[0];
  } catch {
    return undefined;
  }
}
