/*
 * Three ways to open the file, by what stands in it and beside it:
 *
 * no log mode       read only; SQLite's locks keep its writers away
 * log mode, -wal    read only; the log is part of what is read
 * log mode, no -wal its last user has closed it. SQLite would make -wal and
 *                   -shm anew, in a folder that is not ours; so it is opened
 *                   as immutable, and looked at afterwards: did it move?
 */
#include "store/foreign_open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/strbuf.h"

enum {
	BUSY_TIMEOUT_MS = 5000,
	ROW_BYTES_MAX = 1024 * 1024,
	WAL_MODE_AT = 18, /* bytes 18 and 19 of the file: 2 */
	HEAD_BYTES = 20
};

enum dum_status foreign_error(struct foreign *f, int rc, struct dum_error *err)
{
	const char *text = f->sqlite != NULL ? sqlite3_errmsg(f->sqlite)
	                                     : sqlite3_errstr(rc);

	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(err, DUM_EBUSY,
		                 "%s is locked by another program; stop that, "
		                 "or try again",
		                 f->path);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
	case SQLITE_TOOBIG:
		return error_set(err, DUM_EDAMAGED,
		                 "%s is damaged or not a database (%s)",
		                 f->path, text);
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return error_set(err, DUM_ESYS,
		                 "cannot open %s (%s): copy it and the files "
		                 "beside it (-wal, -journal) into a folder of "
		                 "yours and import that",
		                 f->path, text);
	case SQLITE_NOMEM:
		return error_set(err, DUM_ENOMEM, "out of memory");
	default:
		return error_set(err, DUM_ESYS, "%s: %s", f->path, text);
	}
}

/* SQLite looks beside the file itself, whatever links lead to it. */
static bool has_log(const struct foreign *f)
{
	char *file = realpath(f->path, NULL);
	struct strbuf path = STRBUF_INIT;
	struct stat st;
	bool found;

	strbuf_addf(&path, "%s-wal", file != NULL ? file : f->path);
	found = !strbuf_ok(&path) || stat(path.buf, &st) == 0;
	strbuf_release(&path);
	free(file);
	return found;
}

static enum dum_status look(bool *log_mode, struct foreign *f,
                            struct dum_error *err)
{
	unsigned char head[HEAD_BYTES] = {0};
	enum dum_status status = DUM_OK;
	int fd;

	/* Not blocking: it may be a FIFO. */
	fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return error_set(err,
		                 errno == ENOENT ? DUM_ENOTFOUND : DUM_ESYS,
		                 "%s: %s", f->path, strerror(errno));
	if (fstat(fd, &f->seen) != 0 ||
	    (S_ISREG(f->seen.st_mode) &&
	     fs_read_all(fd, head, sizeof(head)) < 0))
		status = error_set(err, DUM_ESYS, "%s: %s", f->path,
		                   strerror(errno));
	else if (!S_ISREG(f->seen.st_mode))
		status = error_set(err, DUM_ESCHEMA, "%s is not a file",
		                   f->path);
	close(fd);
	*log_mode = head[WAL_MODE_AT] == 2;
	return status;
}

/* A name of a file as a URI, whatever is in it. */
static void write_uri(struct strbuf *out, const char *path)
{
	static const char digits[] = "0123456789ABCDEF";

	strbuf_adds(out, "file:");
	for (const char *p = path; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (strchr("?#%", *p) == NULL && c > 0x20 && c < 0x7f) {
			strbuf_addc(out, *p);
			continue;
		}
		strbuf_addc(out, '%');
		strbuf_addc(out, digits[c >> 4]);
		strbuf_addc(out, digits[c & 15]);
	}
	strbuf_adds(out, "?immutable=1");
}

static int open_file(struct foreign *f)
{
	struct strbuf uri = STRBUF_INIT;
	int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, rc;

	if (!f->immutable)
		return sqlite3_open_v2(f->path, &f->sqlite, flags, NULL);
	write_uri(&uri, f->path);
	rc = strbuf_ok(&uri) ? sqlite3_open_v2(uri.buf, &f->sqlite,
	                                       flags | SQLITE_OPEN_URI, NULL)
	                     : SQLITE_NOMEM;
	strbuf_release(&uri);
	return rc;
}

/* The file is a stranger's: nothing of its schema is to be run. */
static int set_limits(sqlite3 *sqlite)
{
	int rc = SQLITE_OK;

	sqlite3_extended_result_codes(sqlite, 1);
	rc |= sqlite3_db_config(sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	rc |= sqlite3_db_config(sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
	                        NULL);
	rc |= sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	rc |= sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0,
	                        NULL);
	rc |= sqlite3_db_config(sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
	                        NULL);
	sqlite3_limit(sqlite, SQLITE_LIMIT_LENGTH, ROW_BYTES_MAX);
	sqlite3_limit(sqlite, SQLITE_LIMIT_ATTACHED, 0);
	rc |= sqlite3_busy_timeout(sqlite, BUSY_TIMEOUT_MS);
	rc |= sqlite3_exec(sqlite,
	                   "PRAGMA wal_autocheckpoint = 0;"
	                   "PRAGMA query_only = ON;"
	                   "PRAGMA cell_size_check = ON;"
	                   "PRAGMA mmap_size = 0",
	                   NULL, NULL, NULL);
	return rc;
}

enum dum_status foreign_connect(struct foreign *f, struct dum_error *err)
{
	enum dum_status status;
	bool log_mode = false;
	int rc;

	status = look(&log_mode, f, err);
	if (status != DUM_OK)
		return status;
	f->immutable = log_mode && !has_log(f);
	rc = open_file(f);
	if (rc == SQLITE_OK)
		rc = set_limits(f->sqlite);
	/* From here on it is one state that is read. */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(f->sqlite, "BEGIN", NULL, NULL, NULL);
	return rc == SQLITE_OK ? DUM_OK : foreign_error(f, rc, err);
}

enum dum_status foreign_check_unchanged(struct foreign *foreign,
                                        struct dum_error *err)
{
	struct stat now;

	if (!foreign->immutable)
		return DUM_OK;
	if (stat(foreign->path, &now) == 0 && !has_log(foreign) &&
	    now.st_ino == foreign->seen.st_ino &&
	    now.st_size == foreign->seen.st_size &&
	    now.st_mtim.tv_sec == foreign->seen.st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == foreign->seen.st_mtim.tv_nsec)
		return DUM_OK;
	return error_set(err, DUM_EBUSY,
	                 "%s was changed while it was read: stop the program "
	                 "that writes it, or try again",
	                 foreign->path);
}
