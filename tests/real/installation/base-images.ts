import { execFileSync } from 'node:child_process';
import { createReadStream, mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type Docker from 'dockerode';

/** What `deploy/Dockerfile` is given in place of Node's official image. */
export const BASE = 'berth-test/node:1';
/** The same, with npm and all packages of the lockfile in npm's cache: inside of the tests' namespaces there is no registry. */
export const BUILD_BASE = 'berth-test/npm:1';

/**
 * Makes both out of a Debian and of this machine's own Node and npm.
 * @param from the name of a Debian image that has libstdc++6
 */
export async function makeBaseImages(docker: Docker, from: string, dir: string): Promise<void> {
  const npm = path.dirname(path.dirname(realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim())));
  await buildFrom(docker, { from, image: BASE, dir, put: { [process.execPath]: 'usr/local/bin/node' } });
  const cache = path.join(npmConfig('cache'), '_cacache');
  const settings = path.join(dir, 'npmrc');
  writeFileSync(settings, `registry=${npmConfig('registry')}\noffline=true\n`);
  await buildFrom(docker, {
    from: BASE,
    image: BUILD_BASE,
    dir,
    put: {
      [npm]: 'usr/local/lib/node_modules/npm',
      [path.join(cache, 'content-v2')]: 'root/.npm/_cacache/content-v2',
      [path.join(cache, 'index-v5')]: 'root/.npm/_cacache/index-v5',
      [settings]: 'root/.npmrc',
    },
    run: 'ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm',
  });
}

function npmConfig(name: string): string {
  return execFileSync('npm', ['config', 'get', name], { encoding: 'utf8' }).trim();
}

interface Built {
  from: string;
  image: string;
  /** for drafts */
  dir: string;
  /** this machine's files and folders, and where they go (from the root, without a slash) */
  put: Readonly<Record<string, string>>;
  run?: string;
  /** further lines of the Dockerfile */
  more?: string;
}

/** Builds an image of another one and of files of this machine. */
export async function buildFrom(
  docker: Docker,
  { from, image, dir, put, run = 'true', more = '' }: Built,
): Promise<void> {
  const context = path.join(dir, 'context');
  rmSync(context, { recursive: true, force: true });
  mkdirSync(context, { recursive: true });
  const files = path.join(context, 'files.tar');
  writeFileSync(files, Buffer.alloc(10_240));
  for (const [file, to] of Object.entries(put)) {
    const name = path.basename(file);
    const renamed = ['--transform', `flags=r;s,^${name},${to},`];
    // npm may be at work in its cache; what is being written now isn't what a lockfile names.
    const owner = ['--owner=0', '--group=0', '--numeric-owner', '--warning=no-file-changed', '--ignore-failed-read'];
    // Links to other names are followed: what they name may not be there.
    const followed = statSync(file).isFile() ? ['--dereference'] : [];
    execFileSync('tar', ['-C', path.dirname(file), ...owner, ...followed, ...renamed, '-rf', files, name]);
  }
  writeFileSync(path.join(context, 'Dockerfile'), `FROM ${from}\nADD files.tar /\nRUN ${run}\n${more}\n`);
  const packed = path.join(dir, 'context.tar');
  execFileSync('tar', ['-C', context, '-cf', packed, '.']);
  const progress = await docker.buildImage(createReadStream(packed), { t: image });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error, said: { error?: string }[]) => {
      const failed = said?.find((line) => line.error);
      if (error || failed) reject(error ?? new Error(failed?.error));
      else resolve();
    });
  });
  for (const draft of [context, packed]) rmSync(draft, { recursive: true, force: true });
}
