/** A DS record as a registry holds it. */
export interface SimulatedDs {
  keyTag: number;
  algorithm: number;
  digestType: number;
  /** hexadecimal */
  digest: string;
}

/** What the parent of a domain says about it. */
export interface SimulatedDelegation {
  /** false: nobody has registered it */
  registered: boolean;
  nameServers: string[];
  ds: SimulatedDs[];
}

/** A record of a domain's zone, as its present name servers say it. */
export interface SimulatedRecord {
  type: string;
  name: string;
  content: string;
  priority?: number;
}

/** How name servers go wrong. */
export type DnsFault =
  | 'silent'
  | 'servfail'
  | 'refused'
  /** bytes that are no message */
  | 'garbage'
  /** a name that points to itself */
  | 'loop'
  /** answers to other questions only */
  | 'other-id'
  /** each datagram says that it was cut; TCP has it whole */
  | 'truncated'
  /** thousands of name servers, some with names that can't be */
  | 'flood'
  /** refers to the root */
  | 'lame';

/** Whom a domain that nothing was said of is delegated to. */
export const REGISTRAR = ['ns1.registrar.example', 'ns2.registrar.example'];

/** What all the parents know: every name of two labels and more is registered, unless something else was said. */
export class Registry {
  readonly #said = new Map<string, SimulatedDelegation>();
  readonly #zones = new Set<string>();
  readonly #usual: (domain: string) => string[] | undefined;
  readonly #records: (name: string) => readonly SimulatedRecord[];
  /** how the parents' name servers go wrong; the resolver doesn't */
  fault: DnsFault | undefined;
  /** whether the resolver doesn't get to the name servers of domains */
  resolverFails = false;

  /**
   * @param usual the name servers of a domain that nothing was said of
   * @param records what the present name servers of domains know of a name
   */
  constructor(
    usual: (domain: string) => string[] | undefined = () => undefined,
    records: (name: string) => readonly SimulatedRecord[] = () => [],
  ) {
    this.#usual = usual;
    this.#records = records;
  }

  recordsAt(name: string): readonly SimulatedRecord[] {
    return this.#records(name);
  }

  /** Says how a domain is delegated; what is left out is as usual. */
  set(domain: string, delegation: Partial<SimulatedDelegation>): void {
    this.#said.set(domain, { ...this.of(domain), ...delegation });
  }

  /** Makes a name of several labels a zone with domains below it, such as co.uk. */
  addZone(name: string): void {
    this.#zones.add(name);
  }

  /** Whether domains are delegated from this name. */
  isParent(name: string): boolean {
    return !name.includes('.') || this.#zones.has(name);
  }

  of(domain: string): SimulatedDelegation {
    const nameServers = this.#usual(domain) ?? REGISTRAR;
    return this.#said.get(domain) ?? { registered: true, nameServers, ds: [] };
  }
}
