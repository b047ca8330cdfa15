import type { ObservedApplication } from './access-api.ts';

/** A path of a site that an application guards which Berth did not make. */
export interface PathGuard {
  /** the application's name */
  name: string;
  /** as the application has it: `mustermann.de/admin`, `*.mustermann.de/admin` */
  path: string;
}

/**
 * Finds what guards paths of host names in place of the application of the whole host name: at Cloudflare the most specific path wins.
 * @param applications without the site's own
 */
export function findGuardsElsewhere(
  applications: readonly Pick<ObservedApplication, 'name' | 'hostnames'>[],
  hostnames: readonly string[],
): PathGuard[] {
  return applications.flatMap(({ name, hostnames: guarded }) =>
    guarded.filter((path) => hostnames.some((hostname) => isPathOf(path, hostname))).map((path) => ({ name, path })),
  );
}

function isPathOf(path: string, hostname: string): boolean {
  const [host = '', ...below] = path.split('/');
  if (below.join('') === '') return false;
  const pattern = host.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^.]*');
  return new RegExp(`^${pattern}$`).test(hostname);
}

/** What an operator is told of them. */
export function tellGuardsElsewhere(guards: readonly PathGuard[]): string {
  const shown = guards.slice(0, SHOWN).map(({ name, path }) => `${path} (application “${name}”)`);
  const more = guards.length > SHOWN ? ` and ${guards.length - SHOWN} more` : '';
  return (
    `Access applications that Berth did not make guard ${shown.join(', ')}${more} in place of the site's protection: ` +
    'who enters there is decided by their policies alone. Remove them at Cloudflare (Zero Trust, Access, Applications) unless that is meant'
  );
}

const SHOWN = 5;
