import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';

/** Minds SIGTERM before it answers: who was seen to answer may be ended at once. */
const graceful = (atEnd: string) => `trap '${atEnd}; exit 0' TERM; httpd -f -p 3000 -h /www & wait`;
const GRACEFUL = graceful('kill $!');

/** What a customer's image may be like; each is a static busybox with a start script, and serves /www on port 3000. */
export const siteImages = {
  /** ends at SIGTERM */
  'berth-test/site:1': GRACEFUL,
  'berth-test/site:2': GRACEFUL,
  /** has no handler for SIGTERM: as process 1 it never gets it */
  'berth-test/handlerless:1': 'exec httpd -f -p 3000 -h /www',
  /** ignores SIGTERM, whichever process it is */
  'berth-test/stubborn:1': 'trap "" TERM; exec httpd -f -p 3000 -h /www',
  /** ends two seconds after SIGTERM, as a program does that lets its requests end */
  'berth-test/unhurried:1': graceful('sleep 2'),
  /** answers, but not on /health */
  'berth-test/unhealthy:1': 'exec httpd -f -p 3000 -h /empty',
  /** as many ordinary images: writes into its root, gives files away and drops from root to a user by itself */
  'berth-test/ordinary:1': 'touch /state && chown 1000:1000 /state && exec httpd -f -p 3000 -u 1000:1000 -h /www',
  /** takes all memory that it can get once there is a file /tmp/eat */
  'berth-test/hungry:1': 'httpd -f -p 3000 -h /www & until [ -e /tmp/eat ]; do sleep 0.2; done; exec tail /dev/zero',
} as const;

export type SiteImage = keyof typeof siteImages;

/** The command of an image's script. */
export function commandOf(name: SiteImage): string[] {
  return ['/bin/sh', '-c', siteImages[name]];
}

/** Brings test images, all when none is named, to an Engine; nothing is fetched from anywhere. `/` answers with the image's name. */
export async function importSiteImages(docker: Docker, ...names: SiteImage[]): Promise<void> {
  for (const name of names.length > 0 ? names : (Object.keys(siteImages) as SiteImage[])) {
    const [repo, tag] = name.split(':');
    const changes = [`CMD ${JSON.stringify(commandOf(name))}`, 'ENV PATH=/bin', 'EXPOSE 3000'];
    const progress = await docker.importImage(Readable.from(packRoot(name)), { repo, tag, changes });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
    });
  }
}

/** The root file system of an image, as a tar: busybox with all its commands, and what it serves. */
export function packRoot(name: SiteImage): Buffer {
  const root = mkdtempSync(path.join(tmpdir(), 'berth-image-'));
  try {
    for (const dir of ['bin', 'www', 'empty', 'tmp', 'run', 'etc', 'root']) mkdirSync(path.join(root, dir));
    copyFileSync(execFileSync('which', ['busybox'], { encoding: 'utf8' }).trim(), path.join(root, 'bin/busybox'));
    for (const applet of execFileSync('busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
      if (applet !== 'busybox') symlinkSync('busybox', path.join(root, 'bin', applet));
    }
    writeFileSync(path.join(root, 'www/health'), 'ok\n');
    writeFileSync(path.join(root, 'www/index.html'), `${name}\n`);
    return execFileSync('tar', ['-C', root, '-c', '.'], { maxBuffer: 64 * 1024 ** 2 });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
