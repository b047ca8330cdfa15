-- More hosts than one: a lease for each half of a host, what its memory may be promised for, what happened to it, incidents;
-- and the secret that a tunnel had before another one takes its place.

ALTER TABLE hosts ADD COLUMN connector_lease_until TIMESTAMPTZ;
ALTER TABLE hosts ADD COLUMN memory_overcommit DOUBLE PRECISION NOT NULL DEFAULT 1;
ALTER TABLE sites ADD COLUMN former_secret_enc TEXT;

CREATE TABLE host_events (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  host_id TEXT NOT NULL REFERENCES hosts(id),
  type TEXT NOT NULL,
  message TEXT NOT NULL DEFAULT '',
  requested_by TEXT,
  cause_id TEXT,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX host_events_host_id_created_at_idx ON host_events(host_id, created_at);

CREATE TABLE incidents (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  kind TEXT NOT NULL,
  host_id TEXT REFERENCES hosts(id),
  site_id UUID REFERENCES sites(id),
  aspect TEXT,
  reason TEXT NOT NULL,
  message TEXT NOT NULL DEFAULT '',
  data JSONB NOT NULL DEFAULT '{}',
  opened_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  closed_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX incidents_host_open_key ON incidents(host_id, kind) WHERE closed_at IS NULL AND site_id IS NULL;
CREATE INDEX incidents_host_id_opened_at_idx ON incidents(host_id, opened_at);
CREATE INDEX incidents_site_id_opened_at_idx ON incidents(site_id, opened_at);

-- Placing looks at the open placements of every host.
CREATE INDEX placements_host_id_open_idx ON placements(host_id) INCLUDE (site_id) WHERE gone_at IS NULL;
