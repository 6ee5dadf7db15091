-- Who may do what: accounts, their sessions and second factors, keys of
-- programs, the locations that somebody is limited to, and the counters that
-- slow guessing down. Secrets are stored as hashes, or sealed with the secret
-- key, which lies outside the database. Instants are seconds of UTC since 1970
-- where they are compared, text where people read them.

CREATE TABLE users (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	username TEXT NOT NULL UNIQUE CHECK (length(username) BETWEEN 1 AND 64),
	role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
	is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
	-- limited to the rows of location_grants; an admin never is
	is_limited INTEGER NOT NULL DEFAULT 0 CHECK (is_limited IN (0, 1)),
	password_hash TEXT NOT NULL,
	totp_seed BLOB,                 -- sealed; NULL: no second factor
	totp_active INTEGER NOT NULL DEFAULT 0 CHECK (totp_active IN (0, 1)),
	totp_last_step INTEGER NOT NULL DEFAULT 0,
	created_at TEXT NOT NULL,
	updated_at TEXT NOT NULL,
	last_login_at TEXT,
	CHECK (NOT (role = 'admin' AND is_limited = 1))
) STRICT;

CREATE TABLE recovery_codes (
	user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
	used_at INTEGER,                -- NULL: it can still be used
	PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
	created_at INTEGER NOT NULL,
	seen_at INTEGER NOT NULL,       -- to the minute
	expires_at INTEGER NOT NULL,    -- whatever happens
	address TEXT NOT NULL,
	agent TEXT NOT NULL
) STRICT;

CREATE INDEX idx_sessions_user ON sessions (user_id);
CREATE INDEX idx_sessions_expiry ON sessions (expires_at);

CREATE TABLE api_keys (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	prefix TEXT NOT NULL UNIQUE CHECK (length(prefix) = 8),
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
	secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
	scopes TEXT NOT NULL,           -- words, a blank between them
	is_limited INTEGER NOT NULL DEFAULT 0 CHECK (is_limited IN (0, 1)),
	-- NULL: made on the command line, or by a user who was deleted since
	created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
	created_at TEXT NOT NULL,
	expires_at INTEGER,             -- NULL: never
	last_used_at INTEGER,           -- to the minute; NULL: never
	revoked_at TEXT                 -- NULL: it is valid
) STRICT;

CREATE INDEX idx_api_keys_creator ON api_keys (created_by);

-- What a limited account or key may see. grantee is 'user:ID' or 'key:ID'.
CREATE TABLE location_grants (
	grantee TEXT NOT NULL,
	location_id INTEGER NOT NULL REFERENCES locations (id),
	PRIMARY KEY (grantee, location_id)
) STRICT, WITHOUT ROWID;

-- Failed log-ins, by account and by network. subject is 'user:NAME' for any
-- name that somebody tried, or 'net:ADDRESS' (IPv6: the /64).
CREATE TABLE login_attempts (
	subject TEXT PRIMARY KEY NOT NULL,
	failures INTEGER NOT NULL,
	blocked_until INTEGER NOT NULL,
	last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_login_attempts_last ON login_attempts (last_at);

-- Records by location, so that somebody who sees a few of them gets a number
-- without a count over history. The number of all is their sum.
CREATE TABLE location_records (
	location_id INTEGER PRIMARY KEY NOT NULL REFERENCES locations (id),
	records INTEGER NOT NULL CHECK (records >= 0)
) STRICT;

INSERT INTO location_records (location_id, records)
SELECT l.id, (SELECT count(*) FROM daily_usage AS u WHERE u.location_id = l.id)
FROM locations AS l;

DELETE FROM counters WHERE name = 'records';

-- Old entries may go once their place in the chain is sealed: mac is that of
-- the last entry that went, seal an HMAC over upto_id and mac.
CREATE TABLE journal_prunes (
	upto_id INTEGER PRIMARY KEY NOT NULL,
	mac BLOB NOT NULL CHECK (length(mac) = 32),
	seal BLOB NOT NULL CHECK (length(seal) = 32),
	key_id TEXT NOT NULL,
	at TEXT NOT NULL
) STRICT;

CREATE TRIGGER journal_prunes_no_update BEFORE UPDATE ON journal_prunes
BEGIN
	SELECT raise(ABORT, 'the journal can not be changed');
END;

CREATE TRIGGER journal_prunes_no_delete BEFORE DELETE ON journal_prunes
BEGIN
	SELECT raise(ABORT, 'the journal can not be deleted from');
END;

DROP TRIGGER journal_no_delete;

CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
WHEN OLD.id > coalesce((SELECT max(upto_id) FROM journal_prunes), 0)
BEGIN
	SELECT raise(ABORT, 'the journal can not be deleted from');
END;

-- For the list of entries with filters; id is the order in all of them.
CREATE INDEX idx_journal_actor ON journal (actor, id);
CREATE INDEX idx_journal_op ON journal (op, id);
CREATE INDEX idx_journal_tbl ON journal (tbl, id);
CREATE INDEX idx_journal_kind ON journal (tbl = 'event', id);
CREATE INDEX idx_journal_at ON journal (at, id);
