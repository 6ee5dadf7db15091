/*
 * Transactions. Connections are made in connect.c, checkpoints in
 * checkpoint.c; statements run through query.h.
 */
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/migrations.h"
#include "store/query.h"

/* To a new installation, and to one whose disk lost the file. */
#define WAYS_TO_ONE                                                          \
	"; is its disk there? Bring it back from a backup with: dum-backup " \
	"restore FILE --confirm --whole, or begin anew with: dum-admin init"

/* How often, in steps of SQLite's machine, a read looks at its deadline. */
enum { DEADLINE_STEPS = 5000 };

/* Run one of transaction.sql that gives no rows; SQLite's result code. */
static int run(struct db *db, enum sql_query which)
{
	sqlite3_stmt **statement = &db->statements[which];
	int rc = SQLITE_OK;

	if (*statement == NULL)
		rc = sqlite3_prepare_v3(db->sqlite, sql_queries[which], -1,
		                        SQLITE_PREPARE_PERSISTENT, statement,
		                        NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(*statement);
	if (*statement != NULL)
		sqlite3_reset(*statement);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static enum dum_status begin_transaction(struct db *db, enum sql_query which,
                                         struct dum_error *err)
{
	int rc = run(db, which);

	return rc == SQLITE_OK ? DUM_OK
	                       : db_error(db, rc, sql_queries[which], err);
}

static void end_transaction(struct db *db)
{
	if (!sqlite3_get_autocommit(db->sqlite))
		(void)run(db, SQL_ROLLBACK);
}

static enum dum_status check_version(struct db *db, struct dum_error *err)
{
	int64_t version = 0;
	enum dum_status status;
	struct query q;

	if (db->schema < 0)
		return DUM_OK;
	query_start(&q, db, SQL_SCHEMA_VERSION, err);
	while (query_row(&q))
		version = query_int(&q, 0);
	status = query_end(&q);
	if (status == DUM_OK && version != db->schema)
		status = error_set(err, DUM_ESCHEMA,
		                   "%s has schema version %lld, this program "
		                   "works with %d; %s",
		                   db->path, (long long)version, db->schema,
		                   version < db->schema
		                       ? "run: dum-admin migrate"
		                       : "start the newer program");
	return status;
}

/*
 * Ours, or a file that was only just made and is still empty? The id is read
 * last: another process may fill the file meanwhile, and gives it both at once.
 */
static enum dum_status check_identity(struct db *db, bool empty_too,
                                      struct dum_error *err)
{
	int64_t id = 0, objects = 0;
	enum dum_status status;

	status = db_number(&objects, db, "SELECT count(*) FROM sqlite_schema",
	                   err);
	if (status == DUM_OK)
		status = db_number(&id, db, "PRAGMA application_id", err);
	if (status != DUM_OK || id == DB_APPLICATION_ID)
		return status;
	if (id == 0 && objects == 0 && empty_too)
		return DUM_OK;
	if (id == 0 && objects == 0)
		return error_set(err, DUM_ESCHEMA,
		                 "%s is an empty database" WAYS_TO_ONE,
		                 db->path);
	return error_set(err, DUM_ESCHEMA,
	                 "%s is a database of another program; it was not "
	                 "touched",
	                 db->path);
}

/* In place of SQLite's own hook, which would checkpoint here and now. */
static int note_frames(void *arg, sqlite3 *sqlite, const char *name, int frames)
{
	struct db *db = arg;

	(void)sqlite;
	(void)name;
	db->wal_frames = frames;
	return SQLITE_OK;
}

static enum dum_status open_handle(struct db **out, const struct config *config,
                                   bool any_version, struct dum_error *err)
{
	enum dum_status status;
	struct db *db;

	db = calloc(1, sizeof(*db));
	if (db == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	db->config = config;
	db->now = clock_now;
	db->schema = -1;
	db->path = strdup(config->database_path);
	if (db->path == NULL)
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = db_connect(&db->sqlite, db->path, config, err);
	if (status == DUM_OK)
		status = check_identity(db, any_version, err);
	/* Only now: a file of another program is not to be touched. */
	if (status == DUM_OK)
		status = db_exec(db, "PRAGMA journal_mode = WAL", err);
	if (status == DUM_OK)
		sqlite3_wal_hook(db->sqlite, note_frames, db);
	if (status == DUM_OK && !any_version) {
		db->schema = migrations_newest;
		status = check_version(db, err);
	}
	if (status == DUM_OK)
		status = writer_lock_open(&db->lock, db->path, err);
	if (status != DUM_OK) {
		db_free(db);
		return status;
	}
	*out = db;
	return DUM_OK;
}

static enum dum_status check_exists(const char *path, struct dum_error *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return error_set(err,
		                 errno == ENOENT ? DUM_ENOTFOUND : DUM_ESYS,
		                 "database %s: %s%s", path, strerror(errno),
		                 errno == ENOENT ? WAYS_TO_ONE : "");
	return DUM_OK;
}

enum dum_status db_open(struct db **out, const struct config *config,
                        struct dum_error *err)
{
	enum dum_status status = check_exists(config->database_path, err);

	return status == DUM_OK ? open_handle(out, config, false, err) : status;
}

enum dum_status db_open_any_version(struct db **out,
                                    const struct config *config,
                                    struct dum_error *err)
{
	enum dum_status status = check_exists(config->database_path, err);

	return status == DUM_OK ? open_handle(out, config, true, err) : status;
}

enum dum_status db_create(struct db **out, const struct config *config,
                          struct dum_error *err)
{
	int fd;

	fd = open(config->database_path,
	          O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set(
		    err, errno == EEXIST ? DUM_ECONFLICT : DUM_ESYS,
		    "database %s: %s", config->database_path, strerror(errno));
	close(fd);
	return open_handle(out, config, true, err);
}

void db_free(struct db *db)
{
	if (db == NULL)
		return;
	db_rollback(db);
	db_read_end(db);
	for (int i = 0; i < SQL__MAX; i++)
		sqlite3_finalize(db->statements[i]);
	sqlite3_close(db->checkpointer);
	sqlite3_close(db->sqlite);
	if (db->lock != NULL)
		writer_lock_free(db->lock);
	hmac_free(db->hmac);
	free(db->path);
	free(db);
}

const char *db_path(const struct db *db)
{
	return db->path;
}

const struct config *db_config(const struct db *db)
{
	return db->config;
}

int64_t db_now(const struct db *db)
{
	return db->now();
}

void db_use_clock(struct db *db, int64_t (*now)(void))
{
	db->now = now;
}

/* A name that does not fit is cut: it then is nobody's, and sees nothing. */
void db_see_as(struct db *db, const char *viewer)
{
	snprintf(db->viewer, sizeof(db->viewer), "%s",
	         viewer != NULL ? viewer : "");
}

bool db_sees_all(const struct db *db)
{
	return db->viewer[0] == '\0';
}

bool db_is_broken(const struct db *db)
{
	return db->broken;
}

bool db_is_read_only(const struct db *db)
{
	return sqlite3_db_readonly(db->sqlite, "main") == 1;
}

const char *db_engine_version(void)
{
	return sqlite3_libversion();
}

static enum dum_status begin(struct db *db, const struct origin *who,
                             bool for_long, int timeout_ms,
                             struct dum_error *err)
{
	enum dum_status status;

	if (db->change.running || db->reading)
		return error_set(err, DUM_ESYS,
		                 "a transaction is running already");
	status = writer_lock_take(db->lock, for_long, who->source, timeout_ms,
	                          err);
	if (status != DUM_OK)
		return status;
	db->change = (struct db_change){.running = true, .who = *who};
	clock_format_utc(db->change.at, db_now(db));
	status = begin_transaction(db, SQL_BEGIN_CHANGE, err);
	if (status == DUM_OK)
		status = check_version(db, err);
	if (status != DUM_OK)
		db_rollback(db);
	return status;
}

enum dum_status db_begin(struct db *db, const struct origin *who,
                         struct dum_error *err)
{
	return begin(db, who, false, (int)db->config->sqlite_busy_timeout, err);
}

enum dum_status db_try_begin(struct db *db, const struct origin *who,
                             struct dum_error *err)
{
	return begin(db, who, false, 0, err);
}

enum dum_status db_begin_long(struct db *db, const struct origin *who,
                              struct dum_error *err)
{
	return begin(db, who, true, (int)db->config->sqlite_busy_timeout, err);
}

enum dum_status db_commit(struct db *db, struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	struct query q;
	int rc;

	if (!db->change.running)
		return error_set(err, DUM_ESYS, "no change is running");
	if (db->change.moves_data) {
		query_start(&q, db, SQL_SYSTEM_INFO_RAISE_GENERATION, err);
		query_bind_text(&q, ":at", db->change.at);
		status = query_run(&q);
	}
	if (status == DUM_OK) {
		rc = run(db, SQL_COMMIT);
		if (rc != SQLITE_OK)
			status = db_error(db, rc, "commit", err);
		else
			db->commits++;
		/*
		 * The pages may have reached the disk all the same, but for
		 * the one that found no room.
		 */
		if ((rc & 0xff) == SQLITE_IOERR &&
		    !(rc == SQLITE_IOERR_WRITE && status == DUM_EFULL))
			status = DUM_EUNKNOWN;
	}
	if (status == DUM_EUNKNOWN && err != NULL)
		err->status = status;
	db_rollback(db);
	return status;
}

/* Also what ends a committed change: then there is nothing to roll back. */
void db_rollback(struct db *db)
{
	if (!db->change.running)
		return;
	end_transaction(db);
	db->change = (struct db_change){.running = false};
	writer_lock_release(db->lock);
}

static int past_deadline(void *arg)
{
	const struct db *db = arg;

	return clock_monotonic_ms() > db->read_until_ms;
}

enum dum_status db_read_begin(struct db *db, int deadline_ms,
                              struct dum_error *err)
{
	enum dum_status status;

	if (db->change.running || db->reading)
		return error_set(err, DUM_ESYS,
		                 "a transaction is running already");
	status = begin_transaction(db, SQL_BEGIN_READ, err);
	if (status != DUM_OK)
		return status;
	db->reading = true;
	status = check_version(db, err);
	if (status != DUM_OK) {
		db_read_end(db);
		return status;
	}
	if (deadline_ms > 0) {
		db->read_until_ms = clock_monotonic_ms() + deadline_ms;
		sqlite3_progress_handler(db->sqlite, DEADLINE_STEPS,
		                         past_deadline, db);
	}
	return DUM_OK;
}

void db_read_allow(struct db *db, int64_t ms)
{
	db->read_until_ms += ms;
}

void db_read_end(struct db *db)
{
	if (!db->reading)
		return;
	sqlite3_progress_handler(db->sqlite, 0, NULL, NULL);
	end_transaction(db);
	db->reading = false;
}

const char *db_change_at(const struct db *db)
{
	return db->change.at;
}

const struct origin *db_change_origin(const struct db *db)
{
	return db->change.running ? &db->change.who : NULL;
}

int db_wal_frames(const struct db *db)
{
	return db->wal_frames;
}
