/** What a panel shows: a title in plain words, what to read off it, and one or more queries. */
export interface PanelSpec {
  title: string;
  description: string;
  unit: 'short' | 's' | 'reqps' | 'percentunit' | 'bytes';
  /** PromQL, and how its series are called */
  queries: readonly (readonly [expr: string, legend: string])[];
  kind?: 'timeseries' | 'stat';
  /** of 24 columns */
  width?: 6 | 8 | 12 | 24;
}

export interface DashboardSpec {
  /** stays the same for ever: links and bookmarks go by it */
  uid: string;
  title: string;
  panels: readonly PanelSpec[];
}

const SOURCE = { type: 'prometheus', uid: '$datasource' };
const HEIGHT = 8;

/** A dashboard as Grafana's provisioning reads it; panels flow from left to right. */
export function toDashboard({ uid, title, panels }: DashboardSpec) {
  let x = 0;
  let y = 0;
  const placed = panels.map((panel, index) => {
    const width = panel.width ?? 12;
    if (x + width > 24) {
      x = 0;
      y += HEIGHT;
    }
    const gridPos = { x, y, w: width, h: HEIGHT };
    x += width;
    return toPanel(panel, index + 1, gridPos);
  });
  return {
    uid,
    title,
    tags: ['berth'],
    timezone: 'utc',
    editable: false,
    schemaVersion: 39,
    version: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', hide: 0 }],
    },
    panels: placed,
  };
}

function toPanel(panel: PanelSpec, id: number, gridPos: Record<string, number>) {
  const { title, description, unit, queries, kind = 'timeseries' } = panel;
  return {
    id,
    type: kind,
    title,
    description,
    datasource: SOURCE,
    gridPos,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: kind === 'stat' ? { reduceOptions: { calcs: ['lastNotNull'] } } : { tooltip: { mode: 'multi' } },
    targets: queries.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: SOURCE,
      expr,
      legendFormat,
    })),
  };
}
