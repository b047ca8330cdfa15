import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { commandOf, packRoot, type SiteImage } from './site-images.ts';

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/** A registry that an Engine in the same namespace pulls from; on 127.0.0.1 it needs no TLS. */
export interface TestRegistry {
  /** the reference of an image there, such as `127.0.0.1:5000/berth-test/site:1` */
  referenceOf(image: SiteImage): string;
  stop(): Promise<void>;
}

/** Starts a registry with these images, by the wire's rules of `Docker Registry HTTP API V2`. */
export async function startRegistry(images: readonly SiteImage[]): Promise<TestRegistry> {
  const blobs = new Map<string, Buffer>();
  const tags = new Map<string, string>();
  const keep = (content: Buffer): string => {
    const digest = digestOf(content);
    blobs.set(digest, content);
    return digest;
  };
  for (const image of images) tags.set(image, publish(image, keep));

  const server = createServer((request, response) => {
    const [, name = '', kind, reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? '') ?? [];
    if (request.url === '/v2/') return response.writeHead(200).end();
    const digest =
      kind === 'manifests' && !reference.startsWith('sha256:') ? tags.get(`${name}:${reference}`) : reference;
    const content = digest === undefined ? undefined : blobs.get(digest);
    if (!content || digest === undefined) {
      const body = JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] });
      return response.writeHead(404, { 'content-type': 'application/json' }).end(body);
    }
    response.writeHead(200, {
      'content-type': kind === 'manifests' ? MANIFEST : 'application/octet-stream',
      'content-length': content.length,
      'docker-content-digest': digest,
    });
    return response.end(request.method === 'HEAD' ? undefined : content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    referenceOf: (image) => `127.0.0.1:${port}/${image}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @returns the digest of the image's manifest */
function publish(image: SiteImage, keep: (content: Buffer) => string): string {
  const tar = packRoot(image);
  const layer = gzipSync(tar, { level: 1 });
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Cmd: commandOf(image), Env: ['PATH=/bin'], ExposedPorts: { '3000/tcp': {} } },
      rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    }),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: {
      mediaType: 'application/vnd.docker.container.image.v1+json',
      size: config.length,
      digest: keep(config),
    },
    layers: [
      { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: layer.length, digest: keep(layer) },
    ],
  };
  return keep(Buffer.from(JSON.stringify(manifest)));
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
