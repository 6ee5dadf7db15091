-- Work that outlives the request that asked for it, such as the import of a
-- large file: one row for each. The process that does it holds a lock beside
-- the database (lib/store/job_slot.h); a job that is not finished and not held
-- has failed. viewer, address and request_id are those of who asked; request
-- and result are JSON. created_at is in seconds of UTC since 1970.

CREATE TABLE jobs (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 30),
	state TEXT NOT NULL
		CHECK (state IN ('queued', 'running', 'done', 'failed')),
	actor TEXT NOT NULL,
	viewer TEXT NOT NULL,
	address TEXT,
	request_id TEXT,
	request TEXT NOT NULL,
	message TEXT NOT NULL DEFAULT '',
	created_at INTEGER NOT NULL,
	started_at TEXT,
	finished_at TEXT,
	result TEXT,
	CHECK ((finished_at IS NOT NULL) = (state IN ('done', 'failed')))
) STRICT;

CREATE INDEX idx_jobs_state ON jobs (state);
CREATE INDEX idx_jobs_created ON jobs (created_at);

-- A kept answer has headers too, and a key as many characters as the API says.
-- Nothing that was kept is worth more than its 24 hours.
DROP TABLE idempotency_keys;

-- headers are lines that end with CR and LF; tag is the ETag, '' for none.
CREATE TABLE idempotency_keys (
	actor TEXT NOT NULL,
	key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
	request_hash BLOB NOT NULL CHECK (length(request_hash) = 32),
	status INTEGER NOT NULL CHECK (status BETWEEN 200 AND 299),
	headers TEXT NOT NULL,
	tag TEXT NOT NULL,
	answer TEXT NOT NULL,
	expires_at INTEGER NOT NULL,
	PRIMARY KEY (actor, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_idempotency_expiry ON idempotency_keys (expires_at);
