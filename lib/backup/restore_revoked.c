/*
 * A whole restore brings accounts and keys back as they were. What was taken
 * from somebody since must not come back with them.
 */
#include <stdlib.h>
#include <string.h>

#include "backup/restore_parts.h"
#include "backup/segment_dir.h"
#include "backup/segment_file.h"
#include "store/query.h"
#include "store/system_info.h"

struct revoking {
	struct restoring *r;
	struct db *image;
	sqlite3 *live; /* NULL: it can not be opened */
};

/* --- what the old database tells ------------------------------------------ */

static void open_live(struct revoking *v)
{
	int rc;

	rc = sqlite3_open_v2(v->r->config->database_path, &v->live,
	                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK)
		rc = db_leave_log_alone(v->live);
	if (rc != SQLITE_OK) {
		sqlite3_close(v->live);
		v->live = NULL;
	}
}

static sqlite3_stmt *prepare(struct revoking *v, enum sql_query which)
{
	sqlite3_stmt *list = NULL;

	if (v->live == NULL || sqlite3_prepare_v2(v->live, sql_queries[which],
	                                          -1, &list, NULL) != SQLITE_OK)
		return NULL;
	return list;
}

/* As far as it can be read; a damaged one may not give all. */
static enum dum_status revoke_keys(struct revoking *v, struct dum_error *err)
{
	sqlite3_stmt *list = prepare(v, SQL_API_KEY_REVOKED_LIST);
	enum dum_status status = DUM_OK;
	struct query q;

	while (status == DUM_OK && list != NULL &&
	       sqlite3_step(list) == SQLITE_ROW) {
		query_start(&q, v->image, SQL_API_KEY_REVOKE_PREFIX, err);
		query_bind_text(&q, ":prefix",
		                (const char *)sqlite3_column_text(list, 0));
		query_bind_text(&q, ":at",
		                (const char *)sqlite3_column_text(list, 1));
		status = query_run(&q);
	}
	sqlite3_finalize(list);
	return status;
}

static enum dum_status run(struct revoking *v, enum sql_query which,
                           struct dum_error *err)
{
	struct query q;

	query_start(&q, v->image, which, err);
	return query_run(&q);
}

static enum dum_status trust_codes(struct revoking *v, struct dum_error *err)
{
	sqlite3_stmt *list = prepare(v, SQL_RECOVERY_CODE_UNUSED_LIST);
	enum dum_status status = DUM_OK;
	struct query q;

	while (status == DUM_OK && list != NULL &&
	       sqlite3_step(list) == SQLITE_ROW) {
		query_start(&q, v->image, SQL_RECOVERY_CODE_TRUST, err);
		query_bind_blob(&q, ":hash", sqlite3_column_blob(list, 0),
		                (size_t)sqlite3_column_bytes(list, 0));
		status = query_run(&q);
	}
	sqlite3_finalize(list);
	return status;
}

/* A code that can not be known to be unused is none. */
static enum dum_status drop_codes(struct revoking *v, bool sound,
                                  struct dum_error *err)
{
	enum dum_status status = run(v, SQL_RECOVERY_CODE_DOUBT_ALL, err);

	if (status == DUM_OK && sound)
		status = trust_codes(v, err);
	if (status == DUM_OK)
		status = run(v, SQL_RECOVERY_CODE_DROP_DOUBTED, err);
	if (status == DUM_OK)
		v->r->out->codes_dropped = sqlite3_changes64(v->image->sqlite);
	return status;
}

/* --- what the shipped journal tells --------------------------------------- */

static enum dum_status take_entry(void *arg, const struct journal_record *e,
                                  struct dum_error *err)
{
	struct revoking *v = arg;
	struct query q;

	if (strcmp(e->table, "api_keys") != 0 || e->after == NULL)
		return DUM_OK;
	query_start(&q, v->image, SQL_API_KEY_REVOKE_ENTRY, err);
	query_bind_text(&q, ":row", e->after);
	return query_run(&q);
}

/* One that is damaged tells what it can: the others go on. */
static enum dum_status read_segments(struct revoking *v, const char *folder,
                                     const struct segment_list *list,
                                     struct dum_error *err)
{
	const struct segment_access access = {.container = v->r->request->key};
	struct segment_file *file = calloc(1, sizeof(*file));
	enum dum_status status = DUM_OK;

	if (file == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	for (size_t i = 0; i < list->count && status == DUM_OK; i++) {
		struct dum_error inner = {0};

		status = segment_file_read(file, folder, &list->list[i],
		                           &access, take_entry, v, &inner);
		if (status == DUM_EDAMAGED || status == DUM_ETRUNCATED ||
		    status == DUM_EKEY)
			status = DUM_OK;
		else if (status != DUM_OK)
			error_set(err, status, "%s", inner.text);
	}
	free(file);
	return status;
}

static enum dum_status revoke_by_segments(struct revoking *v,
                                          struct dum_error *err)
{
	const char *backup_dir = backup_dir_path(v->r->dir);
	struct strbuf folder = STRBUF_INIT, id = STRBUF_INIT;
	struct segment_list list = {.count = 0};
	struct backup_dir *dir = NULL;
	enum dum_status status;

	status = segment_folder(&folder, backup_dir, err);
	if (status == DUM_OK)
		status = segment_dir_take(&dir, backup_dir, v->r->who->source,
		                          false, err);
	if (status == DUM_OK)
		status = segment_list_read(&list, folder.buf, err);
	if (status == DUM_OK)
		status = system_info_get(&id, v->image, "database_id", err);
	if (status == DUM_OK) {
		segment_list_keep(&list, id.buf);
		status = read_segments(v, folder.buf, &list, err);
	}
	backup_dir_close(dir);
	segment_list_release(&list);
	strbuf_release(&folder);
	strbuf_release(&id);
	return status;
}

enum dum_status restore_revoked(struct restoring *r, struct db *image,
                                bool sound, bool damaged, struct dum_error *err)
{
	struct revoking v = {.r = r, .image = image};
	enum dum_status status;

	if (sound || damaged)
		open_live(&v);
	status = revoke_keys(&v, err);
	if (status == DUM_OK)
		status = drop_codes(&v, sound, err);
	sqlite3_close(v.live);
	if (status == DUM_OK)
		status = revoke_by_segments(&v, err);
	return status;
}
