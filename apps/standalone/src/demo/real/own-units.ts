import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

export interface UnitPlaces {
  unitDir: string;
  /** where the demo's connectors have their files; units that name it are the demo's */
  tunnelDir: string;
}

const CONNECTOR = /^cloudflared-customer-.+\.service$/;
const DROP_IN_DIR = 'cloudflared-customer-.service.d';

/** The connectors' units of a machine: the demo's, and those of others. */
export function findUnits({ unitDir, tunnelDir }: UnitPlaces): { own: string[]; strangers: string[] } {
  const names = existsSync(unitDir) ? readdirSync(unitDir).filter((name) => CONNECTOR.test(name)) : [];
  const isOwn = (name: string) => readFileSync(path.join(unitDir, name), 'utf8').includes(`${tunnelDir}/`);
  return { own: names.filter(isOwn), strangers: names.filter((name) => !isOwn(name)) };
}

/** Takes the demo's units off the machine; with the last one goes what all of them share. Does nothing where there are none. */
export async function removeUnits(places: UnitPlaces): Promise<void> {
  const { own, strangers } = findUnits(places);
  if (own.length === 0) return;
  const at = (name: string) => path.join(places.unitDir, name);
  await systemctl('disable', '--no-reload', ...own);
  await systemctl('stop', ...own);
  for (const name of own) rmSync(at(name), { force: true });
  if (strangers.length === 0) {
    rmSync(path.join(at(DROP_IN_DIR), '50-berth.conf'), { force: true });
    removeEmpty(at(DROP_IN_DIR));
  }
  await systemctl('daemon-reload');
  await systemctl('reset-failed', ...own).catch(() => undefined);
}

async function systemctl(...words: string[]): Promise<void> {
  await promisify(execFile)('systemctl', words, { timeout: 60_000 });
}

function removeEmpty(dir: string): void {
  if (existsSync(dir) && readdirSync(dir).length === 0) rmdirSync(dir);
}
