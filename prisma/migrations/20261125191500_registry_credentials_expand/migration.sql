-- Logins of registries that give their images only to who is known there. A login is sealed together with its registry's name.
CREATE TABLE registry_credentials (
  registry TEXT PRIMARY KEY,
  username TEXT NOT NULL,
  login_enc TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
