import { setTimeout as delay } from 'node:timers/promises';
import { EngineError } from './engine-error.ts';
import { matchesAny, parseFilters } from './filters.ts';
import { type Image, parseReference, toImageInspect, toImageSummary } from './image-store.ts';
import { type Answer, type Call, json, type Route } from './route.ts';

/** Pulling takes `pullMs`; an image that is there already is only checked. */
export function makeImageRoutes(pullMs: number): Route[] {
  return [
    { method: 'GET', pattern: /^\/images\/json$/, answer: list },
    { method: 'POST', pattern: /^\/images\/create$/, answer: (call) => pull(call, pullMs) },
    {
      method: 'GET',
      pattern: /^\/images\/(.+)\/json$/,
      answer: ({ engine, name }) => json(toImageInspect(engine.images.get(name))),
    },
    { method: 'DELETE', pattern: /^\/images\/(.+)$/, answer: remove },
  ];
}

function list({ engine, query }: Call): Answer {
  const filters = parseFilters(query.get('filters'), ['reference', 'label', 'dangling', 'before', 'since']);
  const found = engine.images
    .list()
    .filter(({ reference }) =>
      matchesAny(filters, 'reference', (wanted) => [reference, parseReference(reference).repository].includes(wanted)),
    );
  return json(found.map(toImageSummary));
}

function pull({ engine, query, signal }: Call, pullMs: number): Answer {
  const from = query.get('fromImage') ?? '';
  const tag = query.get('tag') ?? '';
  const separator = tag.startsWith('sha256:') ? '@' : ':';
  const image = engine.images.getRemote(tag === '' ? from : `${from}${separator}${tag}`);
  return {
    kind: 'stream',
    contentType: 'application/json',
    run: async (write) => {
      const present = engine.images.has(image);
      for (const line of toProgress(image, present)) {
        write(`${JSON.stringify(line)}\r\n`);
      }
      if (!present) {
        await delay(pullMs, undefined, { signal }).catch(() => undefined);
        engine.images.keep(image);
        engine.events.emit({
          type: 'image',
          action: 'pull',
          id: image.reference,
          attributes: { name: image.reference },
        });
        write(`${JSON.stringify({ status: 'Pull complete', progressDetail: {}, id: toLayer(image) })}\r\n`);
      }
      write(`${JSON.stringify({ status: `Digest: ${image.digest}` })}\r\n`);
      const status = present ? 'Image is up to date for' : 'Downloaded newer image for';
      write(`${JSON.stringify({ status: `Status: ${status} ${image.reference}` })}\r\n`);
    },
  };
}

const toLayer = (image: Image): string => image.digest.slice(7, 19);

function toProgress(image: Image, present: boolean): object[] {
  const { repository, tag } = parseReference(image.reference);
  const head = { status: `Pulling from ${repository}`, id: tag };
  if (present) {
    return [head];
  }
  return [
    head,
    { status: 'Pulling fs layer', progressDetail: {}, id: toLayer(image) },
    { status: 'Downloading', progressDetail: { current: 6_000_000, total: 12_000_000 }, id: toLayer(image) },
  ];
}

function remove({ engine, name, query }: Call): Answer {
  const image = engine.images.get(name);
  const users = engine.list().filter((container) => container.imageId === image.id);
  const running = users.find((container) => container.state.status === 'running');
  const [user] = running === undefined ? users : [running];
  if (user !== undefined && (running !== undefined || query.get('force') !== 'true')) {
    throw new EngineError(
      409,
      `conflict: unable to remove repository reference "${image.reference}" (must force) - container ${user.id.slice(0, 12)} is using its referenced image ${image.id.slice(7, 19)}`,
    );
  }
  engine.images.forget(image);
  return json([{ Untagged: image.reference }, { Deleted: image.id }]);
}
