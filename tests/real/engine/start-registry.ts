import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { commandOf, packRoot, type SiteImage } from './site-images.ts';

/** What is larger comes in pieces where that is asked for; apart enough for the Engine to tell of each. */
const LARGE_BYTES = 100_000;
const PIECES = 8;
const PIECE_MS = 150;
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/** An answer by the distribution specification. */
export interface Refusal {
  status: number;
  code: string;
  message: string;
}

/** A registry that an Engine in the same namespace pulls from; on 127.0.0.1 it needs no TLS. */
export interface TestRegistry {
  /** the reference of an image there, such as `127.0.0.1:5000/berth-test/site:1` */
  referenceOf(image: SiteImage): string;
  /** as it stands before the first slash of a reference */
  host: string;
  /** From now on a name means what another one was published as, as after a push. */
  move(image: SiteImage, to: SiteImage): void;
  /** From now on it gives everything only to this login; to everybody when undefined. */
  requireLogin(login: { username: string; password: string } | undefined): void;
  /** From now on it refuses manifests in this way; not at all when undefined. */
  refuse(refusal: Refusal | undefined): void;
  /** From now on it gives layers slowly, as from far away, and their end only when it needn't any more; at once when false. */
  giveSlowly(isSlow: boolean): void;
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
  const published = new Map(tags);

  let expected: string | undefined;
  let refusal: Refusal | undefined;
  let isSlow = false;
  const server = createServer((request, response) => {
    const refuse = ({ status, code, message }: Refusal) =>
      response
        .writeHead(status, { 'content-type': 'application/json', 'www-authenticate': 'Basic realm="berth-test"' })
        .end(JSON.stringify({ errors: [{ code, message }] }));
    if (expected !== undefined && request.headers.authorization !== expected) {
      return refuse({ status: 401, code: 'UNAUTHORIZED', message: 'authentication required' });
    }
    const [, name = '', kind, reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? '') ?? [];
    if (request.url === '/v2/') return response.writeHead(200).end();
    const digest =
      kind === 'manifests' && !reference.startsWith('sha256:') ? tags.get(`${name}:${reference}`) : reference;
    if (refusal && kind === 'manifests') return refuse(refusal);
    const content = digest === undefined ? undefined : blobs.get(digest);
    if (!content || digest === undefined) {
      return refuse({ status: 404, code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' });
    }
    response.writeHead(200, {
      'content-type': kind === 'manifests' ? MANIFEST : 'application/octet-stream',
      'content-length': content.length,
      'docker-content-digest': digest,
    });
    if (request.method === 'HEAD') return response.end();
    if (!isSlow || content.length < LARGE_BYTES) return response.end(content);
    return void sendInPieces(response, content, () => isSlow);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    referenceOf: (image) => `127.0.0.1:${port}/${image}`,
    host: `127.0.0.1:${port}`,
    move: (image, to) => tags.set(image, published.get(to) ?? ''),
    requireLogin: (login) => {
      expected = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
    },
    refuse: (given) => {
      refusal = given;
    },
    giveSlowly: (given) => {
      isSlow = given;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function sendInPieces(response: ServerResponse, content: Buffer, isSlow: () => boolean): Promise<void> {
  const size = Math.ceil(content.length / PIECES);
  const last = content.length - size;
  let sent = 0;
  while (isSlow() && !response.destroyed) {
    if (sent < last) {
      response.write(content.subarray(sent, sent + size));
      sent += size;
    }
    await new Promise((resolve) => setTimeout(resolve, PIECE_MS));
  }
  response.end(content.subarray(sent));
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
