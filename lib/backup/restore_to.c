/*
 * The image as a file of its own, for people to look into. Sessions and codes
 * that opened doors at that time do not go along.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup/restore_parts.h"
#include "base/fsutil.h"
#include "store/query.h"

static enum dum_status end_sessions(struct restoring *r, struct dum_error *err)
{
	struct config config = restore_image_config(r);
	enum dum_status status;
	struct db *db = NULL;
	struct query q;

	status = db_open(&db, &config, err);
	if (status == DUM_OK) {
		query_start(&q, db, SQL_SESSION_END_ALL, err);
		status = query_run(&q);
	}
	if (status == DUM_OK)
		status = db_exec(db, "PRAGMA journal_mode = DELETE", err);
	db_free(db);
	return status;
}

static enum dum_status file_error(const char *path, struct dum_error *err)
{
	enum dum_status status = DUM_ESYS;

	if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		status = DUM_EFULL;
	else if (errno == EEXIST)
		status = DUM_ECONFLICT;
	return error_set(err, status, "%s: %s", path, strerror(errno));
}

static bool copy(int to, int from)
{
	char piece[65536];
	ssize_t n;

	do {
		n = read(from, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0 && fs_write_all(to, piece, (size_t)n) != 0)
			return false;
	} while (n > 0);
	return n == 0 && fsync(to) == 0;
}

/* link(2) and not rename(2): a file that is there is never replaced. */
static enum dum_status publish(const char *partial, const char *path,
                               const char *image, struct dum_error *err)
{
	int from = open(image, O_RDONLY | O_CLOEXEC), to = -1;
	enum dum_status status = DUM_OK;

	if (from >= 0)
		to = open(partial,
		          O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		          0600);
	if (from < 0 || to < 0 || !copy(to, from))
		status = file_error(from < 0 ? image : partial, err);
	else if (link(partial, path) != 0)
		status = file_error(path, err);
	if (to >= 0) {
		close(to); /* fsync has told already */
		unlink(partial);
	}
	if (from >= 0)
		close(from);
	if (status == DUM_OK)
		status = fs_sync_parent(path, err);
	return status;
}

enum dum_status restore_to_file(struct restoring *r, struct dum_error *err)
{
	const char *path = r->request->to;
	struct strbuf partial = STRBUF_INIT;
	enum dum_status status;

	strbuf_addf(&partial, "%s.partial", path);
	if (!strbuf_ok(&partial))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = end_sessions(r, err);
	if (status == DUM_OK)
		status = publish(partial.buf, path, image_path(r->image), err);
	for (size_t i = 0; status == DUM_OK && i < r->wanted.count; i++) {
		const struct content_table *w = &r->wanted.list[i];
		struct restore_table *t;

		if (r->out->table_count == RESTORE_TABLES_MAX)
			break;
		t = &r->out->tables[r->out->table_count++];
		*t = (struct restore_table){.rows = w->rows};
		snprintf(t->name, sizeof(t->name), "%s", w->name);
	}
	strbuf_release(&partial);
	return status;
}
