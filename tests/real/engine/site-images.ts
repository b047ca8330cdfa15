import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type Docker from 'dockerode';

/** What a customer's image may be like; each is a static busybox with a start script, and serves /www on port 3000. */
const variants = {
  /** ends at SIGTERM */
  'berth-test/site:1': 'httpd -f -p 3000 -h /www & trap "kill $!; exit 0" TERM; wait',
  'berth-test/site:2': 'httpd -f -p 3000 -h /www & trap "kill $!; exit 0" TERM; wait',
  /** has no handler for SIGTERM: as process 1 it never gets it */
  'berth-test/handlerless:1': 'exec httpd -f -p 3000 -h /www',
  /** ignores SIGTERM, whichever process it is */
  'berth-test/stubborn:1': 'trap "" TERM; exec httpd -f -p 3000 -h /www',
  /** answers, but not on /health */
  'berth-test/unhealthy:1': 'rm -f /www/health; exec httpd -f -p 3000 -h /empty',
  /** like many ordinary images: writes into its root, gives files away and drops from root to a user by itself */
  'berth-test/ordinary:1': 'touch /state && chown 1000:1000 /state && exec httpd -f -p 3000 -u 1000:1000 -h /www',
} as const;

export type SiteImage = keyof typeof variants;

/** Brings the test images to an Engine; nothing is fetched from anywhere. `/` answers with the image's name. */
export async function importSiteImages(docker: Docker): Promise<void> {
  for (const [name, script] of Object.entries(variants)) await importImage(docker, name, script);
}

async function importImage(docker: Docker, name: string, script: string): Promise<void> {
  const root = mkdtempSync(path.join(tmpdir(), 'berth-image-'));
  try {
    for (const dir of ['bin', 'www', 'empty', 'tmp', 'etc', 'root']) mkdirSync(path.join(root, dir));
    copyFileSync(execFileSync('which', ['busybox'], { encoding: 'utf8' }).trim(), path.join(root, 'bin/busybox'));
    const applets = execFileSync('busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n');
    for (const applet of applets.filter((one) => one !== 'busybox'))
      symlinkSync('busybox', path.join(root, 'bin', applet));
    writeFileSync(path.join(root, 'www/health'), 'ok\n');
    writeFileSync(path.join(root, 'www/index.html'), `${name}\n`);
    const tar = spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [repo, tag] = name.split(':');
    const changes = [`CMD ${JSON.stringify(['/bin/sh', '-c', script])}`, 'ENV PATH=/bin', 'EXPOSE 3000'];
    const progress = await docker.importImage(tar.stdout, { repo, tag, changes });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
