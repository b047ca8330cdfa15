-- Requests that visitors made of a site, from Cloudflare's sample, with addresses shortened; a partition for each day. A stretch of time is
-- read whole and written over whole: the rows of a second are numbered, so that the same second gives the same rows.
CREATE SCHEMA requests;

CREATE TABLE site_requests (
  site_id UUID NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  nr INTEGER NOT NULL,
  host TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  status INTEGER NOT NULL,
  country TEXT NOT NULL,
  network INET,
  requests INTEGER NOT NULL,
  bytes BIGINT NOT NULL,
  PRIMARY KEY (site_id, at, nr)
) PARTITION BY RANGE (at);

-- How far a zone's requests were read, when that was, and what its plan gives of them.
CREATE TABLE zone_requests (
  zone_id UUID PRIMARY KEY REFERENCES zones(id),
  read_until TIMESTAMPTZ,
  read_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  gives TEXT NOT NULL DEFAULT 'sampled',
  gives_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  day DATE,
  day_rows INTEGER NOT NULL DEFAULT 0,
  skipped_at TIMESTAMPTZ,
  CONSTRAINT zone_requests_gives_check CHECK (gives IN ('sampled', 'nothing'))
);

-- Our Logpush job of a zone as it was last seen, why there is none, and the challenge that was asked for.
CREATE TABLE zone_logpush (
  zone_id UUID PRIMARY KEY REFERENCES zones(id),
  job_id BIGINT,
  state TEXT NOT NULL DEFAULT 'unknown',
  reason TEXT,
  message TEXT,
  destination TEXT,
  tries INTEGER NOT NULL DEFAULT 0,
  due_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  observed_at TIMESTAMPTZ,
  asked_for TEXT,
  asked_at TIMESTAMPTZ,
  asked_file TEXT,
  CONSTRAINT zone_logpush_state_check CHECK (state IN ('unknown', 'on', 'off', 'waiting'))
);

-- Who does what is to be done again and again for all zones of an account, and when it is due.
CREATE TABLE account_rounds (
  account_id TEXT NOT NULL REFERENCES cloudflare_accounts(id),
  kind TEXT NOT NULL,
  due_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  owner TEXT,
  lease_until TIMESTAMPTZ,
  finished_at TIMESTAMPTZ,
  zones INTEGER NOT NULL DEFAULT 0,
  problem TEXT,
  PRIMARY KEY (account_id, kind),
  CONSTRAINT account_rounds_kind_check CHECK (kind IN ('requests', 'logpush'))
);
