-- Which key made a key, so that it does not outlive its maker.

-- NULL: a user or the command line did.
ALTER TABLE api_keys ADD COLUMN made_by_key INTEGER REFERENCES api_keys (id);

CREATE INDEX idx_api_keys_maker ON api_keys (made_by_key);
