/** A reference in Docker's familiar form, in parts. */
export interface ImageName {
  /** without Docker Hub's own prefixes: `nginx`, `registry.example.org/site` */
  repository: string;
  tag: string | undefined;
  /** `sha256:…` */
  digest: string | undefined;
}

/** Splits a reference as Docker does: Docker Hub's own prefixes are dropped, a colon before a slash belongs to the registry's port. */
export function parseReference(reference: string): ImageName {
  const [name = '', digest] = reference.split('@', 2);
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  const repository = (colon < 0 ? name : name.slice(0, colon)).replace(/^(index\.)?docker\.io\//, '');
  return {
    repository: repository.replace(/^library\//, ''),
    tag: colon < 0 ? undefined : name.slice(colon + 1),
    digest,
  };
}

/** How the Engine writes what a reference means: with a digest the tag beside it counts for nothing. */
export function toCanonical(reference: string): string {
  const { repository, tag = 'latest', digest } = parseReference(reference);
  return digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
}

/** The registry that a familiar repository is in: the part before the first slash, when it has a dot or a port or is localhost. */
export function registryOf(repository: string): string {
  const [first = '', ...rest] = repository.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io';
}
