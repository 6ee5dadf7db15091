/*
 * A connection to SQLite with every setting of ours, and the one place that
 * knows what its result codes mean.
 */
#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "store/handle.h"

/* A log that once grew is cut back to this at the next start over. */
#define WAL_KEPT_BYTES "8388608"

/*
 * errno of an I/O error. The engine passes it on but for the one of a commit,
 * which is then asked of the log's file.
 */
static int io_errno(sqlite3 *sqlite)
{
	int cause = sqlite3_system_errno(sqlite);
	sqlite3_file *log = NULL;

	if (cause == 0 &&
	    sqlite3_file_control(sqlite, "main", SQLITE_FCNTL_JOURNAL_POINTER,
	                         &log) == SQLITE_OK &&
	    log != NULL && log->pMethods != NULL)
		(void)log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO,
		                                  &cause);
	return cause;
}

/*
 * A full disk is told as such only where a page did not fit; where the shared
 * index of the log did not, or a limit is not the disk's, it comes as an I/O
 * error.
 */
static bool is_full(sqlite3 *sqlite, int rc)
{
	int cause;

	if ((rc & 0xff) == SQLITE_FULL)
		return true;
	if ((rc & 0xff) != SQLITE_IOERR || sqlite == NULL)
		return false;
	cause = io_errno(sqlite);
	return cause == ENOSPC || cause == EDQUOT || cause == EFBIG;
}

static enum dum_status no_room(sqlite3 *sqlite, const char *path, int rc,
                               struct dum_error *err)
{
	int cause = (rc & 0xff) == SQLITE_IOERR ? io_errno(sqlite) : ENOSPC;

	if (cause == ENOSPC)
		return error_set(err, DUM_EFULL,
		                 "the disk that holds %s is full", path);
	return error_set(err, DUM_EFULL, "no room for %s: %s", path,
	                 strerror(cause));
}

enum dum_status db_engine_error(sqlite3 *sqlite, const char *path, int rc,
                                const char *doing, struct dum_error *err)
{
	const char *text = sqlite != NULL ? sqlite3_errmsg(sqlite)
	                                  : sqlite3_errstr(rc);

	if (is_full(sqlite, rc))
		return no_room(sqlite, path, rc, err);
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(err, DUM_EBUSY,
		                 "other changes keep the database busy; try "
		                 "again");
	case SQLITE_INTERRUPT:
		return error_set(err, DUM_EBUSY,
		                 "the answer took too long; ask for less");
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return error_set(err, DUM_EDAMAGED,
		                 "%s is damaged or not a database (%s)", path,
		                 text);
	case SQLITE_READONLY:
		return error_set(err, DUM_EREADONLY,
		                 "%s can only be read: its file system is "
		                 "read-only, or it belongs to another user",
		                 path);
	case SQLITE_IOERR:
		return error_set(err, DUM_ESYS, "%s: %s: %s (%s)", path, doing,
		                 text, strerror(io_errno(sqlite)));
	case SQLITE_CONSTRAINT:
		return error_set(err, DUM_ECONFLICT, "%s: %s", doing, text);
	case SQLITE_NOMEM:
		return error_set(err, DUM_ENOMEM, "out of memory");
	default:
		return error_set(err, DUM_ESYS, "%s: %s: %s", path, doing,
		                 text);
	}
}

enum dum_status db_error(struct db *db, int rc, const char *doing,
                         struct dum_error *err)
{
	if ((rc & 0xff) == SQLITE_IOERR)
		db->broken = true;
	return db_engine_error(db->sqlite, db->path, rc, doing, err);
}

enum dum_status db_exec(struct db *db, const char *sql, struct dum_error *err)
{
	int rc = sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? DUM_OK : db_error(db, rc, sql, err);
}

enum dum_status db_number(int64_t *out, struct db *db, const char *sql,
                          struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	sqlite3_stmt *statement = NULL;
	int rc;

	rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(statement, 0);
	else
		status = db_error(db, rc, sql, err);
	sqlite3_finalize(statement);
	return status;
}

int db_leave_log_alone(sqlite3 *sqlite)
{
	int rc = sqlite3_wal_autocheckpoint(sqlite, 0);

	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
		                       1, NULL);
	return rc;
}

static int set_limits(sqlite3 *sqlite)
{
	int rc = SQLITE_OK;

	sqlite3_extended_result_codes(sqlite, 1);
	rc |= sqlite3_db_config(sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	rc |= sqlite3_db_config(sqlite, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	rc |= sqlite3_db_config(sqlite, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	rc |= sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
	                        0, NULL);
	/*
	 * The last one to close would checkpoint behind db_checkpoint's back.
	 */
	rc |= db_leave_log_alone(sqlite);
	sqlite3_limit(sqlite, SQLITE_LIMIT_ATTACHED, 0);
	return rc;
}

static int set_pragmas(sqlite3 *sqlite, const struct config *config,
                       bool *no_memory)
{
	struct strbuf sql = STRBUF_INIT;
	int rc = SQLITE_NOMEM;

	strbuf_addf(&sql,
	            "PRAGMA busy_timeout = %lld;"
	            "PRAGMA wal_autocheckpoint = 0;"
	            "PRAGMA synchronous = %s;"
	            "PRAGMA foreign_keys = ON;"
	            "PRAGMA trusted_schema = OFF;"
	            "PRAGMA cell_size_check = ON;"
	            "PRAGMA mmap_size = 0;"
	            "PRAGMA journal_size_limit = " WAL_KEPT_BYTES ";"
	            "PRAGMA temp_store = %s;"
	            "PRAGMA cache_size = -%lld",
	            (long long)config->sqlite_busy_timeout,
	            config->sqlite_synchronous, config->sqlite_temp_store,
	            (long long)config->sqlite_cache_size);
	*no_memory = !strbuf_ok(&sql);
	if (!*no_memory)
		rc = sqlite3_exec(sqlite, sql.buf, NULL, NULL, NULL);
	strbuf_release(&sql);
	return rc;
}

enum dum_status db_connect(sqlite3 **out, const char *path,
                           const struct config *config, struct dum_error *err)
{
	sqlite3 *sqlite = NULL;
	enum dum_status status = DUM_OK;
	bool no_memory = false;
	int rc;

	rc = sqlite3_open_v2(path, &sqlite,
	                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK)
		rc = set_limits(sqlite);
	if (rc == SQLITE_OK)
		rc = set_pragmas(sqlite, config, &no_memory);
	if (no_memory)
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else if (rc != SQLITE_OK)
		status = db_engine_error(sqlite, path, rc, "open", err);
	if (status == DUM_OK)
		*out = sqlite;
	else
		sqlite3_close(sqlite);
	return status;
}
