-- The core: customers, orders, sites, their conditions, placements and what was observed.
-- Rules that Prisma's language can't say (checks, partial indexes) stand here and in docs/database.md.

CREATE TABLE customers (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  external_id TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  CONSTRAINT customers_external_id_check CHECK (external_id ~ '^[a-z0-9][a-z0-9_-]{0,39}$')
);
CREATE UNIQUE INDEX customers_external_id_key ON customers(external_id);

CREATE TABLE orders (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  external_id TEXT NOT NULL,
  customer_id UUID NOT NULL REFERENCES customers(id),
  fingerprint TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX orders_external_id_key ON orders(external_id);
CREATE INDEX orders_customer_id_idx ON orders(customer_id);

CREATE TABLE cloudflare_accounts (
  id TEXT PRIMARY KEY,
  sweep_owner TEXT,
  sweep_until TIMESTAMPTZ,
  swept_at TIMESTAMPTZ,
  budget_tokens DOUBLE PRECISION NOT NULL DEFAULT 0,
  budget_at TIMESTAMPTZ,
  blocked_until TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE zones (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id TEXT NOT NULL REFERENCES cloudflare_accounts(id),
  cf_zone_id TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  name_servers TEXT[] NOT NULL DEFAULT '{}',
  original_name_servers TEXT[] NOT NULL DEFAULT '{}',
  made_by_us BOOLEAN NOT NULL DEFAULT false,
  active_before BOOLEAN NOT NULL DEFAULT false,
  first_active_at TIMESTAMPTZ,
  checked_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  CONSTRAINT zones_status_check CHECK (status IN ('initializing', 'pending', 'active', 'moved', 'deleted'))
);
CREATE UNIQUE INDEX zones_cf_zone_id_key ON zones(cf_zone_id);
CREATE INDEX zones_name_idx ON zones(name);
CREATE UNIQUE INDEX zones_account_id_name_open_key ON zones(account_id, name) WHERE status <> 'deleted';
CREATE INDEX zones_account_id_watched_idx ON zones(account_id) WHERE status IN ('initializing', 'pending');

CREATE TABLE hosts (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL DEFAULT 'ready',
  lease_until TIMESTAMPTZ,
  memory_bytes BIGINT,
  cpus DOUBLE PRECISION,
  labels JSONB NOT NULL DEFAULT '{}',
  versions JSONB NOT NULL DEFAULT '{}',
  registered_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  seen_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  CONSTRAINT hosts_id_check CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
  CONSTRAINT hosts_state_check CHECK (state IN ('ready', 'draining'))
);

CREATE TABLE sites (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  key TEXT NOT NULL,
  slug TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  customer_id UUID NOT NULL REFERENCES customers(id),
  order_id UUID NOT NULL REFERENCES orders(id),
  environment TEXT NOT NULL DEFAULT 'production',
  domain TEXT NOT NULL,
  domain_unicode TEXT NOT NULL,
  wanted TEXT NOT NULL DEFAULT 'running',
  generation INTEGER NOT NULL DEFAULT 1,
  image TEXT NOT NULL,
  release INTEGER NOT NULL DEFAULT 1,
  license_key_enc TEXT NOT NULL,
  env_enc TEXT,
  memory_bytes BIGINT NOT NULL DEFAULT 536870912,
  cpus DOUBLE PRECISION NOT NULL DEFAULT 0.5,
  health_path TEXT NOT NULL DEFAULT '/health',
  wished_port INTEGER,
  existing_zone BOOLEAN NOT NULL DEFAULT false,
  zone_confirmed_at TIMESTAMPTZ,
  zone_confirmed_by TEXT,
  zone_id UUID REFERENCES zones(id),
  zone_intent_at TIMESTAMPTZ,
  tunnel_id TEXT,
  tunnel_secret_enc TEXT,
  proof_secret_enc TEXT,
  container_restart INTEGER NOT NULL DEFAULT 0,
  tunnel_restart INTEGER NOT NULL DEFAULT 0,
  event_seq BIGINT NOT NULL DEFAULT 0,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  zone_active_at TIMESTAMPTZ,
  live_at TIMESTAMPTZ,
  gone_at TIMESTAMPTZ,
  events_pruned_at TIMESTAMPTZ,
  CONSTRAINT sites_environment_check CHECK (environment IN ('production', 'staging')),
  CONSTRAINT sites_wanted_check CHECK (wanted IN ('running', 'suspended', 'deleted'))
);
CREATE UNIQUE INDEX sites_slug_key ON sites(slug);
CREATE UNIQUE INDEX sites_order_id_key ON sites(order_id);
CREATE UNIQUE INDEX sites_key_open_key ON sites(key) WHERE gone_at IS NULL;
CREATE INDEX sites_key_created_at_idx ON sites(key, created_at);
CREATE INDEX sites_customer_id_idx ON sites(customer_id);
CREATE INDEX sites_created_at_id_idx ON sites(created_at, id);
CREATE INDEX sites_zone_id_idx ON sites(zone_id);
CREATE INDEX sites_gone_at_unpruned_idx ON sites(gone_at) WHERE gone_at IS NOT NULL AND events_pruned_at IS NULL;

CREATE TABLE site_hostnames (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  site_id UUID NOT NULL REFERENCES sites(id),
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  gone_at TIMESTAMPTZ,
  CONSTRAINT site_hostnames_kind_check CHECK (kind IN ('apex', 'www'))
);
CREATE INDEX site_hostnames_site_id_idx ON site_hostnames(site_id);
CREATE UNIQUE INDEX site_hostnames_name_open_key ON site_hostnames(name) WHERE gone_at IS NULL;

CREATE TABLE placements (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  site_id UUID NOT NULL REFERENCES sites(id),
  host_id TEXT NOT NULL REFERENCES hosts(id),
  slot INTEGER NOT NULL,
  port INTEGER NOT NULL,
  wanted TEXT NOT NULL DEFAULT 'serving',
  container_restart_started INTEGER NOT NULL DEFAULT 0,
  container_restart_from TEXT,
  container_restart_done INTEGER NOT NULL DEFAULT 0,
  tunnel_restart_started INTEGER NOT NULL DEFAULT 0,
  tunnel_restart_from TEXT,
  tunnel_restart_done INTEGER NOT NULL DEFAULT 0,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  gone_at TIMESTAMPTZ,
  CONSTRAINT placements_slot_check CHECK (slot BETWEEN 0 AND 4095),
  CONSTRAINT placements_wanted_check CHECK (wanted IN ('serving', 'draining', 'gone'))
);
CREATE INDEX placements_site_id_idx ON placements(site_id);
CREATE UNIQUE INDEX placements_host_id_port_open_key ON placements(host_id, port) WHERE gone_at IS NULL;
CREATE UNIQUE INDEX placements_host_id_slot_open_key ON placements(host_id, slot) WHERE gone_at IS NULL;
CREATE UNIQUE INDEX placements_site_id_serving_key ON placements(site_id) WHERE wanted = 'serving' AND gone_at IS NULL;

CREATE TABLE port_allocations (
  host_id TEXT NOT NULL REFERENCES hosts(id),
  port INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  pool TEXT NOT NULL,
  placement_id UUID REFERENCES placements(id),
  rest_until TIMESTAMPTZ,
  occupied_until TIMESTAMPTZ,
  PRIMARY KEY (host_id, port),
  CONSTRAINT port_allocations_port_check CHECK (port BETWEEN 1024 AND 3999),
  CONSTRAINT port_allocations_slot_check CHECK (slot BETWEEN 0 AND 4095),
  CONSTRAINT port_allocations_pool_check CHECK (pool IN ('staging', 'customer', 'retired'))
);
CREATE UNIQUE INDEX port_allocations_host_id_slot_key ON port_allocations(host_id, slot);
CREATE INDEX port_allocations_placement_id_idx ON port_allocations(placement_id);
CREATE INDEX port_allocations_free_idx ON port_allocations(pool, host_id, port) WHERE placement_id IS NULL;

CREATE TABLE site_conditions (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  site_id UUID NOT NULL REFERENCES sites(id),
  placement_id UUID REFERENCES placements(id),
  aspect TEXT NOT NULL,
  queue TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'unknown',
  reason TEXT NOT NULL DEFAULT 'Queued',
  message TEXT NOT NULL DEFAULT '',
  observed_generation INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0,
  due_at TIMESTAMPTZ DEFAULT now(),
  wakes BIGINT NOT NULL DEFAULT 0,
  lease_owner TEXT,
  lease_until TIMESTAMPTZ,
  lease_no BIGINT NOT NULL DEFAULT 0,
  cause_id TEXT,
  changed_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  observed_at TIMESTAMPTZ,
  reached_at TIMESTAMPTZ,
  gone_at TIMESTAMPTZ,
  CONSTRAINT site_conditions_status_check CHECK (status IN ('true', 'false', 'unknown'))
);
CREATE UNIQUE INDEX site_conditions_site_aspect_key ON site_conditions(site_id, aspect) WHERE placement_id IS NULL;
CREATE UNIQUE INDEX site_conditions_placement_aspect_key ON site_conditions(placement_id, aspect) WHERE placement_id IS NOT NULL;
CREATE INDEX site_conditions_site_id_idx ON site_conditions(site_id);
CREATE INDEX site_conditions_unplaced_idx ON site_conditions(reason) WHERE aspect = 'placement' AND gone_at IS NULL AND status <> 'true';
CREATE INDEX site_conditions_due_idx ON site_conditions(queue, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE site_records (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  site_id UUID NOT NULL REFERENCES sites(id),
  cf_zone_id TEXT NOT NULL,
  hostname TEXT NOT NULL,
  record_id TEXT,
  content TEXT NOT NULL,
  replaced JSONB NOT NULL DEFAULT '[]',
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  removed_at TIMESTAMPTZ
);
CREATE INDEX site_records_site_id_idx ON site_records(site_id);
CREATE UNIQUE INDEX site_records_site_id_hostname_open_key ON site_records(site_id, hostname) WHERE removed_at IS NULL;

CREATE TABLE releases (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  site_id UUID NOT NULL REFERENCES sites(id),
  number INTEGER NOT NULL,
  image TEXT NOT NULL,
  digest TEXT,
  license_key_enc TEXT NOT NULL,
  outcome TEXT NOT NULL DEFAULT 'pending',
  reason TEXT,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  started_at TIMESTAMPTZ,
  finished_at TIMESTAMPTZ,
  CONSTRAINT releases_outcome_check CHECK (outcome IN ('pending', 'running', 'superseded', 'failed'))
);
CREATE UNIQUE INDEX releases_site_id_number_key ON releases(site_id, number);

CREATE TABLE operations (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  site_id UUID NOT NULL REFERENCES sites(id),
  kind TEXT NOT NULL,
  target TEXT,
  number INTEGER NOT NULL,
  requested_by TEXT NOT NULL,
  cause_id TEXT,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  CONSTRAINT operations_kind_check CHECK (kind IN ('order', 'restart', 'deploy', 'confirm', 'delete'))
);
CREATE INDEX operations_site_id_created_at_idx ON operations(site_id, created_at);

CREATE TABLE site_events (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  site_id UUID NOT NULL REFERENCES sites(id),
  seq BIGINT NOT NULL,
  type TEXT NOT NULL,
  aspect TEXT,
  status TEXT,
  reason TEXT,
  message TEXT NOT NULL DEFAULT '',
  data JSONB NOT NULL DEFAULT '{}',
  cause_id TEXT,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX site_events_site_id_seq_key ON site_events(site_id, seq);

CREATE TABLE api_keys (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  prefix TEXT NOT NULL,
  scopes TEXT[] NOT NULL DEFAULT '{}',
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  expires_at TIMESTAMPTZ,
  revoked_at TIMESTAMPTZ,
  last_used_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX api_keys_hash_key ON api_keys(hash);

CREATE TABLE idempotency_keys (
  api_key_id UUID NOT NULL REFERENCES api_keys(id),
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL,
  headers JSONB NOT NULL DEFAULT '{}',
  response JSONB NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (api_key_id, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys(created_at);

-- The seed's tables: every column, type, default, foreign key and index as there, and ours added after them.
CREATE TABLE customer_tunnels (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  customer_id UUID REFERENCES customers(id),
  order_id UUID REFERENCES orders(id),
  tunnel_id TEXT UNIQUE NOT NULL,
  tunnel_name TEXT NOT NULL,
  domain TEXT NOT NULL,
  port INTEGER NOT NULL,
  config_path TEXT NOT NULL,
  status TEXT DEFAULT 'pending',
  created_at TIMESTAMPTZ DEFAULT NOW(),
  updated_at TIMESTAMPTZ DEFAULT NOW(),
  site_id UUID REFERENCES sites(id),
  placement_id UUID REFERENCES placements(id)
);
CREATE INDEX idx_tunnels_customer ON customer_tunnels(customer_id);
CREATE INDEX idx_tunnels_domain ON customer_tunnels(domain);
CREATE INDEX idx_tunnels_port ON customer_tunnels(port);
CREATE INDEX customer_tunnels_site_id_idx ON customer_tunnels(site_id);

CREATE TABLE customer_containers (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  customer_id UUID REFERENCES customers(id),
  container_id TEXT UNIQUE NOT NULL,
  container_name TEXT NOT NULL,
  image_name TEXT NOT NULL,
  port INTEGER NOT NULL,
  memory_limit TEXT DEFAULT '512m',
  cpu_limit TEXT DEFAULT '0.5',
  status TEXT DEFAULT 'running',
  last_health_check TIMESTAMPTZ,
  health_status TEXT DEFAULT 'healthy',
  created_at TIMESTAMPTZ DEFAULT NOW(),
  site_id UUID REFERENCES sites(id),
  placement_id UUID REFERENCES placements(id),
  release INTEGER,
  updated_at TIMESTAMPTZ DEFAULT NOW()
);
CREATE INDEX customer_containers_site_id_idx ON customer_containers(site_id);
CREATE INDEX customer_containers_placement_id_idx ON customer_containers(placement_id);
