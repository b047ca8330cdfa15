import { type Parsed, parsed, refused } from './parsed.ts';

/** An image reference in its parts, with what Docker leaves out written out: `nginx` is `docker.io`, `library/nginx`. */
export interface ImageName {
  /** in lower case, with its port where it has one */
  registry: string;
  repository: string;
  tag: string | undefined;
  /** `sha256:…` */
  digest: string | undefined;
}

/** Docker Hub, however it is written. */
export const DOCKER_HUB = 'docker.io';
const HUB_NAMES: readonly string[] = [DOCKER_HUB, 'index.docker.io', 'registry-1.docker.io'];

/**
 * Splits a reference as Docker does: what stands before the first slash is a registry only with a dot, a port, or as `localhost`; a colon
 * after the last slash begins the tag.
 */
export function readImageName(reference: string): ImageName {
  const [named = '', digest] = reference.split('@', 2);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const name = colon < 0 ? named : named.slice(0, colon);
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const registry = isRegistry(first) ? normalRegistry(first) : DOCKER_HUB;
  const rest = isRegistry(first) ? name.slice(slash + 1) : name;
  const repository = registry === DOCKER_HUB && !rest.includes('/') ? `library/${rest}` : rest;
  return { registry, repository, tag: colon < 0 ? undefined : named.slice(colon + 1), digest };
}

/** Registry and repository in one: `docker.io/library/nginx`. */
export function repositoryOf(reference: string): string {
  const { registry, repository } = readImageName(reference);
  return `${registry}/${repository}`;
}

/** Whether two references mean the same name: repository, tag (`latest` where none is given) and digest. */
export function isSameImageName(one: string, other: string): boolean {
  const [a, b] = [readImageName(one), readImageName(other)];
  if (repositoryOf(one) !== repositoryOf(other) || a.digest !== b.digest) return false;
  return a.digest !== undefined || (a.tag ?? 'latest') === (b.tag ?? 'latest');
}

/** The part before a repository, whether it is a registry's name. */
export function isRegistry(part: string): boolean {
  return part === 'localhost' || part.includes('.') || part.includes(':');
}

function normalRegistry(text: string): string {
  const lower = text.toLowerCase();
  return HUB_NAMES.includes(lower) ? DOCKER_HUB : lower;
}

const LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const REGISTRY = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-f:]+\\])(?::[0-9]{1,5})?$`);

/** A registry by its host name, with a port where it has one; Docker Hub's names are all `docker.io`. */
export function parseRegistry(text: string): Parsed<string> {
  const registry = normalRegistry(text);
  if (text.length > 255 || !REGISTRY.test(registry) || !isRegistry(registry)) {
    return refused('must be a registry such as ghcr.io or registry.example.org:5000, without scheme and path');
  }
  return parsed(registry);
}
