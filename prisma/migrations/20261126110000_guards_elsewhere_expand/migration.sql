-- Paths of the site that applications of Access guard which Berth did not make, as they were seen when its protection was.
ALTER TABLE site_protections ADD COLUMN elsewhere TEXT[] NOT NULL DEFAULT '{}';
