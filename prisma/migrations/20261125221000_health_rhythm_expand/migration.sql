-- How often an aspect is looked at: what is older than three times that isn't known any more.
ALTER TABLE site_health ADD COLUMN interval_ms INTEGER NOT NULL DEFAULT 60000;
