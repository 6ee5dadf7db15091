/*
 * What a single change costs at the least: one row put in place and committed,
 * over and over, in a table and with the settings of ours. Prints JSON.
 *
 *	commit_loop FILE SECONDS
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = ON;"
    "CREATE TABLE locations (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE daily_usage (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " date TEXT NOT NULL CHECK (date IS date(date, '+0 days')),"
    " location_id INTEGER NOT NULL REFERENCES locations (id),"
    " usage_bytes INTEGER NOT NULL"
    " CHECK (usage_bytes BETWEEN 0 AND 1000000000000000),"
    " usage_gb REAL GENERATED ALWAYS AS (usage_bytes / 1e9) VIRTUAL,"
    " created_at TEXT NOT NULL, updated_at TEXT NOT NULL,"
    " UNIQUE (date, location_id)) STRICT;"
    "CREATE INDEX idx_daily_usage_location"
    " ON daily_usage (location_id, date, usage_bytes);"
    "INSERT INTO locations (name) VALUES ('a'), ('b'), ('c'), ('d'), ('e');";

static const char upsert[] =
    "INSERT INTO daily_usage (date, location_id, usage_bytes, created_at,"
    " updated_at) VALUES (?1, ?2, ?3, '2026-01-01T00:00:00Z',"
    " '2026-01-01T00:00:00Z') ON CONFLICT (date, location_id) DO UPDATE"
    " SET usage_bytes = excluded.usage_bytes,"
    " updated_at = excluded.updated_at";

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void check(sqlite3 *db, int ok)
{
	if (ok)
		return;
	fprintf(stderr, "commit_loop: %s\n", sqlite3_errmsg(db));
	exit(1);
}

int main(int argc, char **argv)
{
	sqlite3_stmt *put, *begin, *commit;
	double start, seconds;
	long commits = 0;
	char day[16];
	sqlite3 *db;

	if (argc != 3) {
		fprintf(stderr, "usage: commit_loop FILE SECONDS\n");
		return 2;
	}
	seconds = strtod(argv[2], NULL);
	check(NULL, sqlite3_open(argv[1], &db) == SQLITE_OK);
	check(db, sqlite3_exec(db, schema, NULL, NULL, NULL) == SQLITE_OK);
	check(db, sqlite3_prepare_v2(db, upsert, -1, &put, NULL) == SQLITE_OK);
	check(db, sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &begin, NULL) ==
	              SQLITE_OK);
	check(db, sqlite3_prepare_v2(db, "COMMIT", -1, &commit, NULL) ==
	              SQLITE_OK);
	start = now();
	while (now() - start < seconds) {
		snprintf(day, sizeof(day), "2026-01-%02ld", commits % 28 + 1);
		check(db, sqlite3_step(begin) == SQLITE_DONE);
		sqlite3_reset(begin);
		sqlite3_bind_text(put, 1, day, -1, SQLITE_TRANSIENT);
		sqlite3_bind_int64(put, 2, commits % 5 + 1);
		sqlite3_bind_int64(put, 3, commits * 1000003);
		check(db, sqlite3_step(put) == SQLITE_DONE);
		sqlite3_reset(put);
		check(db, sqlite3_step(commit) == SQLITE_DONE);
		sqlite3_reset(commit);
		if (++commits % 1000 == 0)
			sqlite3_wal_checkpoint_v2(
			    db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	}
	printf("{\"per_second\": %.1f}\n", (double)commits / (now() - start));
	return 0;
}
