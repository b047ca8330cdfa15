-- Whether a customer wishes to be written to, in which language; and which customers were told that their site is down.
ALTER TABLE customers ADD COLUMN notify BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE customers ADD COLUMN language TEXT NOT NULL DEFAULT 'en' CONSTRAINT customers_language_check CHECK (language IN ('de', 'en'));

CREATE TABLE customer_outages (
  site_id UUID PRIMARY KEY REFERENCES sites(id),
  since TIMESTAMPTZ NOT NULL,
  told_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
