/*
 * All of a database replaced. What has to be true of the new one - sessions
 * ended, revoked keys revoked, a new timeline and its journal entry - is
 * written into the unpacked image first, so that one transaction of the engine
 * brings all of it or nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/restore_parts.h"
#include "base/fsutil.h"
#include "store/checkpoint.h"
#include "store/data_state.h"
#include "store/query.h"
#include "store/system_info.h"
#include "store/writer_lock.h"

/*
 * Where the old database can not tell how far its data generation had come,
 * the new one starts beyond where it can have been.
 */
#define GENERATION_LEAP INT64_C(1000000000)

enum live_state {
	LIVE_SOUND,
	LIVE_DAMAGED,
	LIVE_EMPTY, /* a file without a byte: nothing to keep of it */
	LIVE_ABSENT
};

struct replacing {
	struct restoring *r;
	enum live_state state;
	int64_t timeline;   /* of the old one; 0: not known */
	int64_t generation; /* the same; -1 */
	struct db *image;
};

/* What can be read of the old one; a database of others is not for us. */
static enum dum_status look_at_live(struct replacing *p, struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status;
	struct db *db = NULL;
	int64_t version = 0;
	struct data_state live = {p->timeline, p->generation};
	struct stat st;

	if (stat(p->r->config->database_path, &st) == 0 && st.st_size == 0) {
		p->state = LIVE_EMPTY;
		return DUM_OK;
	}
	status = db_open_any_version(&db, p->r->config, &inner);
	if (status == DUM_OK)
		status = db_number(&version, db, "PRAGMA user_version", &inner);
	if (status == DUM_OK && version > 0)
		status = data_state_now(&live, db, &inner);
	p->timeline = live.timeline;
	p->generation = live.generation;
	db_free(db);
	if (status == DUM_ENOTFOUND && !fs_exists(p->r->config->database_path))
		p->state = LIVE_ABSENT;
	else if (status == DUM_OK && version > 0)
		p->state = LIVE_SOUND;
	else if (status == DUM_OK || status == DUM_EDAMAGED ||
	         status == DUM_ENOTFOUND)
		p->state = LIVE_DAMAGED;
	else
		return error_set(err, status, "%s", inner.text);
	return DUM_OK;
}

/* --- what has to be true of the new one ----------------------------------- */

static enum dum_status end_sessions(struct db *db, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_SESSION_END_ALL, err);
	return query_run(&q);
}

/* db_commit() raises it by one more. */
static enum dum_status set_generation(struct replacing *p,
                                      struct dum_error *err)
{
	struct data_state image = {0};
	enum dum_status status;
	int64_t generation;
	char text[24];

	status = data_state_now(&image, p->image, err);
	generation = image.generation;
	if (p->generation < 0 && p->state != LIVE_ABSENT)
		generation += GENERATION_LEAP;
	else if (p->generation > generation)
		generation = p->generation;
	snprintf(text, sizeof(text), "%lld", (long long)generation);
	if (status == DUM_OK)
		status = system_info_set(p->image, "data_generation", text,
		                         err);
	return status;
}

static enum dum_status change_image(struct replacing *p, struct dum_error *err)
{
	int64_t saved = 0;
	enum dum_status status;

	status = db_begin(p->image, p->r->who, err);
	if (status == DUM_OK)
		status = system_info_number(&saved, p->image, "timeline", err);
	if (status == DUM_OK)
		status = end_sessions(p->image, err);
	if (status == DUM_OK)
		status = restore_revoked(p->r, p->image, p->state == LIVE_SOUND,
		                         p->state == LIVE_DAMAGED, err);
	if (status == DUM_OK)
		status = set_generation(p, err);
	if (status == DUM_OK)
		status = restore_journal(
		    p->r, p->image, saved > p->timeline ? saved : p->timeline,
		    err);
	if (status == DUM_OK)
		status = db_commit(p->image, err);
	db_rollback(p->image);
	return status;
}

static enum dum_status finish_image(struct replacing *p, struct dum_error *err)
{
	struct config config = restore_image_config(p->r);
	enum dum_status status;

