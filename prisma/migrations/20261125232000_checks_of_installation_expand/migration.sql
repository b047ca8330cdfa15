-- The notifier belongs to no host and to no account: what it stands on is the installation's.
ALTER TABLE service_checks DROP CONSTRAINT service_checks_scope_check,
  ADD CONSTRAINT service_checks_scope_check CHECK (scope IN ('host', 'cloudflare', 'installation'));
