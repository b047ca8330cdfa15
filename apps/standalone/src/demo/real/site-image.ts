import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { openDocker } from '@berth/container-worker/start';

type Docker = ReturnType<typeof openDocker>;

export const SITE_IMAGE = 'berth-demo/site:1';
const MARK = 'berth.demo';

/** The page that a simulated container shows, too. */
const SERVER = `
const name = (process.env.DELQHI_CUSTOMER_ID ?? '').replace(/[^\\w. -]/g, '');
const page = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>' + name + '</title></head><body><h1>' + name +
  '</h1><p>Served by Node in a container of its own.</p></body></html>\\n';
require('node:http').createServer((request, response) => {
  if (request.url === '/health') response.end('ok\\n');
  else response.setHeader('content-type', 'text/html; charset=utf-8').end(page);
}).listen(3000);
process.on('SIGTERM', () => process.exit(0));
`;

/** Whether an earlier demo has brought it. */
export async function hasSiteImage(docker: Docker): Promise<boolean> {
  return (await listSiteImages(docker)).length > 0;
}

/** Brings the demo's image to an Engine: this machine's Node and a small server, so that nothing is fetched from anywhere. */
export async function replaceSiteImage(docker: Docker): Promise<void> {
  for (const { Id } of await listSiteImages(docker)) await docker.getImage(Id).remove({ force: true });
  const root = mkdtempSync(path.join(tmpdir(), 'berth-demo-image-'));
  try {
    for (const dir of ['tmp', 'etc']) mkdirSync(path.join(root, dir));
    for (const file of [process.execPath, ...librariesOf(process.execPath)]) {
      cpSync(file, path.join(root, file), { dereference: true });
    }
    writeFileSync(path.join(root, 'server.cjs'), SERVER);
    const tar = spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [repo, tag] = SITE_IMAGE.split(':');
    const command = JSON.stringify([process.execPath, '/server.cjs']);
    const changes = [`CMD ${command}`, 'EXPOSE 3000', `LABEL ${MARK}=site`];
    const progress = await docker.importImage(tar.stdout, { repo, tag, changes });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const listSiteImages = (docker: Docker) => docker.listImages({ filters: { label: [MARK] } });

/** What a program is linked with, by path; nothing when it's linked with nothing. */
function librariesOf(program: string): string[] {
  try {
    const said = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return [...said.matchAll(/(?:=> |^\s*)(\/\S+)/gm)].map(([, file]) => file ?? '');
  } catch {
    return [];
  }
}
