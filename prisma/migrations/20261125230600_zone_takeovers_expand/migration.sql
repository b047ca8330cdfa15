-- Which name servers to set is told once what the former ones know is in the zone. Of the zones so far it was told already.
ALTER TABLE zones ADD COLUMN told_at TIMESTAMPTZ;
UPDATE zones SET told_at = now();

CREATE TABLE zone_takeovers (
  zone_id UUID PRIMARY KEY REFERENCES zones(id),
  begun_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  scanned_at TIMESTAMPTZ,
  found JSONB,
  refused JSONB NOT NULL DEFAULT '[]',
  mail TEXT,
  ended_at TIMESTAMPTZ,
  ds_present BOOLEAN,
  ds_remembered_until TIMESTAMPTZ,
  ds_unanswered_since TIMESTAMPTZ,
  CONSTRAINT zone_takeovers_mail_check CHECK (mail IN ('taken-over', 'none-found', 'unknown'))
);
