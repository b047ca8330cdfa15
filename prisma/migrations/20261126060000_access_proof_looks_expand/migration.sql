-- When the token was last seen at Cloudflare: it ends after a year, and somebody may delete it. Null: not since it is kept here.
ALTER TABLE access_proofs ADD COLUMN seen_at TIMESTAMPTZ(6);
