import { DOCKER_HUB, isRegistry, parseRegistry, readImageName } from './image-name.ts';
import { parseImageReference } from './image-reference.ts';
import { type Parsed, parsed, refused } from './parsed.ts';

/** One entry of an allow-list: a registry, what lies below a path of it, or one repository. */
interface AllowedImages {
  registry: string;
  /** '' for the whole registry */
  repository: string;
  /** what lies below the repository's path counts, not the repository itself */
  below: boolean;
}

/** Where images may come from; an empty list allows all. */
export type ImageAllowlist = readonly AllowedImages[];

/**
 * Reads `IMAGE_ALLOWLIST`: entries separated by commas. `ghcr.io` is a whole registry, `ghcr.io/acme/*` what lies below a path of it,
 * `ghcr.io/acme/site` one repository with all its tags; without a registry Docker Hub is meant, as everywhere in Docker.
 */
export function parseImageAllowlist(text: string): Parsed<ImageAllowlist> {
  const entries = text.split(',').map((entry) => entry.trim());
  const list: AllowedImages[] = [];
  for (const entry of entries.filter((one) => one !== '')) {
    const read = readEntry(entry);
    if (!read) return refused(`${JSON.stringify(entry)} must be like ghcr.io, ghcr.io/acme/* or ghcr.io/acme/site`);
    list.push(read);
  }
  return parsed(list);
}

function readEntry(entry: string): AllowedImages | undefined {
  if (entry.endsWith('/*')) return readPath(entry.slice(0, -2));
  // A lone name with a port could as well be an image with a tag: it takes the form with `/*`.
  if (entry === 'localhost' || /^[^/]+\.[^/]+$/.test(entry)) return readPath(entry);
  const { registry, repository, tag, digest } = readImageName(entry);
  if (!parseImageReference(entry).ok || tag !== undefined || digest !== undefined) return undefined;
  return { registry, repository, below: false };
}

/** A registry, or a path in one, with all that lies below it. */
function readPath(path: string): AllowedImages | undefined {
  if (path === '') return undefined;
  const [first = '', ...rest] = path.split('/');
  const registry = parseRegistry(isRegistry(first) ? first : DOCKER_HUB);
  const repository = (isRegistry(first) ? rest : [first, ...rest]).join('/');
  if (!registry.ok || (repository !== '' && !parseImageReference(repository).ok)) return undefined;
  if (repository.includes(':') || repository.includes('@') || (rest.length > 0 && repository === '')) return undefined;
  return { registry: registry.value, repository, below: true };
}

/** Whether the list allows an image; names are compared written out, part by part. */
export function isImageAllowed(list: ImageAllowlist, reference: string): boolean {
  if (list.length === 0) return true;
  const image = readImageName(reference);
  return list.some(({ registry, repository, below }) => {
    if (registry !== image.registry) return false;
    if (!below) return image.repository === repository;
    return repository === '' || image.repository.startsWith(`${repository}/`);
  });
}
