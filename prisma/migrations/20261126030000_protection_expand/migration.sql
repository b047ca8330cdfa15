-- The plan by which a zone was last seen to be paid for; null: not seen yet.
ALTER TABLE zones ADD COLUMN plan TEXT;
ALTER TABLE zones ADD CONSTRAINT zones_plan_check CHECK (plan IN ('free', 'pro', 'business', 'enterprise'));

CREATE TABLE site_protections (
  site_id UUID PRIMARY KEY REFERENCES sites(id),
  version INTEGER NOT NULL DEFAULT 1,
  wanted JSONB NOT NULL DEFAULT '{}',
  touched TEXT[] NOT NULL DEFAULT '{}',
  in_force_version INTEGER NOT NULL DEFAULT 0,
  in_force JSONB,
  in_force_at TIMESTAMPTZ,
  observed_at TIMESTAMPTZ,
  requested_by TEXT NOT NULL,
  requested_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE access_proofs (
  account_id TEXT PRIMARY KEY REFERENCES cloudflare_accounts(id),
  token_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  client_secret_enc TEXT NOT NULL,
  policy_id TEXT,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
