import { type Aspect, aspectNames, type SiteWanted } from './aspects.ts';

/** The parts of a site. It wants both, or one of them alone. */
export const partNames = ['container', 'tunnel'] as const;

export type Part = (typeof partNames)[number];

/** Which parts a site wants. */
export type Parts = Readonly<Record<Part, boolean>>;

export const bothParts: Parts = { container: true, tunnel: true };

/** The part that an aspect belongs to; null where it's needed whatever the site wants. */
export const partOf = {
  zone: 'tunnel',
  placement: null,
  container: 'container',
  tunnel: 'tunnel',
  connector: 'tunnel',
  policy: 'tunnel',
  route: 'tunnel',
  reachable: 'tunnel',
} as const satisfies Record<Aspect, Part | null>;

/** What is wanted of an aspect: one of a part that isn't wanted goes, or never comes, though its site stays. */
export function wantedOf(aspect: Aspect, wanted: SiteWanted, parts: Parts): SiteWanted {
  const part = partOf[aspect];
  return part === null || parts[part] ? wanted : 'deleted';
}

/** The part that an aspect belongs to, where its site stays without it. */
export function unwantedPart(aspect: Aspect, wanted: SiteWanted, parts: Parts): Part | undefined {
  const part = partOf[aspect];
  return part !== null && wanted !== 'deleted' && !parts[part] ? part : undefined;
}

/** The aspects of a part. */
export function aspectsOf(part: Part): readonly Aspect[] {
  return aspectNames.filter((name) => partOf[name] === part);
}
