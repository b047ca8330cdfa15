import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { openDocker } from '@berth/container-worker/start';
import type { Environment } from '@berth/shared/runtime/config';
import { installStandIn } from '@berth/simulators/cloudflared/stand-in/install-stand-in';
import type { Ending } from '../ending.ts';
import type { Terminal } from '../terminal.ts';
import { type FoundParts, findParts } from './find-parts.ts';
import { DEMO_POOL, removeContainers } from './own-containers.ts';
import { removeUnits } from './own-units.ts';
import { hasSiteImage, replaceSiteImage, SITE_IMAGE } from './site-image.ts';

interface Use {
  /** whether the demo goes on where an earlier one ended */
  goesOn: boolean;
  /** where a stand-in for cloudflared reaches the simulated edge */
  connectorAddress: string;
  environment: Readonly<Record<string, string | undefined>>;
  terminal: Terminal;
  ending: Ending;
}

/** Units can't see what lies in a home or a folder for temporary files; here they can. */
const STATE_DIR = '/var/lib/berth-demo';
const PLACES = { unitDir: '/etc/systemd/system', tunnelDir: path.join(STATE_DIR, 'tunnels') };
const HIDDEN_FROM_UNITS = /^\/(home|root|tmp|var\/tmp|run\/user)\//;

/**
 * Finds what of this machine's Docker and systemd can be used, says so, and takes off what a demo that was killed left there. What this
 * one makes there is noted in `ending`.
 * @returns the environment that points Berth at it; what isn't named there stays simulated
 */
export async function useRealParts({
  goesOn,
  connectorAddress,
  environment,
  terminal,
  ending,
}: Use): Promise<Environment> {
  const dockerHost = environment.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  const found = await findParts({
    ...PLACES,
    dockerHost,
    bootedDir: '/run/systemd/system',
    perl: '/usr/bin/perl',
    uid: process.getuid?.(),
  });
  say(found, terminal);
  return {
    ...('version' in found.docker && (await useDocker(dockerHost, goesOn, ending))),
    ...('version' in found.systemd && (await useSystemd(connectorAddress, ending))),
  };
}

function say({ docker, systemd, cloudflared }: FoundParts, terminal: Terminal): void {
  for (const [name, found] of [['Docker', docker] as const, ['systemd', systemd] as const]) {
    if ('version' in found) terminal.step(name, 'done', `this machine's, version ${found.version}`);
    else terminal.step(name, 'note', `simulated, since ${found.missing}`);
  }
  if (!('version' in systemd)) return;
  const machines = cloudflared ? `this machine's (${cloudflared}) speaks to Cloudflare alone` : 'none is installed';
  terminal.step('cloudflared', 'note', `a stand-in that speaks to the simulated edge; ${machines}`);
}

async function useDocker(dockerHost: string, goesOn: boolean, ending: Ending): Promise<Environment> {
  const docker = openDocker(dockerHost);
  const remove = () => removeContainers(docker);
  await remove();
  ending.add("what the demo has in this machine's Docker", remove, { outlives: true });
  // A site runs the very image that it was ordered with, so the image stays for as long as the demo's data does.
  if (!goesOn) await replaceSiteImage(docker);
  else if (!(await hasSiteImage(docker)))
    throw new Error(`${SITE_IMAGE} is gone from this machine's Docker: use --fresh`);
  // What the simulated host says of its memory and its disk isn't so here.
  const asItIs = { HOST_MEMORY: undefined, IMAGE_MIN_FREE_BYTES: undefined };
  return { DOCKER_HOST: dockerHost, BERTH_SUBNET_POOL: DEMO_POOL, ...asItIs };
}

async function useSystemd(connectorAddress: string, ending: Ending): Promise<Environment> {
  const remove = async () => {
    await removeUnits(PLACES);
    rmSync(STATE_DIR, { recursive: true, force: true });
  };
  await remove();
  ending.add("what the demo has in this machine's systemd", remove, { outlives: true });
  mkdirSync(PLACES.tunnelDir, { recursive: true, mode: 0o755 });
  const cloudflared = await installStandIn({ dir: STATE_DIR, edge: connectorAddress, node: nodeForUnits() });
  return {
    SYSTEMCTL_PATH: '/usr/bin/systemctl',
    SYSTEMD_UNIT_DIR: PLACES.unitDir,
    TUNNEL_CONFIG_DIR: PLACES.tunnelDir,
    CLOUDFLARED_PATH: cloudflared,
  };
}

/** This Node where units can see it, else a copy. */
function nodeForUnits(): string {
  if (!HIDDEN_FROM_UNITS.test(process.execPath)) return process.execPath;
  const copy = path.join(STATE_DIR, 'node');
  cpSync(process.execPath, copy, { dereference: true });
  return copy;
}
