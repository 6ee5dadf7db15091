/* The engine, how it is set up, and whether the file is sound. */
#include <stdio.h>
#include <string.h>

#include "ops/doctor.h"
#include "ops/doctor_parts.h"
#include "store/inspect.h"

bool doctor_race_is_fixed(const char *sqlite_version)
{
	int major = 0, minor = 0, patch = 0;

	if (sscanf(sqlite_version, "%d.%d.%d", &major, &minor, &patch) < 2)
		return false;
	if (major != 3)
		return major > 3;
	if (minor == 44)
		return patch >= 6;
	if (minor == 50)
		return patch >= 7;
	return minor > 51 || (minor == 51 && patch >= 3);
}

void doctor_engine(const struct finder *to)
{
	const char *version = db_engine_version();

	if (doctor_race_is_fixed(version))
		finding_ok(to, "engine",
		           "SQLite %s: its WAL-reset race is fixed", version);
	else
		finding_ok(to, "engine",
		           "SQLite %s has the WAL-reset race; these programs "
		           "close it by checkpointing in one place, under the "
		           "write lock. Open the live file with others for "
		           "reading alone: sqlite3 'file:...?mode=ro'",
		           version);
}

static void check_facts(const struct db_facts *facts, const struct finder *to)
{
	struct finding f;

	if (strcmp(facts->journal_mode, "wal") != 0) {
		finding_set(&f, FINDING_PROBLEM, "journal_mode",
		            "the database is in journal mode %s, not in WAL: "
		            "readers and writers block each other",
		            facts->journal_mode);
		finding_advise(to, &f,
		               "the file system may not allow it; keep "
		               "the database on a local disk");
	} else if (facts->synchronous < 2 || facts->autocheckpoint != 0) {
		finding_set(&f, FINDING_PROBLEM, "synchronous",
		            "synchronous is %lld and automatic checkpoints "
		            "are %s",
		            (long long)facts->synchronous,
		            facts->autocheckpoint != 0 ? "on" : "off");
		finding_advise(to, &f,
		               "this is a fault of the program: "
		               "report it");
	} else {
		finding_ok(to, "journal_mode",
		           "journal mode %s, synchronous %s, schema version "
		           "%lld",
		           facts->journal_mode,
		           facts->synchronous == 2 ? "FULL" : "EXTRA",
		           (long long)facts->schema_version);
	}
}

/* What it is cut back to is far less; only one large import needs much. */
#define LOG_MOST (64 * 1000000LL)

static void check_log(const struct db *db, const struct db_facts *facts,
                      const struct finder *to)
{
	struct finding f;

	if (facts->log_bytes <= LOG_MOST) {
		finding_ok(to, "wal", "the log beside the database has %.1f MB",
		           (double)facts->log_bytes / 1e6);
		return;
	}
	finding_set(&f, FINDING_WARNING, "wal",
	            "the log beside the database has %.0f MB: somebody reads "
	            "and does not end, or a large import is at work",
	            (double)facts->log_bytes / 1e6);
	finding_advise(to, &f,
	               "who has it open: fuser -v %s; end what hangs, and the "
	               "next change makes the log short again",
	               db_path(db));
}

static void check_file(struct db *db, const struct db_facts *facts,
                       const struct finder *to)
{
	struct strbuf complaint = STRBUF_INIT;
	struct dum_error err = {0};
	struct finding f;

	if (db_quick_check(&complaint, db, &err) != DUM_OK) {
		finding_error(to, "integrity", &err,
		              "the file could not be checked");
	} else if (complaint.len > 0) {
		finding_set(&f, FINDING_PROBLEM, "integrity",
		            "the database is damaged: %.400s", complaint.buf);
		finding_advise(to, &f,
		               "stop the service, keep the file, and "
		               "restore the newest backup that "
		               "verifies");
	} else {
		finding_ok(to, "integrity",
		           "the database passes its quick check (%.1f MB)",
		           (double)facts->bytes / 1e6);
	}
	strbuf_release(&complaint);
}

void doctor_database(struct db *db, const struct finder *to)
{
	struct dum_error err = {0};
	struct db_facts facts;

	if (db_inspect(&facts, db, &err) != DUM_OK) {
		finding_error(to, "database", &err,
		              "the database could not be looked at");
		return;
	}
	check_facts(&facts, to);
	check_log(db, &facts, to);
	check_file(db, &facts, to);
}
