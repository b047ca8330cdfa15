-- Whether an image on a host is ours is asked by its digest.
CREATE INDEX releases_digest_idx ON releases(digest);
