import { createReadStream } from 'node:fs';
import type Docker from 'dockerode';
import { DEBIAN_ROOT } from './debian-root.ts';

const IMAGE = 'berth-test/debian:1';

/** Brings a Debian with systemd to an Engine, unless it's there. @returns its name */
export async function importDebian(docker: Docker): Promise<string> {
  const there = await docker.listImages({ filters: { reference: [IMAGE] } });
  if (there.length > 0) return IMAGE;
  const archive = process.env[DEBIAN_ROOT];
  if (!archive) throw new Error(`${DEBIAN_ROOT} names no archive: run \`npm run test:real -- FILE\``);
  const [repo, tag] = IMAGE.split(':');
  const progress = await docker.importImage(createReadStream(archive), { repo, tag });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
  });
  return IMAGE;
}
