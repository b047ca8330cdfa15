-- Who follows the events of all sites needs an order over all of them in which nothing appears behind a reader. Times and sequences are taken before the
-- commit; whoever reads only what was written by transactions older than the oldest one under way misses none. Events of before have no such place.
ALTER TABLE site_events ADD COLUMN xact XID8;
ALTER TABLE site_events ALTER COLUMN xact SET DEFAULT pg_current_xact_id();
CREATE INDEX site_events_xact_idx ON site_events(xact, site_id, seq) WHERE xact IS NOT NULL;
