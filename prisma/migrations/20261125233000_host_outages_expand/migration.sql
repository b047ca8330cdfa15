-- Sites whose order system was told that they are down because of their host.
CREATE TABLE host_outages (
  site_id UUID PRIMARY KEY REFERENCES sites(id),
  incident_id UUID NOT NULL REFERENCES incidents(id) ON DELETE CASCADE,
  told_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
