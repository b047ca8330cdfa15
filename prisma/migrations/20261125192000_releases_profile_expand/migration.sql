-- What a release's container may do inside.

ALTER TABLE releases ADD COLUMN profile TEXT NOT NULL DEFAULT 'strict';
ALTER TABLE releases ADD CONSTRAINT releases_profile_check CHECK (profile IN ('strict', 'compatible'));
