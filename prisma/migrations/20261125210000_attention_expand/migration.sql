-- Sites that wait for somebody are looked for by the reason.
CREATE INDEX site_conditions_reason_idx ON site_conditions(reason) WHERE status = 'false' AND gone_at IS NULL AND reason NOT IN ('Waiting', 'Queued');
-- Those of one site that are open are looked for by their kind, too.
CREATE INDEX incidents_open_kind_idx ON incidents(kind) WHERE closed_at IS NULL;
