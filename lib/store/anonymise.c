/*
 * The copy has a connection of its own, that no other program knows of: none
 * of the rules for the live file hold for it. It is made beside its place and
 * renamed when it is whole.
 */
#include "store/anonymise.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/strbuf.h"
#include "crypto/random.h"
#include "store/handle.h"

/* Digits of the name that a location gets. */
enum { NAME_DIGITS = 16, DISPLAY_DIGITS = 6 };

/* Of the copy, while something holds the source. */
enum { TRIES = 100, PAUSE_MS = 20 };

/* Statements without values, one after the other; SQL__MAX ends them. */
static const enum sql_query clearing[] = {
    SQL_ANONYMISE_IMPORTS,
    SQL_ANONYMISE_SYSTEM_INFO,
    SQL_ANONYMISE_JOURNAL,
    SQL_ANONYMISE_JOURNAL_PRUNES,
    SQL_ANONYMISE_SESSIONS,
    SQL_ANONYMISE_RECOVERY_CODES,
    SQL_ANONYMISE_API_KEYS,
    SQL_ANONYMISE_LOCATION_GRANTS,
    SQL_ANONYMISE_LOGIN_ATTEMPTS,
    SQL_ANONYMISE_IDEMPOTENCY_KEYS,
    SQL_ANONYMISE_JOBS,
    SQL_ANONYMISE_USERS,
    SQL__MAX,
};

struct copy {
	sqlite3 *sqlite;
	const char *path;
	struct hmac *hmac;
	struct dum_error *err;
};

static enum dum_status failed(const struct copy *copy, const char *doing)
{
	int rc = sqlite3_errcode(copy->sqlite) & 0xff;

	return error_set(copy->err,
	                 rc == SQLITE_FULL    ? DUM_EFULL
	                 : rc == SQLITE_NOMEM ? DUM_ENOMEM
	                                      : DUM_ESYS,
	                 "%s: %s: %s", copy->path, doing,
	                 sqlite3_errmsg(copy->sqlite));
}

static enum dum_status run(const struct copy *copy, const char *sql)
{
	return sqlite3_exec(copy->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK
	           ? DUM_OK
	           : failed(copy, sql);
}

static sqlite3_stmt *prepare(const struct copy *copy, enum sql_query which)
{
	sqlite3_stmt *statement = NULL;

	sqlite3_prepare_v2(copy->sqlite, sql_queries[which], -1, &statement,
	                   NULL);
	return statement;
}

static void bind_text(sqlite3_stmt *statement, const char *name,
                      const char *text)
{
	sqlite3_bind_text(statement,
	                  sqlite3_bind_parameter_index(statement, name), text,
	                  -1, SQLITE_TRANSIENT);
}

static void bind_int(sqlite3_stmt *statement, const char *name, int64_t n)
{
	sqlite3_bind_int64(statement,
	                   sqlite3_bind_parameter_index(statement, name), n);
}

/* Step a statement that gives no rows, and end it. */
static enum dum_status finish(const struct copy *copy, sqlite3_stmt *statement,
                              enum sql_query which)
{
	int rc = sqlite3_step(statement);

	sqlite3_finalize(statement);
	return rc == SQLITE_DONE ? DUM_OK
	                         : failed(copy, sql_query_names[which]);
}

static enum dum_status take_pages(struct copy *copy, struct db *db)
{
	sqlite3_backup *backup;
	int rc, tries = 0;

	backup = sqlite3_backup_init(copy->sqlite, "main", db->sqlite, "main");
	if (backup == NULL)
		return failed(copy, "copy");
	/* All at once: a copy in steps starts over with each change. */
	do {
		rc = sqlite3_backup_step(backup, -1);
		if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
			sqlite3_sleep(PAUSE_MS);
	} while ((rc == SQLITE_BUSY || rc == SQLITE_LOCKED) && ++tries < TRIES);
	return sqlite3_backup_finish(backup) == SQLITE_OK
	           ? DUM_OK
	           : failed(copy, "copy");
}

/* The next location after an id; *id is 0 at the end. */
static enum dum_status next_location(int64_t *id, struct strbuf *name,
                                     const struct copy *copy)
{
	sqlite3_stmt *statement = prepare(copy, SQL_ANONYMISE_NEXT_LOCATION);
	int rc;

	bind_int(statement, ":id", *id);
	rc = sqlite3_step(statement);
	*id = 0;
	strbuf_reset(name);
	if (rc == SQLITE_ROW) {
		*id = sqlite3_column_int64(statement, 0);
		strbuf_adds(name,
		            (const char *)sqlite3_column_text(statement, 1));
	}
	sqlite3_finalize(statement);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? DUM_OK
	                                             : failed(copy, "names");
}

static enum dum_status rename_location(const struct copy *copy, int64_t id,
                                       const struct strbuf *name)
{
	char hex[HASH_HEX_MAX], text[64];
	unsigned char mac[HASH_BYTES];
	sqlite3_stmt *statement;
	enum dum_status status;

	hmac_write(copy->hmac, name->buf, name->len);
	status = hmac_finish(copy->hmac, mac, copy->err);
	if (status != DUM_OK)
		return status;
	hex_write(hex, mac, sizeof(mac));
	statement = prepare(copy, SQL_ANONYMISE_LOCATION);
	bind_int(statement, ":id", id);
	snprintf(text, sizeof(text), "location_%.*s", NAME_DIGITS, hex);
	bind_text(statement, ":name", text);
	snprintf(text, sizeof(text), "Location %.*s", DISPLAY_DIGITS, hex);
	bind_text(statement, ":display_name", text);
	return finish(copy, statement, SQL_ANONYMISE_LOCATION);
}

static enum dum_status rename_locations(const struct copy *copy)
{
	struct strbuf name = STRBUF_INIT;
	enum dum_status status;
	int64_t id = 0;

