import { measureInOwnNamespaces } from './own-namespaces.ts';
import type { Benchmark } from './rows.ts';

const parts = {
  'one-more': () => measureInOwnNamespaces('units/one-more.ts'),
  live: () => measureInOwnNamespaces('units/zone-to-live.ts'),
};

/** What a further connector costs a systemd that runs 900, and the whole way on real Docker and systemd. */
export const units: Benchmark = {
  name: 'units',
  about:
    "one unit more among 900, beside the seed's way; zone active to live (real Docker and systemd, Cloudflare simulated)",
  parts,
  measure: async () => [...(await parts['one-more']()), ...(await parts.live())],
};
