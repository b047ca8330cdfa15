/**
 * A misbehaviour that the next matching calls get.
 * latency: the answer comes `ms` later. error: refused with `status` and `message`, without effect. crash: cut off before the effect.
 * lost: cut off after the effect. hang: never answered.
 */
export interface Fault {
  kind: 'latency' | 'error' | 'crash' | 'lost' | 'hang';
  /** a regular expression on the call (`POST /containers/create`, `restart cloudflared-customer-a.service`); every call when absent */
  on?: string;
  ms?: number;
  status?: number;
  message?: string;
  /** how many calls get it; 1 when absent, 0 for all until cleared */
  times?: number;
}

interface Planned {
  fault: Fault;
  pattern: RegExp | undefined;
  left: number;
}

/** The faults still to come, in the order they were added; one call gets at most one. */
export class FaultPlan {
  #planned: Planned[] = [];

  /** @throws SyntaxError when `on` is no regular expression */
  add(fault: Fault): void {
    const times = fault.times ?? 1;
    this.#planned.push({
      fault,
      pattern: fault.on === undefined ? undefined : new RegExp(fault.on),
      left: times === 0 ? Number.POSITIVE_INFINITY : times,
    });
  }

  clear(): void {
    this.#planned = [];
  }

  list(): Fault[] {
    return this.#planned.map((planned) => planned.fault);
  }

  /** The fault for this call, which uses it up. */
  take(call: string): Fault | undefined {
    const found = this.#planned.find(({ pattern }) => pattern === undefined || pattern.test(call));
    if (found === undefined) {
      return undefined;
    }
    found.left -= 1;
    this.#planned = this.#planned.filter((planned) => planned.left > 0);
    return found.fault;
  }
}
