/** A request as the edge answered it. */
export interface SeenRequest {
  atMs: number;
  host: string;
  method: string;
  /** without the query */
  path: string;
  status: number;
  bytes: number;
  address: string;
  country: string;
}

/** By zone, the oldest first. */
export type RequestSnapshot = Record<string, SeenRequest[]>;

/** So many of a zone's requests can be asked for. */
const KEPT_MAX = 20_000;
/** So many of them outlive the process. */
const WRITTEN_MAX = 500;

/** The requests that the edge saw, one by one. */
export class RequestLog {
  readonly #requests = new Map<string, SeenRequest[]>();
  /** of a zone, every which request is looked at: 1 is all */
  readonly sampling = new Map<string, number>();

  constructor(from: RequestSnapshot = {}) {
    for (const [zoneId, requests] of Object.entries(from)) this.#requests.set(zoneId, requests);
  }

  add(zoneId: string, request: SeenRequest): void {
    const requests = this.#requests.get(zoneId) ?? [];
    requests.push(request);
    if (requests.length > KEPT_MAX) requests.splice(0, requests.length - KEPT_MAX);
    this.#requests.set(zoneId, requests);
  }

  /** The requests of a zone that are in the sample, from `fromMs` up to and without `toMs`. */
  of(zoneId: string, fromMs: number, toMs: number): SeenRequest[] {
    const every = this.sampling.get(zoneId) ?? 1;
    return (this.#requests.get(zoneId) ?? [])
      .filter((_, place) => place % every === 0)
      .filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  }

  snapshot(): RequestSnapshot {
    return Object.fromEntries([...this.#requests].map(([zoneId, all]) => [zoneId, all.slice(-WRITTEN_MAX)]));
  }
}
