import type { Fault, FaultPlan } from '../docker/fault-plan.ts';
import { toUnitName } from './load-unit.ts';
import type { UnitManager } from './unit-manager.ts';

/** What a test or another process can do to the simulated systemd from behind. Units are meant by name, with or without suffix. */
export interface SystemdControl {
  /** `on` meets the words of a call: `restart cloudflared-customer-a.service` */
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** SIGKILL to the unit's process; its Restart= applies. */
  killUnit(name: string): void;
  /** The last 200 lines that the unit's process and systemd wrote about it. */
  journal(name: string): string[];
  /** Writes to the machine's journal, as any program on it can. */
  writeToJournal(fields: Record<string, string>): void;
  /** What the machine's journal had is gone. */
  vacuumJournal(): void;
  units(): Array<{ name: string; active: string; sub: string; restarts: number; connectorId: string | undefined }>;
  /** how many daemon-reloads there were, implicit ones too */
  reloads(): number;
  /** systemd can't be reached: every call fails at once; units go on. */
  away(): void;
  back(): void;
}

interface Controlled {
  manager: UnitManager;
  faults: FaultPlan;
  away: () => void;
  back: () => void;
}

export function makeSystemdControl({ manager, faults, away, back }: Controlled): SystemdControl {
  return {
    addFault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    killUnit: (name) => {
      manager.get(toUnitName(name)).kill(9);
    },
    journal: (name) => [...manager.get(toUnitName(name)).journal],
    writeToJournal: (fields) => manager.journal.write(fields),
    vacuumJournal: () => manager.journal.vacuum(),
    units: () =>
      manager.list().map((unit) => ({
        name: unit.name,
        active: unit.active,
        sub: unit.sub,
        restarts: unit.restarts,
        connectorId: unit.connectorId,
      })),
    reloads: () => manager.reloads,
    away,
    back,
  };
}
