-- What systemd says of a tunnel's unit stands beside what the connector writes.
ALTER TABLE site_logs DROP CONSTRAINT site_logs_stream_check;
ALTER TABLE site_logs ADD CONSTRAINT site_logs_stream_check CHECK (stream IN ('stdout', 'stderr', 'systemd', 'berth')) NOT VALID;
