-- What each service found when it last looked at what it stands on: a host's workers at their host, others at the Cloudflare account.
CREATE TABLE service_checks (
  scope TEXT NOT NULL,
  subject TEXT NOT NULL,
  service TEXT NOT NULL,
  checks JSONB NOT NULL DEFAULT '[]',
  every_seconds INTEGER NOT NULL,
  checked_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (scope, subject, service),
  CONSTRAINT service_checks_scope_check CHECK (scope IN ('host', 'cloudflare'))
);
