import { type EdgeAnswer, fetchThroughEdge as fetchFrom } from '@berth/standalone/demo/fetch-through-edge';

/** Asks the simulated edge of an environment for a page, as a visitor would. */
export function fetchThroughEdge(environment: Record<string, string>, host: string): Promise<EdgeAnswer> {
  return fetchFrom(host, { address: environment.EDGE_ADDRESS ?? '', caFile: environment.EDGE_CA_FILE ?? '' });
}
