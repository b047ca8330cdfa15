/** What the notifier sees of incidents and of what was said about them, and what it decides. */

/** An incident that nobody was told of yet. */
export interface UnsaidIncident {
  id: string;
  kind: string;
  hostId: string | null;
  siteId: string | null;
  aspect: string | null;
  reason: string;
  recordedAtMs: number;
  closedAtMs: number | null;
  /** how often the same thing went wrong lately, this time included */
  recentOpenings: number;
}

/** An incident that belongs to an alert. */
export interface AlertMember {
  kind: string;
  hostId: string | null;
  siteId: string | null;
  closedAtMs: number | null;
}

/** `single`: one site or host; `storm`: many as one; `flapping`: one that comes and goes; `maintenance`: what a maintenance left behind */
export type AlertKind = 'single' | 'storm' | 'flapping' | 'maintenance';

/** Something that operators were told of, and whose end they weren't told yet. */
export interface OpenAlert {
  id: string;
  kind: AlertKind;
  groupKey: string;
  saidAtMs: number;
  reminders: number;
  /** it was said that it loops */
  worse: boolean;
  members: AlertMember[];
}

/** A time in which nothing is said of something. */
export interface MaintenanceSpan {
  id: string;
  scope: 'all' | 'host' | 'site';
  hostId: string | null;
  siteId: string | null;
  startsAtMs: number;
  endsAtMs: number;
}

/** All of it at one moment, by the database's clock. */
export interface AlertView {
  nowMs: number;
  unsaid: UnsaidIncident[];
  alerts: OpenAlert[];
  windows: MaintenanceSpan[];
}

/** What is said; `over`: it began and ended before anything was said. */
export type Saying = 'opened' | 'over' | 'flapping' | 'maintenance' | 'reminder' | 'worse' | 'closed';

export type AlertStep =
  | { kind: 'open'; alertKind: AlertKind; groupKey: string; incidentIds: readonly string[]; say: Saying }
  /** told enough already */
  | { kind: 'join'; alertId: string; incidentIds: readonly string[] }
  /** nobody is told of it */
  | { kind: 'silence'; incidentIds: readonly string[] }
  | { kind: 'say'; alertId: string; say: 'closed' | 'worse' }
  /** @param reminders how many there were with this one */
  | { kind: 'say'; alertId: string; say: 'reminder'; reminders: number };

/** A site waits for an operator, rather than being down. */
export function isAttention({ kind }: { kind: string }): boolean {
  return kind === 'attention';
}
