import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { Failure } from '../failure.ts';
import { type Environment, readSecret } from '../settings.ts';
import { originCertificate } from './origin-certificate.ts';

interface CertOptions {
  out?: string;
  force?: boolean;
}

/** Where a host keeps its connectors, unless its settings say otherwise. */
const HOST_DIRS = ['/etc/cloudflared', '/etc/systemd/system'];
const OF_A_HOST = /^(cloudflared-)?customer-.+\.(json|yml|service)$/;

/**
 * Writes the origin certificate, readable by its owner alone.
 * @returns what to say
 * @throws Failure on what looks like a host: a token of the whole account must not lie there
 */
export function writeCertificate(environment: Environment, { out, force }: CertOptions, hostDirs = HOST_DIRS): string {
  refuseHost(environment, hostDirs);
  const accountId = mustBeId(environment, 'CF_ACCOUNT_ID');
  const zoneId = mustBeId(environment, 'CF_ZONE_ID');
  const apiToken = readSecret(environment, 'CF_API_TOKEN');
  if (apiToken === undefined)
    throw missing('CF_API_TOKEN', 'a token of your own with Account → Cloudflare Tunnel: Edit');
  const file = path.resolve(out ?? path.join(environment.HOME || homedir(), '.cloudflared', 'cert.pem'));
  write(file, originCertificate({ accountId, zoneId, apiToken }), force ?? false);
  return `wrote ${file}; it has the power of its token: keep it to yourself`;
}

function refuseHost(environment: Environment, hostDirs: readonly string[]): void {
  const sign =
    ['HOST_ID', 'TUNNEL_CONFIG_DIR'].find((name) => environment[name]) ?? hostDirs.map(findConnector).find(Boolean);
  if (sign === undefined) return;
  throw new Failure({
    ending: 'refused',
    what: `this looks like a host (${sign}): a certificate has the power of the whole account and must not lie here`,
    fix: 'run it on your own machine; on a host `berth tunnel list` shows the tunnels',
  });
}

function findConnector(dir: string): string | undefined {
  if (!existsSync(dir)) return undefined;
  try {
    const found = readdirSync(dir).find((name) => OF_A_HOST.test(name));
    return found && path.join(dir, found);
  } catch {
    return undefined;
  }
}

function mustBeId(environment: Environment, name: string): string {
  const id = environment[name];
  if (!id) throw missing(name, 'an id of 32 hexadecimal digits, shown on the overview page of the zone');
  if (/^[0-9a-f]{32}$/.test(id)) return id;
  throw new Failure({ ending: 'config', what: `${name} must be 32 hexadecimal digits` });
}

function missing(name: string, what: string): Failure {
  return new Failure({ ending: 'config', what: `${name} is missing`, fix: `export ${name}=…: ${what}` });
}

/** Beside its place first, so that what is there stays as it is or is replaced as a whole. */
function write(file: string, text: string, force: boolean): void {
  const next = `${file}.${process.pid}.new`;
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(next, text, { mode: 0o600, flag: 'wx' });
    if (force) renameSync(next, file);
    else linkSync(next, file);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw new Failure({ ending: 'conflict', what: `${file} is there already`, fix: 'say --force to replace it' });
    }
    throw new Failure({ ending: 'failed', what: `${file} could not be written`, why: [String(cause)], cause });
  } finally {
    rmSync(next, { force: true });
  }
}
