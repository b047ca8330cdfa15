-- The overview asks which sites went live in the last days.
CREATE INDEX sites_live_at_idx ON sites(live_at);
