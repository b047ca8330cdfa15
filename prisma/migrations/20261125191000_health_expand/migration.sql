-- How each placement stands, as its host's health-worker saw it: the present, every check, and a sum for each hour.

CREATE TABLE site_health (
  placement_id UUID NOT NULL REFERENCES placements(id),
  aspect TEXT NOT NULL,
  site_id UUID NOT NULL REFERENCES sites(id),
  host_id TEXT NOT NULL REFERENCES hosts(id),
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  code INTEGER,
  latency_ms INTEGER,
  error TEXT,
  failures INTEGER NOT NULL DEFAULT 0,
  failing_since TIMESTAMPTZ,
  healthy_since TIMESTAMPTZ,
  word TEXT,
  word_at TIMESTAMPTZ,
  connections INTEGER,
  run TEXT,
  restarts JSONB NOT NULL DEFAULT '[]',
  step INTEGER NOT NULL DEFAULT 0,
  restart_after TIMESTAMPTZ,
  restarted_at TIMESTAMPTZ,
  checked_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  version BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (placement_id, aspect),
  CONSTRAINT site_health_aspect_check CHECK (aspect IN ('container', 'tunnel', 'edge')),
  CONSTRAINT site_health_outcome_check CHECK (outcome IN ('healthy', 'unhealthy', 'unreachable'))
) WITH (fillfactor = 60);
CREATE INDEX site_health_site_id_idx ON site_health(site_id);

-- Every check, in a partition for each day; health-workers make them ahead and drop them (docs/database.md). They lie in a schema of
-- their own, since they come and go without a migration.
CREATE SCHEMA health;
CREATE TABLE health_checks (
  placement_id UUID NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  outcome TEXT,
  code INTEGER,
  latency_ms INTEGER,
  error TEXT,
  tunnel TEXT,
  connections INTEGER,
  edge TEXT,
  edge_code INTEGER,
  edge_latency_ms INTEGER,
  PRIMARY KEY (placement_id, at)
) PARTITION BY RANGE (at);

CREATE TABLE health_hourly (
  site_id UUID NOT NULL REFERENCES sites(id),
  hour TIMESTAMPTZ NOT NULL,
  checks INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  latency_ms_sum BIGINT NOT NULL DEFAULT 0,
  latency_ms_max INTEGER NOT NULL DEFAULT 0,
  restarts INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (site_id, hour)
) WITH (fillfactor = 80);
CREATE INDEX health_hourly_hour_idx ON health_hourly(hour);

-- Who sweeps a host, when the next sweep is due, and how the last one went.
CREATE TABLE health_sweeps (
  host_id TEXT NOT NULL REFERENCES hosts(id),
  kind TEXT NOT NULL,
  owner TEXT,
  lease_until TIMESTAMPTZ,
  lease_no BIGINT NOT NULL DEFAULT 0,
  due_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  interval_ms INTEGER NOT NULL,
  started_at TIMESTAMPTZ,
  lag_ms INTEGER NOT NULL DEFAULT 0,
  finished_at TIMESTAMPTZ,
  duration_ms INTEGER,
  checked INTEGER NOT NULL DEFAULT 0,
  failing INTEGER NOT NULL DEFAULT 0,
  sweeps BIGINT NOT NULL DEFAULT 0,
  late_sweeps BIGINT NOT NULL DEFAULT 0,
  error TEXT,
  PRIMARY KEY (host_id, kind),
  CONSTRAINT health_sweeps_kind_check CHECK (kind IN ('host', 'edge', 'anomalies'))
);

-- One incident at a time for each aspect of a site; what it is may get worse while it is open.
CREATE UNIQUE INDEX incidents_site_open_key ON incidents(site_id, coalesce(aspect, '')) WHERE closed_at IS NULL AND site_id IS NOT NULL;

-- What systemd and the connector say of a tunnel, and when.
ALTER TABLE customer_tunnels ADD COLUMN unit_status TEXT;
ALTER TABLE customer_tunnels ADD COLUMN connections INTEGER;
ALTER TABLE customer_tunnels ADD COLUMN last_health_check TIMESTAMPTZ;
ALTER TABLE customer_tunnels ADD COLUMN health_status TEXT;
CREATE INDEX customer_tunnels_placement_id_idx ON customer_tunnels(placement_id);
