/*
 * sqlite_watch - stands between a program and SQLite (LD_PRELOAD) and writes
 * down how each connection treats the write-ahead log.
 *
 * After each call that may have committed something, and before a handle is
 * closed, it asks that handle for its automatic checkpoint; a checkpoint that
 * is asked for is noted with its mode and with whether another handle of the
 * process held the lock of writers meanwhile. One line for each thing learned,
 * appended to the file that $SQLITE_WATCH names:
 *
 *	PROGRAM PID HANDLE open
 *	PROGRAM PID HANDLE auto PAGES	automatic checkpoints are on
 *	PROGRAM PID HANDLE checkpoint MODE LOCKED
 *	PROGRAM PID HANDLE sql TEXT	a checkpoint by SQL
 *	PROGRAM PID HANDLE close PAGES CHECKPOINT_ON_CLOSE
 *
 * Used by test_checkpoint.py.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

enum { HANDLES_MAX = 64 };

static sqlite3 *handles[HANDLES_MAX];
static bool looking; /* one of our own calls runs */

/* SQLite's function of that name; a program without it never gets here. */
static void *real(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (found == NULL)
		abort();
	return found;
}

#define REAL(name) ((__typeof__(&(name)))real(#name))

__attribute__((format(printf, 2, 3))) static void note(sqlite3 *db,
                                                       const char *fmt, ...)
{
	const char *path = getenv("SQLITE_WATCH");
	char line[512];
	va_list args;
	int fd, len;

	if (path == NULL)
		return;
	len = snprintf(line, sizeof(line), "%s %d %p ",
	               program_invocation_short_name, (int)getpid(),
	               (void *)db);
	va_start(args, fmt);
	len += vsnprintf(line + len, sizeof(line) - (size_t)len - 1, fmt, args);
	va_end(args);
	if (len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, line, (size_t)len) != len)
		abort();
	close(fd);
}

static void remember(sqlite3 *db)
{
	int at = -1;

	for (int i = 0; i < HANDLES_MAX; i++) {
		if (handles[i] == db)
			return;
		if (at < 0 && handles[i] == NULL)
			at = i;
	}
	if (at < 0)
		abort();
	handles[at] = db;
	note(db, "open");
}

static int automatic_pages(sqlite3 *db)
{
	sqlite3_stmt *statement = NULL;
	int pages = -1;

	looking = true;
	if (REAL(sqlite3_prepare_v2)(db, "PRAGMA wal_autocheckpoint", -1,
	                             &statement, NULL) == SQLITE_OK &&
	    REAL(sqlite3_step)(statement) == SQLITE_ROW)
		pages = REAL(sqlite3_column_int)(statement, 0);
	REAL(sqlite3_finalize)(statement);
	looking = false;
	return pages;
}

static void look(sqlite3 *db)
{
	int pages;

	if (looking || db == NULL)
		return;
	remember(db);
	pages = automatic_pages(db);
	if (pages != 0)
		note(db, "auto %d", pages);
}

int sqlite3_step(sqlite3_stmt *statement)
{
	sqlite3 *db = REAL(sqlite3_db_handle)(statement);
	const char *sql = REAL(sqlite3_sql)(statement);
	bool pragma = sql != NULL && strncmp(sql, "PRAGMA", 6) == 0;
	int rc = REAL(sqlite3_step)(statement);

	/*
	 * A row does not end anything yet. Pragmas are looked at when all of
	 * their text is through: one of them turns it off.
	 */
	if (rc != SQLITE_ROW && !pragma)
		look(db);
	return rc;
}

int sqlite3_exec(sqlite3 *db, const char *sql,
                 int (*callback)(void *, int, char **, char **), void *arg,
                 char **message)
{
	int rc = REAL(sqlite3_exec)(db, sql, callback, arg, message);

	if (strstr(sql, "wal_checkpoint") != NULL)
		note(db, "sql %s", sql);
	look(db);
	return rc;
}

int sqlite3_prepare_v2(sqlite3 *db, const char *sql, int len,
                       sqlite3_stmt **out, const char **tail)
{
	if (strstr(sql, "wal_checkpoint") != NULL)
		note(db, "sql %s", sql);
	return REAL(sqlite3_prepare_v2)(db, sql, len, out, tail);
}

int sqlite3_prepare_v3(sqlite3 *db, const char *sql, int len, unsigned flags,
                       sqlite3_stmt **out, const char **tail)
{
	if (strstr(sql, "wal_checkpoint") != NULL)
		note(db, "sql %s", sql);
	return REAL(sqlite3_prepare_v3)(db, sql, len, flags, out, tail);
}

static bool another_writes(sqlite3 *db)
{
	for (int i = 0; i < HANDLES_MAX; i++)
		if (handles[i] != NULL && handles[i] != db &&
		    REAL(sqlite3_txn_state)(handles[i], NULL) ==
		        SQLITE_TXN_WRITE)
			return true;
	return false;
}

int sqlite3_wal_checkpoint_v2(sqlite3 *db, const char *name, int mode,
                              int *in_log, int *copied)
{
	bool locked = another_writes(db);
	int rc = REAL(sqlite3_wal_checkpoint_v2)(db, name, mode, in_log,
	                                         copied);

	note(db, "checkpoint %d %d", mode, locked && another_writes(db));
	look(db);
	return rc;
}

int sqlite3_wal_checkpoint(sqlite3 *db, const char *name)
{
	return sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE,
	                                 NULL, NULL);
}

static void forget(sqlite3 *db)
{
	int not_on_close = 0;

	if (db == NULL)
		return;
	REAL(sqlite3_db_config)
	(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, -1, &not_on_close);
	note(db, "close %d %d", automatic_pages(db), !not_on_close);
	for (int i = 0; i < HANDLES_MAX; i++)
		if (handles[i] == db)
			handles[i] = NULL;
}

int sqlite3_close(sqlite3 *db)
{
	forget(db);
	return REAL(sqlite3_close)(db);
}

int sqlite3_close_v2(sqlite3 *db)
{
	forget(db);
	return REAL(sqlite3_close_v2)(db);
}
