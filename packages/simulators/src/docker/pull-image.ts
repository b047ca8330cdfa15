import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerEngine } from './container-engine.ts';
import { parseReference, toCanonical } from './image-name.ts';
import type { Image, RegistryLogin } from './image-registry.ts';
import type { Json } from './json.ts';
import type { Answer, Call } from './route.ts';

const LAYERS = [12_000_000, 6_000_000, 200_000] as const;
const SLICES = 4;

/** `POST /images/create`: takes `pullMs`; an image that is there already is only checked. One that nobody waits for is not kept. */
export function pullImage({ engine, query, registryAuth, signal }: Call, pullMs: number, changed: () => void): Answer {
  const from = query.get('fromImage') ?? '';
  const tag = query.get('tag') ?? '';
  const reference = tag === '' ? from : `${withoutTag(from, tag)}${tag.startsWith('sha256:') ? '@' : ':'}${tag}`;
  const image = engine.images.registry.get(reference, toLogin(registryAuth));
  return {
    kind: 'stream',
    contentType: 'application/json',
    run: async (write) => {
      const say = (line: Json): void => write(`${JSON.stringify(line)}\r\n`);
      const present = engine.images.has(image, reference);
      const { repository, tag: named = 'latest', digest } = parseReference(reference);
      say({ status: `Pulling from ${repository}`, id: digest ?? named });
      if (!present) {
        await download(say, image, pullMs, signal);
        if (signal.aborted) return;
        const { broken } = engine.images.registry;
        if (broken !== undefined) return say({ errorDetail: { message: broken }, error: broken });
        keep(engine, image, reference);
        changed();
      }
      say({ status: `Digest: ${image.digest}` });
      const status = present ? 'Image is up to date for' : 'Downloaded newer image for';
      say({ status: `Status: ${status} ${toCanonical(reference)}` });
    },
  };
}

const withoutTag = (from: string, tag: string): string =>
  tag.startsWith('sha256:') ? from.replace(/:[^/:]*$/, '') : from;

function keep(engine: ContainerEngine, image: Image, reference: string): void {
  engine.images.keep(image, reference);
  const name = toCanonical(reference);
  engine.events.emit({ type: 'image', action: 'pull', id: name, attributes: { name } });
}

/** What `X-Registry-Auth` carries; what can't be read counts as nothing, as with dockerd. */
function toLogin(registryAuth: string | undefined): RegistryLogin | undefined {
  try {
    const { username, password } = JSON.parse(Buffer.from(registryAuth ?? '', 'base64url').toString('utf8')) as Json;
    return typeof username === 'string' && typeof password === 'string' ? { username, password } : undefined;
  } catch {
    return undefined;
  }
}

/** The layers one after the other, in as many lines as a quick download has. */
async function download(say: (line: Json) => void, image: Image, pullMs: number, signal: AbortSignal): Promise<void> {
  const layers = LAYERS.map((total, nth) => ({ total, id: image.digest.slice(7 + nth, 19 + nth) }));
  for (const { id } of layers) say({ status: 'Pulling fs layer', progressDetail: {}, id });
  for (const { id } of layers.slice(2)) say({ status: 'Waiting', progressDetail: {}, id });
  for (const { id, total } of layers) {
    for (let slice = 1; slice <= SLICES; slice += 1) {
      const current = (total * slice) / SLICES;
      say({ status: 'Downloading', progressDetail: { current, total }, progress: `${current}B/${total}B`, id });
      await delay(pullMs / (LAYERS.length * SLICES), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
    say({ status: 'Verifying Checksum', progressDetail: {}, id });
    say({ status: 'Download complete', progressDetail: {}, id });
  }
  for (const { id, total } of layers) {
    say({ status: 'Extracting', progressDetail: { current: total, total }, progress: `${total}B/${total}B`, id });
    say({ status: 'Pull complete', progressDetail: {}, id });
  }
}
