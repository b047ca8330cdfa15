import { groupBy } from '@berth/shared/domain/group-by';
import {
  type AlertStep,
  type AlertView,
  isAttention,
  type OpenAlert,
  type UnsaidIncident,
} from '@berth/shared/store/alert-view';
import { alertRules } from './alert-rules.ts';
import { activeWindow, windowAt } from './maintenance.ts';

/**
 * What operators are to be told now, by what stands in the database: nothing is remembered from one round to the next.
 * Thresholds stand in alert-rules.ts, the rules in docs/notifications.md.
 */
export function planAlerts(view: AlertView): AlertStep[] {
  const steps: AlertStep[] = [];
  const fresh: UnsaidIncident[] = [];
  for (const incident of view.unsaid) {
    const step = planAlone(incident, view);
    if (step === 'fresh') fresh.push(incident);
    else if (step) steps.push(step);
  }
  steps.push(
    ...planAfterMaintenance(view),
    ...[...groupBy(fresh, groupKey).values()].flatMap((group) => planGroup(group, view)),
  );
  const joined = new Set(steps.flatMap((step) => (step.kind === 'join' ? step.alertId : [])));
  return [...steps, ...view.alerts.flatMap((alert) => planOpenAlert(alert, joined.has(alert.id), view))];
}

/** What can be said of an incident without looking at others that are new: undefined when its time hasn't come. */
function planAlone(incident: UnsaidIncident, view: AlertView): AlertStep | 'fresh' | undefined {
  const { id, recordedAtMs, recentOpenings } = incident;
  if (activeWindow(view, incident)) return undefined;
  if (windowAt(view, incident, recordedAtMs)) {
    return incident.closedAtMs === null ? undefined : { kind: 'silence', incidentIds: [id] };
  }
  const flapping = flappingKey(incident);
  const cover = view.alerts.find((alert) => alert.groupKey === flapping || covers(alert, incident));
  if (cover) return { kind: 'join', alertId: cover.id, incidentIds: [id] };
  if (recentOpenings < alertRules.flaps || isAttention(incident)) return 'fresh';
  return { kind: 'open', alertKind: 'flapping', groupKey: flapping, incidentIds: [id], say: 'flapping' };
}

/** Whether an alert has told enough for this incident to need no message of its own. */
function covers(alert: OpenAlert, incident: UnsaidIncident): boolean {
  const open = alert.members.filter(({ closedAtMs }) => closedAtMs === null);
  if (open.length === 0 || alert.kind === 'flapping') return false;
  const isSameGroup = alert.groupKey === groupKey(incident);
  if (isAttention(incident)) return isSameGroup && alert.kind === 'storm';
  if (incident.siteId === null) return false;
  if (open.some(({ siteId, kind }) => siteId === incident.siteId && kind !== 'attention')) return true;
  if (!isSameGroup) return false;
  // That nobody looks after a host is no reason for what fails on it.
  const isOfHost = open.some(({ siteId, kind }) => siteId === null && kind !== 'host-unwatched');
  return isOfHost || (alert.kind === 'storm' && incident.recordedAtMs - alert.saidAtMs <= alertRules.stormMs);
}

/** One message for what is still wrong when a maintenance is over. */
function planAfterMaintenance(view: AlertView): AlertStep[] {
  const left = view.unsaid.flatMap((incident) => {
    if (incident.closedAtMs !== null || activeWindow(view, incident)) return [];
    const window = windowAt(view, incident, incident.recordedAtMs);
    return window && view.nowMs - window.endsAtMs >= alertRules.holdMs
      ? [{ windowId: window.id, id: incident.id }]
      : [];
  });
  return [...groupBy(left, ({ windowId }) => windowId)].map(([windowId, those]) => ({
    kind: 'open',
    alertKind: 'maintenance',
    groupKey: `window:${windowId}`,
    incidentIds: those.map(({ id }) => id),
    say: 'maintenance',
  }));
}

function planGroup(group: readonly UnsaidIncident[], view: AlertView): AlertStep[] {
  const [first] = group;
  if (!first || !group.some((one) => view.nowMs - one.recordedAtMs >= alertRules.holdMs)) return [];
  const sites = groupBy(group, ({ siteId, id }) => siteId ?? id);
  const isOfHost = group.some(({ siteId }) => siteId === null);
  const many = isAttention(first) ? 2 : alertRules.storm - saidLately(groupKey(first), view);
  if (sites.size > 1 && (isOfHost || sites.size >= many)) return [toOpen(group, 'storm')];
  return [...sites.values()].map((one) => toOpen(one, 'single'));
}

function toOpen(group: readonly UnsaidIncident[], alertKind: 'single' | 'storm'): AlertStep {
  const [first] = group;
  const say = group.every(({ closedAtMs }) => closedAtMs !== null) ? 'over' : 'opened';
  const incidentIds = group.map(({ id }) => id);
  return { kind: 'open', alertKind, groupKey: first ? groupKey(first) : '', incidentIds, say };
}

/** Sites of the same group that were told of one by one within the last minutes. */
function saidLately(key: string, { alerts, nowMs }: AlertView): number {
  return alerts.filter(
    (one) => one.kind === 'single' && one.groupKey === key && nowMs - one.saidAtMs <= alertRules.stormMs,
  ).length;
}

function planOpenAlert(alert: OpenAlert, hasJoined: boolean, view: AlertView): AlertStep[] {
  const { id, kind, members, saidAtMs, reminders } = alert;
  const open = members.filter(({ closedAtMs }) => closedAtMs === null);
  if (open.length === 0) {
    const isCovered = members.some((member) => activeWindow(view, member));
    const lastMs = Math.max(...members.map(({ closedAtMs }) => closedAtMs ?? 0));
    const isSteady = kind !== 'flapping' || view.nowMs - lastMs >= alertRules.steadyMs;
    return hasJoined || isCovered || !isSteady ? [] : [{ kind: 'say', alertId: id, say: 'closed' }];
  }
  if (open.every((member) => activeWindow(view, member))) return [];
  const due = alertRules.remindersBy(view.nowMs - saidAtMs);
  if (due > reminders) return [{ kind: 'say', alertId: id, say: 'reminder', reminders: due }];
  const isWorse = kind === 'single' && !alert.worse && open.some((member) => member.kind === 'crash-looping');
  return isWorse ? [{ kind: 'say', alertId: id, say: 'worse' }] : [];
}

function groupKey(incident: UnsaidIncident): string {
  if (isAttention(incident)) return `reason:${incident.reason}`;
  return incident.hostId === null ? `site:${incident.siteId}` : `host:${incident.hostId}`;
}

function flappingKey({ siteId, hostId, aspect, kind }: UnsaidIncident): string {
  return siteId === null ? `flapping:${hostId}:${kind}` : `flapping:${siteId}:${aspect ?? ''}`;
}
