-- What the name servers of a domain's parent said when somebody last wanted to know; and when that began, so that it isn't asked too often.
CREATE TABLE domain_checks (
  site_id UUID PRIMARY KEY REFERENCES sites(id),
  begun_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  checked_at TIMESTAMPTZ,
  finding JSONB
);
