-- When a container was started and when it ended, as Docker says: what `docker ps` makes its status from.
ALTER TABLE customer_containers
  ADD COLUMN started_at TIMESTAMPTZ,
  ADD COLUMN finished_at TIMESTAMPTZ,
  ADD COLUMN exit_code INTEGER;
