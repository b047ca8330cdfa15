/** How the name servers that a domain has compare with those that it should have. */
export type DelegationState = 'set' | 'partly-set' | 'not-set' | 'not-registered' | 'withheld' | 'unknown';

interface Compared {
  /** undefined: nobody could say */
  registered: boolean | undefined;
  found: readonly string[];
  /** empty as long as they aren't told */
  expected: readonly string[];
}

const plain = (name: string) => name.toLowerCase().replace(/\.$/, '');

/** Cloudflare activates a zone when exactly its own name servers are set: one of another provider beside them keeps it pending. */
export function judgeDelegation({ registered, found, expected }: Compared): DelegationState {
  if (registered === undefined) return 'unknown';
  if (!registered) return 'not-registered';
  if (expected.length === 0) return 'withheld';
  const are = new Set(found.map(plain));
  const should = new Set(expected.map(plain));
  const common = [...should].filter((name) => are.has(name)).length;
  if (common === should.size && are.size === should.size) return 'set';
  return common > 0 ? 'partly-set' : 'not-set';
}
