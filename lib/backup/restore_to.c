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

/* A file that is there is never replaced. */
static enum dum_status publish(const char *image, const char *path,
                               struct dum_error *err)
{
	struct fs_partial to = FS_PARTIAL_INIT;
	int from = open(image, O_RDONLY | O_CLOEXEC);
	enum dum_status status;

	if (from < 0)
		return error_set(err, DUM_ESYS, "%s: %s", image,
		                 strerror(errno));
	status = fs_partial_open(&to, path, 0600, err);
	if (status == DUM_OK && fs_copy_all(to.fd, from) != 0)
		status = error_set(err, fs_write_status(errno), "%s: %s",
		                   to.path.buf, strerror(errno));
	if (status == DUM_OK)
		status = fs_partial_publish_new(&to, path, err);
	fs_partial_release(&to);
	close(from); /* read only: no data to lose */
	return status;
}

enum dum_status restore_to_file(struct restoring *r, struct dum_error *err)
{
	enum dum_status status = end_sessions(r, err);

	if (status == DUM_OK)
		status = publish(image_path(r->image), r->request->to, err);
	for (size_t i = 0; status == DUM_OK && i < r->wanted.count; i++) {
		const struct content_table *w = &r->wanted.list[i];
		struct restore_table *t;

		if (r->out->table_count == RESTORE_TABLES_MAX)
			break;
		t = &r->out->tables[r->out->table_count++];
		*t = (struct restore_table){.rows = w->rows};
		snprintf(t->name, sizeof(t->name), "%s", w->name);
	}
	return status;
}
