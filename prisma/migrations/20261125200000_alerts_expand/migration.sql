-- What operators are told of as one thing: an incident, or many of one host; and when they aren't to be told.

CREATE TABLE maintenance_windows (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  scope TEXT NOT NULL CONSTRAINT maintenance_windows_scope_check CHECK (
    (scope = 'all' AND host_id IS NULL AND site_id IS NULL) OR (scope = 'host' AND host_id IS NOT NULL AND site_id IS NULL)
    OR (scope = 'site' AND site_id IS NOT NULL AND host_id IS NULL)),
  host_id TEXT REFERENCES hosts(id),
  site_id UUID REFERENCES sites(id),
  starts_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  ends_at TIMESTAMPTZ NOT NULL,
  reason TEXT NOT NULL,
  requested_by TEXT,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  canceled_at TIMESTAMPTZ,
  CONSTRAINT maintenance_windows_span_check CHECK (ends_at >= starts_at)
);
CREATE INDEX maintenance_windows_ends_at_idx ON maintenance_windows(ends_at);

CREATE TABLE alerts (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  kind TEXT NOT NULL CONSTRAINT alerts_kind_check CHECK (kind IN ('single', 'storm', 'flapping', 'maintenance')),
  group_key TEXT NOT NULL,
  said_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  reminders INTEGER NOT NULL DEFAULT 0,
  worse BOOLEAN NOT NULL DEFAULT false,
  closed_at TIMESTAMPTZ
);
CREATE INDEX alerts_open_idx ON alerts(said_at) WHERE closed_at IS NULL;

ALTER TABLE incidents ADD COLUMN recorded_at TIMESTAMPTZ NOT NULL DEFAULT now();
ALTER TABLE incidents ADD COLUMN alerted_at TIMESTAMPTZ;
ALTER TABLE incidents ADD COLUMN alert_id UUID REFERENCES alerts(id);
UPDATE incidents SET alerted_at = now() WHERE closed_at IS NOT NULL;
CREATE INDEX incidents_unalerted_idx ON incidents(recorded_at) WHERE alerted_at IS NULL;
CREATE INDEX incidents_alert_id_idx ON incidents(alert_id);
