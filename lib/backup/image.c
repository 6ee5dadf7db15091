#include "backup/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "store/handle.h"

struct image {
	struct strbuf folder, path;
	int fd;
	sqlite3 *handle;
};

/* What may lie in the folder: the file, and what the engine puts beside it. */
static const char *const endings[] = {"", "-wal", "-shm", "-journal", "-lock"};

static enum dum_status make_file(struct image *image, struct dum_error *err)
{
	if (mkdir(image->folder.buf, 0700) != 0)
		return error_set(err, fs_write_status(errno), "%s: %s",
		                 image->folder.buf, strerror(errno));
	image->fd = open(image->path.buf, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
	                 0600);
	if (image->fd < 0)
		return error_set(err, fs_write_status(errno), "%s: %s",
		                 image->path.buf, strerror(errno));
	return DUM_OK;
}

enum dum_status image_new(struct image **out, const struct backup_dir *dir,
                          int64_t bytes, struct dum_error *err)
{
	struct image *image = calloc(1, sizeof(*image));
	static int number; /* of this process, so that two can be at once */
	enum dum_status status;

	if (image == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	image->fd = -1;
	strbuf_init(&image->folder);
	strbuf_init(&image->path);
	strbuf_addf(&image->folder, "%s/scratch-%ld-%d.partial",
	            backup_dir_path(dir), (long)getpid(), ++number);
	strbuf_addf(&image->path, "%s/image.db", image->folder.buf);
	if (!strbuf_ok(&image->folder) || !strbuf_ok(&image->path))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = backup_dir_need(dir, bytes, "unpacking a backup", err);
	if (status == DUM_OK)
		status = make_file(image, err);
	if (status != DUM_OK) {
		image_free(image);
		return status;
	}
	*out = image;
	return DUM_OK;
}

void image_free(struct image *image)
{
	struct strbuf path = STRBUF_INIT;

	if (image == NULL)
		return;
	image_close(image);
	if (image->fd >= 0)
		close(image->fd);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		strbuf_reset(&path);
		strbuf_addf(&path, "%s%s", image->path.buf, endings[i]);
		if (strbuf_ok(&path))
			unlink(path.buf);
	}
	rmdir(image->folder.buf);
	strbuf_release(&path);
	strbuf_release(&image->folder);
	strbuf_release(&image->path);
	free(image);
}

const char *image_path(const struct image *image)
{
	return image->path.buf;
}

enum dum_status image_write(struct image *image, const void *data, size_t len,
                            struct dum_error *err)
{
	if (fs_write_all(image->fd, data, len) != 0)
		return error_set(err, fs_write_status(errno), "%s: %s",
		                 image->path.buf, strerror(errno));
	return DUM_OK;
}

/* Nobody writes to it, so there is nothing to lock or to look for beside it. */
enum dum_status image_open(sqlite3 **out, struct image *image,
                           struct dum_error *err)
{
	struct strbuf uri = STRBUF_INIT;
	int rc = SQLITE_NOMEM;

	image_close(image);
	strbuf_adds(&uri, "file:");
	for (const char *c = image->path.buf; *c != '\0'; c++) {
		if (strchr("?#%", *c) != NULL)
			strbuf_addf(&uri, "%%%02X", (unsigned)*c);
		else
			strbuf_addc(&uri, *c);
	}
	strbuf_adds(&uri, "?immutable=1");
	if (strbuf_ok(&uri))
		rc = sqlite3_open_v2(uri.buf, &image->handle,
		                     SQLITE_OPEN_READONLY | SQLITE_OPEN_URI |
		                         SQLITE_OPEN_NOMUTEX,
		                     NULL);
	strbuf_release(&uri);
	if (rc == SQLITE_OK)
		rc = db_leave_log_alone(image->handle);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(image->handle,
		                  "PRAGMA trusted_schema = OFF;"
		                  "PRAGMA cell_size_check = ON;"
		                  "PRAGMA mmap_size = 0;"
		                  "PRAGMA cache_size = -8000",
		                  NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return db_engine_error(image->handle, image->path.buf, rc,
		                       "open", err);
	*out = image->handle;
	return DUM_OK;
}

void image_close(struct image *image)
{
	sqlite3_close(image->handle);
	image->handle = NULL;
}

/* The first row of a check that is anything but "ok". */
static enum dum_status run_check(sqlite3 *handle, const char *path,
                                 const char *sql, struct dum_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum dum_status status = DUM_OK;
	const char *text;
	int rc;

	rc = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	if (rc == SQLITE_ROW) {
		text = (const char *)sqlite3_column_text(statement, 0);
		if (text == NULL || strcmp(text, "ok") != 0)
			status = error_set(err, DUM_EDAMAGED, "%s: %s: %.200s",
			                   path, sql + strlen("PRAGMA "),
			                   text != NULL ? text : "a row");
	} else if (rc != SQLITE_DONE) {
		status = db_engine_error(handle, path, rc, sql, err);
	}
	sqlite3_finalize(statement);
	return status;
}

enum dum_status image_check(sqlite3 *handle, const char *path,
                            struct dum_error *err)
{
	enum dum_status status;

	status = run_check(handle, path, "PRAGMA integrity_check", err);
	if (status == DUM_OK)
		status = run_check(handle, path, "PRAGMA foreign_key_check",
		                   err);
	return status;
}
