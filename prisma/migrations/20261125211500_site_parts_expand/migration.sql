-- A site may want a container or a tunnel alone. What a part that isn't wanted would need may be missing.
ALTER TABLE sites
  ADD COLUMN wants_container BOOLEAN NOT NULL DEFAULT true,
  ADD COLUMN wants_tunnel BOOLEAN NOT NULL DEFAULT true,
  ALTER COLUMN domain DROP NOT NULL,
  ALTER COLUMN domain_unicode DROP NOT NULL,
  ALTER COLUMN image DROP NOT NULL,
  ALTER COLUMN license_key_enc DROP NOT NULL,
  ADD CONSTRAINT sites_parts_check CHECK (wants_container OR wants_tunnel),
  ADD CONSTRAINT sites_tunnel_check CHECK (NOT wants_tunnel OR (domain IS NOT NULL AND domain_unicode IS NOT NULL)),
  ADD CONSTRAINT sites_container_check CHECK (NOT wants_container OR (image IS NOT NULL AND license_key_enc IS NOT NULL));

ALTER TABLE operations
  DROP CONSTRAINT operations_kind_check,
  ADD CONSTRAINT operations_kind_check
    CHECK (kind IN ('order', 'restart', 'deploy', 'confirm', 'delete', 'create-tunnel', 'delete-tunnel'));
