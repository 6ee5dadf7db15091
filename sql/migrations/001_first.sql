-- The first schema. Names and columns of locations, daily_usage,
-- monthly_summaries and system_info are public: people read them with the
-- sqlite3 program. Amounts are stored as bytes; the gigabytes beside them are
-- computed (1 GB = 10^9 bytes). Times are UTC, YYYY-MM-DDTHH:MM:SSZ.
--
-- date(d, '+0 days') and not date(d): the latter lets 2024-02-30 pass.

CREATE TABLE locations (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
	display_name TEXT NOT NULL CHECK (length(display_name) BETWEEN 1 AND 200),
	is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
	created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;

-- A day without a row is unknown, which is not the same as a day of 0 bytes.
-- The limit is the greatest MAX_DAILY_GB there can be, 1,000,000 GB; it keeps
-- the sum of one location over twenty-five years inside 64 bits.
CREATE TABLE daily_usage (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	date TEXT NOT NULL CHECK (date IS date(date, '+0 days')),
	location_id INTEGER NOT NULL REFERENCES locations (id),
	usage_bytes INTEGER NOT NULL
		CHECK (usage_bytes BETWEEN 0 AND 1000000000000000),
	usage_gb REAL GENERATED ALWAYS AS (usage_bytes / 1e9) VIRTUAL,
	created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
	updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
	UNIQUE (date, location_id)
) STRICT;

-- Holds all that a sum over one location's days needs, so that such a sum
-- reads neighbouring index entries and never the table.
CREATE INDEX idx_daily_usage_location
	ON daily_usage (location_id, date, usage_bytes);

-- What somebody says a period came to, such as the provider's bill. period_end
-- is the last day of the period. It stands beside the sum of the days.
CREATE TABLE monthly_summaries (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	period_start TEXT NOT NULL
		CHECK (period_start IS date(period_start, '+0 days')),
	period_end TEXT NOT NULL
		CHECK (period_end IS date(period_end, '+0 days')
		       AND period_end >= period_start),
	location_id INTEGER NOT NULL REFERENCES locations (id),
	total_usage_bytes INTEGER NOT NULL CHECK (total_usage_bytes >= 0),
	total_usage_gb REAL GENERATED ALWAYS AS (total_usage_bytes / 1e9) VIRTUAL,
	manual_entry INTEGER NOT NULL DEFAULT 1 CHECK (manual_entry IN (0, 1)),
	created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
	updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
	UNIQUE (period_start, location_id)
) STRICT;

CREATE INDEX idx_monthly_summaries_location
	ON monthly_summaries (location_id, period_start);

CREATE TABLE system_info (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	metric_name TEXT NOT NULL UNIQUE,
	metric_value TEXT,
	updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;

-- Kept up in the transaction of each change, so that no page counts all rows.
CREATE TABLE counters (
	name TEXT PRIMARY KEY NOT NULL,
	value INTEGER NOT NULL CHECK (value >= 0)
) STRICT, WITHOUT ROWID;

INSERT INTO counters (name, value) VALUES ('locations', 0), ('records', 0);

-- From valid_from on, cycles start on cycle_day. A row without a location is
-- for all that have none of their own. Until the first row holds, the day of
-- the configuration does.
CREATE TABLE cycle_settings (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	location_id INTEGER REFERENCES locations (id),
	cycle_day INTEGER NOT NULL CHECK (cycle_day BETWEEN 1 AND 31),
	valid_from TEXT NOT NULL CHECK (valid_from IS date(valid_from, '+0 days')),
	created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;

CREATE UNIQUE INDEX idx_cycle_settings
	ON cycle_settings (coalesce(location_id, 0), valid_from);

-- One row for each file that was taken in. options is JSON. file_hash is the
-- SHA-256 of the file in hexadecimal.
CREATE TABLE imports (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	at TEXT NOT NULL,
	kind TEXT NOT NULL,
	file_name TEXT NOT NULL,
	file_hash TEXT NOT NULL,
	options TEXT NOT NULL,
	actor TEXT NOT NULL,
	rows INTEGER NOT NULL,
	cells INTEGER NOT NULL,
	empty INTEGER NOT NULL,
	skipped INTEGER NOT NULL,
	rejected INTEGER NOT NULL,
	new INTEGER NOT NULL,
	changed INTEGER NOT NULL,
	same INTEGER NOT NULL,
	locations_created INTEGER NOT NULL
) STRICT;

-- Every change of data, in the transaction of the change. batch is the id of
-- the first entry of that transaction. before and after are JSON. mac is an
-- HMAC-SHA256 over all other columns, with prev the mac of the entry before:
-- see lib/store/journal.h.
CREATE TABLE journal (
	id INTEGER PRIMARY KEY NOT NULL,
	at TEXT NOT NULL,
	timeline INTEGER NOT NULL,
	batch INTEGER NOT NULL,
	actor TEXT NOT NULL,
	address TEXT,
	source TEXT NOT NULL,
	request_id TEXT,
	op TEXT NOT NULL,
	tbl TEXT NOT NULL,
	pk TEXT,
	before TEXT,
	after TEXT,
	prev BLOB NOT NULL CHECK (length(prev) = 32),
	key_id TEXT NOT NULL,
	mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN
	SELECT raise(ABORT, 'the journal can not be changed');
END;

CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
BEGIN
	SELECT raise(ABORT, 'the journal can not be deleted from');
END;