	status = next_location(&id, &name, copy);
	while (status == DUM_OK && id != 0) {
		status = rename_location(copy, id, &name);
		if (status == DUM_OK)
			status = next_location(&id, &name, copy);
	}
	strbuf_release(&name);
	return status;
}

static enum dum_status new_id(const struct copy *copy)
{
	sqlite3_stmt *statement;
	enum dum_status status;
	char id[33];

	status = random_hex(id, 16, copy->err);
	if (status != DUM_OK)
		return status;
	statement = prepare(copy, SQL_ANONYMISE_DATABASE_ID);
	bind_text(statement, ":database_id", id);
	return finish(copy, statement, SQL_ANONYMISE_DATABASE_ID);
}

static enum dum_status clear(const struct copy *copy)
{
	enum dum_status status = DUM_OK;

	for (int i = 0; clearing[i] != SQL__MAX && status == DUM_OK; i++)
		status = run(copy, sql_queries[clearing[i]]);
	return status;
}

static enum dum_status count(struct anonymise_counts *out,
                             const struct copy *copy)
{
	sqlite3_stmt *statement = prepare(copy, SQL_ANONYMISE_COUNT);
	enum dum_status status = DUM_OK;

	if (sqlite3_step(statement) == SQLITE_ROW) {
		out->locations = sqlite3_column_int64(statement, 0);
		out->records = sqlite3_column_int64(statement, 1);
	} else {
		status = failed(copy, "count");
	}
	sqlite3_finalize(statement);
	return status;
}

static enum dum_status scrub(struct anonymise_counts *out, struct copy *copy,
                             struct db *db)
{
	enum dum_status status = take_pages(copy, db);

	/*
	 * A file of one part; and no journal beside it, which would hold what
	 * is being taken out: a copy that fails is thrown away.
	 */
	if (status == DUM_OK)
		status = run(copy, "PRAGMA journal_mode = DELETE;"
		                   "PRAGMA journal_mode = OFF;"
		                   "PRAGMA synchronous = OFF; BEGIN");
	if (status == DUM_OK)
		status = rename_locations(copy);
	if (status == DUM_OK)
		status = clear(copy);
	if (status == DUM_OK)
		status = new_id(copy);
	if (status == DUM_OK)
		status = count(out, copy);
	if (status == DUM_OK)
		status = run(copy, "COMMIT");
	if (status == DUM_OK)
		status = run(copy, "VACUUM");
	return status;
}

/* A key of one use, and a file that nobody else can read. */
static enum dum_status open_copy(struct copy *copy, int *fd_out)
{
	unsigned char salt[HASH_BYTES];
	enum dum_status status;
	int fd;

	status = random_bytes(salt, sizeof(salt), copy->err);
	if (status == DUM_OK)
		status = hmac_new(&copy->hmac, salt, sizeof(salt), copy->err);
	explicit_bzero(salt, sizeof(salt));
	if (status != DUM_OK)
		return status;
	fd = open(copy->path,
	          O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set(copy->err,
		                 errno == EEXIST ? DUM_ECONFLICT : DUM_ESYS,
		                 "%s: %s", copy->path, strerror(errno));
	*fd_out = fd;
	if (sqlite3_open_v2(copy->path, &copy->sqlite,
	                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
	                    NULL) != SQLITE_OK ||
	    sqlite3_db_config(copy->sqlite, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0,
	                      NULL) != SQLITE_OK)
		return failed(copy, "open");
	return run(copy, "PRAGMA secure_delete = ON");
}

static enum dum_status publish(const char *partial, const char *path, int fd,
                               struct dum_error *err)
{
	int rc = fsync(fd);

	/* What is there is not written over; not every file system can tell. */
	if (rc == 0)
		rc = renameat2(AT_FDCWD, partial, AT_FDCWD, path,
		               RENAME_NOREPLACE);
	if (rc != 0 && errno == EINVAL)
		rc = rename(partial, path);
	if (rc != 0)
		return error_set(err,
		                 errno == EEXIST ? DUM_ECONFLICT : DUM_ESYS,
		                 "%s: %s", path, strerror(errno));
	return fs_sync_parent(path, err);
}

enum dum_status anonymise(struct anonymise_counts *out, struct db *db,
                          const char *path, struct dum_error *err)
{
	struct strbuf partial = STRBUF_INIT;
	struct anonymise_counts counts = {0};
	struct copy copy = {.err = err};
	enum dum_status status;
	int fd = -1;

	strbuf_addf(&partial, "%s.partial", path);
	if (!strbuf_ok(&partial)) {
		status = error_set(err, DUM_ENOMEM, "out of memory");
		goto out;
	}
	copy.path = partial.buf;
	if (fs_exists(path))
		status = error_set(err, DUM_ECONFLICT, "%s is there already",
		                   path);
	else
		status = open_copy(&copy, &fd);
	if (status == DUM_OK)
		status = scrub(&counts, &copy, db);
	sqlite3_close(copy.sqlite);
	if (status == DUM_OK)
		status = publish(partial.buf, path, fd, err);
	if (status == DUM_OK)
		*out = counts;
out:
	if (fd >= 0 && status != DUM_OK)
		unlink(partial.buf);
	if (fd >= 0)
		close(fd);
	hmac_free(copy.hmac);
	strbuf_release(&partial);
	return status;
}
