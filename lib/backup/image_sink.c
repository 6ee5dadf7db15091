/*
 * A file system for SQLite with one file in it. The backup writes page 2 to
 * the last in order, then page 1; it reads nothing but page 1. Should another
 * release of SQLite go about it in another way, it fails here and loudly: a
 * guess would be a broken backup.
 */
#include "backup/image_sink.h"
#include "store/handle.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The page at this place is SQLite's lock page; a backup leaves it out. */
#define LOCK_BYTE INT64_C(0x40000000)

enum { SECTOR_BYTES = 4096, PATH_BYTES = 64 };

struct image_sink {
	sqlite3_vfs vfs;
	char name[40];
	sqlite3 *handle;
	image_sink_fn fn;
	void *arg;
	struct dum_error err; /* the first one */
	sqlite3_int64 next;   /* where the next page has to go; 0: none yet */
	size_t first_len;     /* 0: not written yet */
	unsigned char first[IMAGE_PAGE_MAX];
};

/* What SQLite makes room for; it starts with SQLite's own part. */
struct sink_file {
	sqlite3_file base;
	struct image_sink *sink;
};

static struct image_sink *sink_of(sqlite3_file *file)
{
	/* cppcheck-suppress invalidPointerCast */
	return ((struct sink_file *)file)->sink;
}

static int sink_close(sqlite3_file *file)
{
	(void)file;
	return SQLITE_OK;
}

static int sink_read(sqlite3_file *file, void *data, int len,
                     sqlite3_int64 offset)
{
	const struct image_sink *sink = sink_of(file);

	if (offset + len <= (sqlite3_int64)sink->first_len) {
		memcpy(data, sink->first + offset, (size_t)len);
		return SQLITE_OK;
	}
	memset(data, 0, (size_t)len);
	return offset >= sink->next ? SQLITE_IOERR_SHORT_READ
	                            : SQLITE_IOERR_READ;
}

static int pass_on(struct image_sink *sink, const void *data, size_t len)
{
	if (sink->fn(sink->arg, data, len, &sink->err) != DUM_OK)
		return SQLITE_IOERR_WRITE;
	sink->next += (sqlite3_int64)len;
	return SQLITE_OK;
}

static int write_first(struct image_sink *sink, const void *data, size_t len)
{
	if (len > sizeof(sink->first)) {
		error_set(&sink->err, DUM_EINVAL,
		          "a database with pages of %zu bytes can not be "
		          "backed up; at most %d",
		          len, IMAGE_PAGE_MAX);
		return SQLITE_IOERR_WRITE;
	}
	memcpy(sink->first, data, len);
	sink->first_len = len;
	return SQLITE_OK;
}

static int sink_write(sqlite3_file *file, const void *data, int len,
                      sqlite3_int64 offset)
{
	static const unsigned char zeros[IMAGE_PAGE_MAX];
	struct image_sink *sink = sink_of(file);
	int rc = SQLITE_OK;

	if (sink->err.status != DUM_OK)
		return SQLITE_IOERR_WRITE;
	if (offset == 0)
		return write_first(sink, data, (size_t)len);
	if (sink->next == 0)
		sink->next = len; /* behind the first page */
	if (sink->next == LOCK_BYTE && offset == LOCK_BYTE + len &&
	    len <= IMAGE_PAGE_MAX)
		rc = pass_on(sink, zeros, (size_t)len);
	if (rc != SQLITE_OK)
		return rc;
	if (offset != sink->next) {
		error_set(&sink->err, DUM_ESYS,
		          "SQLite %s writes the pages of a backup out of order "
		          "(at %lld, not %lld)",
		          sqlite3_libversion(), (long long)offset,
		          (long long)sink->next);
		return SQLITE_IOERR_WRITE;
	}
	return pass_on(sink, data, (size_t)len);
}

static int sink_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	const struct image_sink *sink = sink_of(file);

	return size >= sink->next ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int sink_sync(sqlite3_file *file, int flags)
{
	(void)file;
	(void)flags;
	return SQLITE_OK;
}

static int sink_size(sqlite3_file *file, sqlite3_int64 *size)
{
	const struct image_sink *sink = sink_of(file);

	*size = sink->next;
	return SQLITE_OK;
}

static int sink_lock(sqlite3_file *file, int level)
{
	(void)file;
	(void)level;
	return SQLITE_OK;
}

static int sink_reserved(sqlite3_file *file, int *out)
{
	(void)file;
	*out = 0;
	return SQLITE_OK;
}

