/** The limits of an account. */
export interface Profile {
  name: 'ordinary' | 'enterprise';
  requestsPer5Minutes: number;
  zonesPer10Minutes: number;
  /** from this many zones on, no more may be pending than active */
  pendingCapFrom: number;
  tunnels: number;
  recordsPerZone: number;
  recordsPerBatch: number;
  /** how often an activation check may be asked for */
  activationCheckMs: number;
}

export const profiles: Readonly<Record<Profile['name'], Profile>> = {
  ordinary: {
    name: 'ordinary',
    requestsPer5Minutes: 1200,
    zonesPer10Minutes: 25,
    pendingCapFrom: 50,
    tunnels: 1000,
    recordsPerZone: 200,
    recordsPerBatch: 200,
    activationCheckMs: 3_600_000,
  },
  enterprise: {
    name: 'enterprise',
    requestsPer5Minutes: 10_000_000,
    zonesPer10Minutes: 1_000_000,
    pendingCapFrom: 1_000_000,
    tunnels: 1_000_000,
    recordsPerZone: 3500,
    recordsPerBatch: 3500,
    activationCheckMs: 300_000,
  },
};
