import type { Connector, TunnelEdge } from '../edge/tunnel-link.ts';

/** An edge without TLS or API, for tests of what connects to it. */
export interface TestEdge extends TunnelEdge {
  connectors: Map<string, Connector>;
  down: boolean;
  drop(): void;
}

/** Makes one that takes connectors with this secret alone, whatever tunnel they name. */
export function makeTestEdge(secret: string): TestEdge {
  const closers = new Set<() => void>();
  const edge: TestEdge = {
    connectors: new Map(),
    down: false,
    drop: () => {
      edge.connectors.clear();
      for (const close of [...closers]) {
        close();
      }
    },
    register: async ({ tunnelSecret }, connector) => {
      if (edge.down) {
        throw new Error('edge unreachable');
      }
      if (tunnelSecret !== secret) {
        throw new Error('Unauthorized: Invalid tunnel secret');
      }
      const id = `${edge.connectors.size}-${Math.random()}`;
      edge.connectors.set(id, connector);
      return {
        id,
        coloName: 'fra01',
        unregister: () => {
          edge.connectors.delete(id);
        },
        onClosed: (listener) => {
          closers.add(listener);
        },
      };
    },
  };
  return edge;
}