	status = db_open(&p->image, &config, err);
	if (status == DUM_OK)
		status = change_image(p, err);
	if (status == DUM_OK)
		status = db_exec(p->image, "PRAGMA journal_mode = DELETE", err);
	db_free(p->image);
	p->image = NULL;
	return status;
}

/* --- what was there ------------------------------------------------------- */

static enum dum_status copy_file(const char *from, const char *to,
                                 struct dum_error *err)
{
	struct fs_partial out = FS_PARTIAL_INIT;
	int in = open(from, O_RDONLY | O_CLOEXEC);
	enum dum_status status;

	if (in < 0)
		return errno == ENOENT ? DUM_OK
		                       : error_set(err, DUM_ESYS, "%s: %s",
		                                   from, strerror(errno));
	status = fs_partial_open(&out, to, 0600, err);
	if (status == DUM_OK && fs_copy_all(out.fd, in) != 0)
		status = error_set(err, fs_write_status(errno),
		                   "cannot keep a copy of %s as %s: %s", from,
		                   to, strerror(errno));
	if (status == DUM_OK)
		status = fs_partial_publish_new(&out, to, err);
	fs_partial_release(&out);
	close(in); /* read only: no data to lose */
	return status;
}

/* The bytes as they are, for whoever may get more out of them. */
static enum dum_status keep_aside(struct restoring *r, struct dum_error *err)
{
	const char *live = r->config->database_path;
	struct strbuf from = STRBUF_INIT, to = STRBUF_INIT;
	char at[CLOCK_TEXT_MAX];
	enum dum_status status;

	clock_format_utc(at, clock_now());
	for (int n = 1; n == 1 || fs_exists(r->out->aside); n++) {
		char number[16] = "";

		if (n > 1)
			snprintf(number, sizeof(number), "_%d", n);
		snprintf(r->out->aside, sizeof(r->out->aside),
		         "%s/damaged_%.4s%.2s%.2s_%.2s%.2s%.2s%s.db",
		         backup_dir_path(r->dir), at, at + 5, at + 8, at + 11,
		         at + 14, at + 17, number);
	}
	strbuf_addf(&from, "%s-wal", live);
	strbuf_addf(&to, "%s-wal", r->out->aside);
	if (!strbuf_ok(&from) || !strbuf_ok(&to))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = copy_file(live, r->out->aside, err);
	if (status == DUM_OK)
		status = copy_file(from.buf, to.buf, err);
	strbuf_release(&from);
	strbuf_release(&to);
	return status;
}

static enum dum_status keep_old(struct replacing *p, struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status = DUM_EDAMAGED;

	if (p->state == LIVE_ABSENT || p->state == LIVE_EMPTY)
		return DUM_OK;
	if (p->state == LIVE_SOUND)
		status = restore_safety(p->r, &inner);
	/* It opens, and yet not all of it can be read. */
	if (status == DUM_EDAMAGED) {
		p->state = LIVE_DAMAGED;
		return keep_aside(p->r, err);
	}
	return status == DUM_OK ? status
	                        : error_set(err, status, "%s", inner.text);
}

/* --- the replacement ------------------------------------------------------ */