static int sink_control(sqlite3_file *file, int op, void *arg)
{
	(void)file;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int sink_sector(sqlite3_file *file)
{
	(void)file;
	return SECTOR_BYTES;
}

static int sink_device(sqlite3_file *file)
{
	(void)file;
	return 0;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = sink_close,
    .xRead = sink_read,
    .xWrite = sink_write,
    .xTruncate = sink_truncate,
    .xSync = sink_sync,
    .xFileSize = sink_size,
    .xLock = sink_lock,
    .xUnlock = sink_lock,
    .xCheckReservedLock = sink_reserved,
    .xFileControl = sink_control,
    .xSectorSize = sink_sector,
    .xDeviceCharacteristics = sink_device,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
                    int flags, int *out_flags)
{
	/* cppcheck-suppress invalidPointerCast */
	struct sink_file *own = (struct sink_file *)file;

	(void)name;
	file->pMethods = NULL;
	if ((flags & SQLITE_OPEN_MAIN_DB) == 0)
		return SQLITE_CANTOPEN;
	own->sink = vfs->pAppData;
	file->pMethods = &methods;
	if (out_flags != NULL)
		*out_flags = flags;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	(void)name;
	(void)sync;
	return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	(void)vfs;
	(void)name;
	(void)flags;
	*out = 0;
	return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int len, char *out)
{
	(void)vfs;
	snprintf(out, (size_t)len, "%s", name);
	return SQLITE_OK;
}

static int vfs_time(sqlite3_vfs *vfs, double *out)
{
	(void)vfs;
	*out = 0;
	return SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	memset(out, 0, (size_t)len);
	return len;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us;
}

/*
 * The file system is this sink's own and known under its address, as it has
 * no other way to hand the sink to vfs_open().
 */
static int open_handle(struct image_sink *sink)
{
	int rc;

	snprintf(sink->name, sizeof(sink->name), "dum-sink-%p", (void *)sink);
	sink->vfs = (sqlite3_vfs){
	    .iVersion = 1,
	    .szOsFile = sizeof(struct sink_file),
	    .mxPathname = PATH_BYTES,
	    .zName = sink->name,
	    .pAppData = sink,
	    .xOpen = vfs_open,
	    .xDelete = vfs_delete,
	    .xAccess = vfs_access,
	    .xFullPathname = vfs_full_path,
	    .xRandomness = vfs_random,
	    .xSleep = vfs_sleep,
	    .xCurrentTime = vfs_time,
	};
	rc = sqlite3_vfs_register(&sink->vfs, 0);
	if (rc == SQLITE_OK)
		rc = sqlite3_open_v2("image", &sink->handle,
		                     SQLITE_OPEN_READWRITE |
		                         SQLITE_OPEN_CREATE |
		                         SQLITE_OPEN_NOMUTEX,
		                     sink->name);
	/* It is written once, and nobody else sees it. */
	if (rc == SQLITE_OK)
		rc = db_leave_log_alone(sink->handle);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(sink->handle,
		                  "PRAGMA journal_mode = OFF;"
		                  "PRAGMA synchronous = OFF",
		                  NULL, NULL, NULL);
	return rc;
}

enum dum_status image_sink_new(struct image_sink **out, image_sink_fn fn,
                               void *arg, struct dum_error *err)
{
	struct image_sink *sink = calloc(1, sizeof(*sink));
	int rc;

	if (sink == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	sink->fn = fn;
	sink->arg = arg;
	rc = open_handle(sink);
	if (rc != SQLITE_OK) {
		image_sink_free(sink);
		return error_set(err, DUM_ESYS, "cannot stream a backup: %s",
		                 sqlite3_errstr(rc));
	}
	*out = sink;
	return DUM_OK;
}

void image_sink_free(struct image_sink *sink)
{
	if (sink == NULL)
		return;
	sqlite3_close(sink->handle);
	sqlite3_vfs_unregister(&sink->vfs);
	free(sink);
}

sqlite3 *image_sink_handle(const struct image_sink *sink)
{
	return sink->handle;
}

enum dum_status image_sink_error(const struct image_sink *sink,
                                 struct dum_error *err)
{
	if (sink->err.status == DUM_OK)
		return DUM_OK;
	return error_set(err, sink->err.status, "%s", sink->err.text);
}

const void *image_sink_first_page(const struct image_sink *sink,
                                  size_t *len_out)
{
	*len_out = sink->first_len;
	return sink->first_len > 0 ? sink->first : NULL;
}
