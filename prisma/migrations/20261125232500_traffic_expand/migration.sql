-- What visitors of a site did within an hour, as Cloudflare counts it; a partition for each day. There is a row for every hour that was
-- read, also for one without a visit: an hour without a row isn't known.
CREATE SCHEMA traffic;

CREATE TABLE traffic_hourly (
  site_id UUID NOT NULL,
  hour TIMESTAMPTZ NOT NULL,
  requests BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  cached_requests BIGINT,
  cached_bytes BIGINT,
  visitors BIGINT,
  statuses JSONB,
  countries JSONB,
  read_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (site_id, hour)
) PARTITION BY RANGE (hour);

-- How far a zone's traffic was read, and what its plan gives of it.
CREATE TABLE zone_traffic (
  zone_id UUID PRIMARY KEY REFERENCES zones(id),
  read_until TIMESTAMPTZ,
  gives TEXT NOT NULL DEFAULT 'all',
  gives_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  CONSTRAINT zone_traffic_gives_check CHECK (gives IN ('all', 'basic', 'nothing'))
);

-- Who reads the traffic of an account's zones, and when it is due again.
CREATE TABLE traffic_readings (
  account_id TEXT PRIMARY KEY REFERENCES cloudflare_accounts(id),
  due_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  owner TEXT,
  lease_until TIMESTAMPTZ,
  finished_at TIMESTAMPTZ,
  zones INTEGER NOT NULL DEFAULT 0,
  problem TEXT
);
