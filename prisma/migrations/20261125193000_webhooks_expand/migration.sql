-- What happens is told to others: the places that webhooks go to, a row for each delivery, and which events were looked at.

CREATE TABLE webhook_endpoints (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  url TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  event_types TEXT[] NOT NULL DEFAULT '{}',
  secret_enc TEXT NOT NULL,
  former_secret_enc TEXT,
  former_until TIMESTAMPTZ,
  disabled_at TIMESTAMPTZ,
  disabled_reason TEXT,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  deleted_at TIMESTAMPTZ
);

CREATE TABLE deliveries (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  message_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  channel TEXT NOT NULL,
  target TEXT NOT NULL,
  site_id UUID REFERENCES sites(id),
  payload JSONB NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CONSTRAINT deliveries_state_check CHECK (state IN ('pending', 'delivered', 'failed', 'canceled')),
  tries INTEGER NOT NULL DEFAULT 0,
  due_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  lease_owner TEXT,
  lease_until TIMESTAMPTZ,
  lease_no BIGINT NOT NULL DEFAULT 0,
  answer_code INTEGER,
  error TEXT,
  attempted_at TIMESTAMPTZ,
  finished_at TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
-- The same thing is told to the same place once.
CREATE UNIQUE INDEX deliveries_message_id_channel_target_key ON deliveries(message_id, channel, target);
CREATE INDEX deliveries_due_idx ON deliveries(due_at) WHERE state = 'pending';
CREATE INDEX deliveries_finished_at_idx ON deliveries(finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX deliveries_created_at_id_idx ON deliveries(created_at, id);
CREATE INDEX deliveries_site_id_created_at_idx ON deliveries(site_id, created_at);
CREATE INDEX deliveries_target_created_at_idx ON deliveries(target, created_at);

-- Events of the time before are not told.
ALTER TABLE site_events ADD COLUMN noticed_at TIMESTAMPTZ DEFAULT now();
ALTER TABLE site_events ALTER COLUMN noticed_at DROP DEFAULT;
CREATE INDEX site_events_unnoticed_idx ON site_events(created_at)
  WHERE noticed_at IS NULL AND (type <> 'condition.changed' OR status = 'false');
