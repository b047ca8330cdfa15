-- What the present name servers say of a domain's mail is looked for beside Cloudflare's scan; what the zone doesn't hold withholds the name servers.
ALTER TABLE zone_takeovers
  ADD COLUMN missing JSONB NOT NULL DEFAULT '[]',
  ADD COLUMN mail_unanswered_since TIMESTAMPTZ(6);
