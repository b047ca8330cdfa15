import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dashboards } from './dashboards.ts';
import { toDashboard } from './panels.ts';

/** Where a dashboard's file stands. */
export const dashboardFile = (uid: string): string =>
  fileURLToPath(new URL(`../../deploy/grafana/dashboards/${uid}.json`, import.meta.url));

/** Each dashboard's text, by its uid. */
export function dashboardTexts(): Map<string, string> {
  return new Map(dashboards.map((spec) => [spec.uid, `${JSON.stringify(toDashboard(spec), null, 2)}\n`]));
}

/** Writes deploy/grafana/dashboards; a test says when they are out of date. */
export function writeDashboards(): void {
  for (const [uid, text] of dashboardTexts()) writeFileSync(dashboardFile(uid), text);
}
