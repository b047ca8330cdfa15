-- Why a host gets no further sites, while it is alive: said by its container-worker, with each sign of life.

ALTER TABLE hosts ADD COLUMN problem TEXT;
