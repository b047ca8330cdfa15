-- Incidents and alerts that ended long ago are deleted by housekeeping.
CREATE INDEX incidents_closed_at_idx ON incidents(closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX alerts_closed_at_idx ON alerts(closed_at) WHERE closed_at IS NOT NULL;
