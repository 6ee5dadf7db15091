-- Ways in and out: imports that were taken back, and requests that may be
-- repeated.

-- NULL: it stands. undone_by is the actor of the undo.
ALTER TABLE imports ADD COLUMN undone_at TEXT;
ALTER TABLE imports ADD COLUMN undone_by TEXT;

-- What a request with an Idempotency-Key was answered, so that a repeat gets
-- the same answer and changes nothing. request_hash is the SHA-256 of method,
-- path and body. status NULL: it is still being worked on. expires_at is in
-- seconds of UTC since 1970.
CREATE TABLE idempotency_keys (
	actor TEXT NOT NULL,
	key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
	request_hash BLOB NOT NULL CHECK (length(request_hash) = 32),
	status INTEGER CHECK (status BETWEEN 100 AND 599),
	answer TEXT,
	expires_at INTEGER NOT NULL,
	PRIMARY KEY (actor, key),
	CHECK ((status IS NULL) = (answer IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_idempotency_expiry ON idempotency_keys (expires_at);