static enum dum_status open_target(sqlite3 **out, const char *path,
                                   bool damaged, struct dum_error *err)
{
	int rc;

	rc = sqlite3_open_v2(path, out,
	                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_extended_result_codes(*out, 1);
	if (rc == SQLITE_OK)
		rc = db_leave_log_alone(*out);
	/* Whatever its first bytes are, it is taken for an empty one. */
	if (rc == SQLITE_OK && damaged)
		rc = sqlite3_db_config(*out, SQLITE_DBCONFIG_RESET_DATABASE, 1,
		                       NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(*out, 10000);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(*out, "PRAGMA synchronous = FULL", NULL, NULL,
		                  NULL);
	if (rc != SQLITE_OK)
		return db_engine_error(*out, path, rc, "open", err);
	return DUM_OK;
}

static enum dum_status transfer(struct restoring *r, const char *path,
                                bool damaged, struct dum_error *err)
{
	sqlite3 *from = NULL, *to = NULL;
	sqlite3_backup *backup = NULL;
	enum dum_status status;
	int rc;

	status = image_open(&from, r->image, err);
	if (status == DUM_OK)
		status = open_target(&to, path, damaged, err);
	if (status == DUM_OK) {
		backup = sqlite3_backup_init(to, "main", from, "main");
		rc = backup != NULL ? sqlite3_backup_step(backup, -1)
		                    : sqlite3_errcode(to);
		if (sqlite3_backup_finish(backup) != SQLITE_OK ||
		    rc != SQLITE_DONE)
			status = db_engine_error(to, path, rc, "restore", err);
	}
	sqlite3_close(to);
	image_close(r->image);
	return status;
}

/* A log of the one that is gone would be taken for the new one's. */
static enum dum_status remove_logs(const char *path, struct dum_error *err)
{
	static const char *const left[] = {"-wal", "-shm", "-journal"};
	struct strbuf old = STRBUF_INIT;
	bool known = true;

	for (size_t i = 0; i < 3 && known; i++) {
		strbuf_reset(&old);
		strbuf_addf(&old, "%s%s", path, left[i]);
		known = strbuf_ok(&old);
		if (known)
			unlink(old.buf);
	}
	strbuf_release(&old);
	return known ? fs_sync_parent(path, err)
	             : error_set(err, DUM_ENOMEM, "out of memory");
}

/* Built beside it and renamed: there is nothing that anybody has open. */
static enum dum_status make_new(struct restoring *r, struct dum_error *err)
{
	const char *path = r->config->database_path;
	struct fs_partial partial = FS_PARTIAL_INIT;
	enum dum_status status;

	status = fs_partial_open(&partial, path, 0600, err);
	if (status == DUM_OK)
		status = transfer(r, partial.path.buf, false, err);
	/* Gone for good, before the new one has its name. */
	if (status == DUM_OK)
		status = remove_logs(path, err);
	if (status == DUM_OK)
		status = fs_partial_publish(&partial, path, err);
	fs_partial_release(&partial);
	return status;
}

/* Is what stands there now, opened as the workers open it, the backup? */
static enum dum_status check_new(struct restoring *r, struct dum_error *err)
{
	struct restore_result *out = r->out;
	struct content_tables found = {.count = 0};
	enum dum_status status;
	struct db *db = NULL;

	status = db_open(&db, r->config, err);
	if (status == DUM_OK)
		(void)!db_checkpoint(db, &(struct dum_error){0});
	if (status == DUM_OK)
		status = image_check(db->sqlite, db_path(db), err);
	if (status == DUM_OK)
		status = content_read(&found, db->sqlite, db_path(db), true,
		                      err);
	if (status == DUM_OK)
		status = content_compare(&found, &r->wanted, false, err);
	for (size_t i = 0;
	     status == DUM_OK && i < found.count && i < RESTORE_TABLES_MAX;
	     i++) {
		struct restore_table *t = &out->tables[out->table_count++];

		*t = (struct restore_table){.rows = found.list[i].rows};
		snprintf(t->name, sizeof(t->name), "%s", found.list[i].name);
	}
	db_free(db);
	return status;
}

static enum dum_status replace(struct replacing *p, struct dum_error *err)
{
	const char *path = p->r->config->database_path;
	enum dum_status status;

	status = look_at_live(p, err);
	if (status == DUM_OK)
		status = keep_old(p, err);
	if (status == DUM_OK)
		status = finish_image(p, err);
	if (status == DUM_OK)
		status = p->state == LIVE_ABSENT
		             ? make_new(p->r, err)
		             : transfer(p->r, path, p->state != LIVE_SOUND,
		                        err);
	return status;
}

enum dum_status restore_whole(struct restoring *r, struct dum_error *err)
{
	struct replacing p = {.r = r, .generation = -1};
	struct writer_lock *lock = NULL;
	enum dum_status status;

	status = writer_lock_open(&lock, r->config->database_path, err);
	if (status == DUM_OK)
		status = writer_lock_take(lock, true, r->who->source,
		                          (int)r->config->sqlite_busy_timeout,
		                          err);
	if (status == DUM_OK)
		status = replace(&p, err);
	if (lock != NULL)
		writer_lock_release(lock);
	writer_lock_free(lock);
	if (status == DUM_OK)
		status = check_new(r, err);
	return status;
}
