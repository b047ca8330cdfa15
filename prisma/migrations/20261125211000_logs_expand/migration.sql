-- What customers' containers and tunnels wrote: a partition for each day, who reads a host's, how far, and how much a site has.

CREATE SCHEMA logs;

CREATE TABLE site_logs (
  site_id UUID NOT NULL,
  id BIGSERIAL NOT NULL,
  received_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  at TIMESTAMPTZ NOT NULL,
  source TEXT NOT NULL,
  stream TEXT NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (site_id, id, received_at),
  CONSTRAINT site_logs_source_check CHECK (source IN ('container', 'tunnel')),
  CONSTRAINT site_logs_stream_check CHECK (stream IN ('stdout', 'stderr', 'berth'))
) PARTITION BY RANGE (received_at);

-- A container's lines are read from where the last one was written down; "position" is Docker's own time of it, to the nanosecond.
CREATE TABLE log_positions (
  source_id TEXT PRIMARY KEY,
  host_id TEXT NOT NULL,
  position TEXT NOT NULL,
  read_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX log_positions_host_id_read_at_idx ON log_positions(host_id, read_at);

CREATE TABLE log_volumes (
  site_id UUID NOT NULL,
  day DATE NOT NULL,
  bytes BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (site_id, day)
);

CREATE TABLE log_readers (
  host_id TEXT NOT NULL,
  source TEXT NOT NULL,
  owner TEXT NOT NULL,
  lease_until TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (host_id, source)
);
