#include "backup/restore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/catalog.h"
#include "backup/restore_parts.h"
#include "backup/segment_name.h"
#include "backup/ship.h"
#include "base/fsutil.h"
#include "base/json_writer.h"
#include "store/checkpoint.h"
#include "store/journal.h"
#include "store/migrate.h"
#include "store/system_info.h"

/* Where unpacking ends and where the safety backup does, about. */
enum { UNPACKED = 500, SAFE = 900 };

struct config restore_image_config(const struct restoring *r)
{
	struct config config = *r->config;

	/* Only read, and the image outlives the handle. */
	config.database_path = (char *)(uintptr_t)image_path(r->image);
	return config;
}

enum dum_status restore_safety(struct restoring *r, struct dum_error *err)
{
	struct backup_options options = *r->request->options;
	struct backup_part part = {.fn = r->request->progress,
	                           .arg = r->request->progress_arg,
	                           .from = UNPACKED,
	                           .to = SAFE};
	enum dum_status status;
	struct manifest m;

	options.label = RESTORE_LABEL;
	options.pace.progress = backup_part_step;
	options.pace.arg = &part;
	if (options.level < 1)
		options.level = 1;
	status = backup_create(&m, r->config, r->dir, &options, err);
	if (status == DUM_OK)
		memcpy(r->out->safety, m.name, sizeof(r->out->safety));
	return status;
}

static void write_before(struct json_writer *w, const struct restoring *r,
                         int64_t timeline)
{
	jsonw_object_begin(w);
	jsonw_member_int(w, "timeline", timeline);
	if (r->out->safety[0] != '\0')
		jsonw_member_string(w, "safety_backup", r->out->safety);
	if (r->out->aside[0] != '\0')
		jsonw_member_string(w, "kept_aside", r->out->aside);
	jsonw_object_end(w);
}

static void write_after(struct json_writer *w, const struct restoring *r)
{
	const struct restore_result *out = r->out;

	jsonw_object_begin(w);
	jsonw_member_int(w, "timeline", out->timeline);
	jsonw_member_string(w, "backup", r->name);
	if (out->manifest.id[0] != '\0') {
		jsonw_member_string(w, "backup_id", out->manifest.id);
		jsonw_member_string(w, "backup_at", out->manifest.started_at);
		jsonw_member_int(w, "backup_journal_id",
		                 out->manifest.facts.journal_id);
	}
	if (r->request->name == NULL) {
		char at[CLOCK_TEXT_MAX];

		clock_format_utc(at, r->request->at);
		jsonw_member_string(w, "to_instant", at);
		jsonw_member_int(w, "to_entry", out->last_id);
	}
	jsonw_member_bool(w, "whole", out->whole);
	jsonw_key(w, "tables");
	jsonw_object_begin(w);
	for (size_t i = 0; i < out->table_count; i++) {
		jsonw_key(w, out->tables[i].name);
		jsonw_object_begin(w);
		jsonw_member_int(w, "removed", out->tables[i].removed);
		jsonw_member_int(w, "added", out->tables[i].added);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
	jsonw_object_end(w);
}

enum dum_status restore_journal(struct restoring *r, struct db *db,
                                int64_t timeline, struct dum_error *err)
{
	struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
	struct json_writer w = {.out = &before};
	enum dum_status status;
	int64_t newest = timeline > r->last_timeline ? timeline
	                                             : r->last_timeline;
	char text[24];

	r->out->timeline = newest + 1;
	snprintf(text, sizeof(text), "%lld", (long long)r->out->timeline);
	/* First, since the entry is of the timeline that it finds. */
	status = system_info_set(db, "timeline", text, err);
	write_before(&w, r, timeline);
	w = (struct json_writer){.out = &after};
	write_after(&w, r);
	if (status == DUM_OK && (!strbuf_ok(&before) || !strbuf_ok(&after)))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	if (status == DUM_OK)
		status = journal_append(
		    db,
		    &(struct journal_change){.op = "restore",
		                             .table = "database",
		                             .before = before.buf,
		                             .after = after.buf},
		    err);
	strbuf_release(&before);
	strbuf_release(&after);
	return status;
}

/* A backup of an older schema is brought up to this program's, unpacked. */
static enum dum_status migrate_image(struct restoring *r, struct dum_error *err)
{
	struct config config = restore_image_config(r);
	enum dum_status status;
	struct db *db = NULL;

	status = db_open_any_version(&db, &config, err);
	if (status == DUM_OK)
		status = migrate(&r->out->schema_from, &r->out->schema_to, db,
		                 r->who, err);
	/* Nobody else has it open: all goes back into the one file. */
	if (status == DUM_OK)
		status = db_exec(db, "PRAGMA journal_mode = DELETE", err);
	db_free(db);
	return status;
}

enum dum_status restore_prepare(struct restoring *r, struct dum_error *err)
{
	sqlite3 *handle = NULL;
	enum dum_status status;

	status = migrate_image(r, err);
	if (status == DUM_OK)
		status = image_open(&handle, r->image, err);
	if (status == DUM_OK)
		status = content_read(&r->wanted, handle, "the backup", true,
		                      err);
	image_close(r->image);
	/* Of one schema, the hashes of the manifest are these. */
	if (status == DUM_OK && r->out->manifest.id[0] != '\0' &&
	    r->out->schema_from == r->out->schema_to)
		status = content_compare(
		    &r->wanted, &r->out->manifest.facts.tables, false, err);
	return status;
}

static enum dum_status check_same_database(struct restoring *r, struct db *db,
                                           struct dum_error *err)
{
	struct strbuf id = STRBUF_INIT;
	enum dum_status status = system_info_get(&id, db, "database_id", err);

	if (status == DUM_OK && r->out->manifest.id[0] != '\0' &&
	    strcmp(id.buf, r->out->manifest.facts.database_id) != 0)
		status = error_set(err, DUM_ECONFLICT,
		                   "%s is a backup of another database; "
		                   "--whole puts it in the place of this one",
		                   r->name);
	strbuf_release(&id);
	return status;
}

enum dum_status restore_compare(struct restoring *r, struct db *db,
                                struct dum_error *err)
{
	struct content_tables found = {.count = 0};
	enum dum_status status;

	status = content_read(&found, db->sqlite, db_path(db), true, err);
	if (status == DUM_OK)
		status = content_compare(&found, &r->wanted, false, err);
	for (size_t i = 0; status == DUM_OK && i < r->out->table_count; i++) {
		const struct content_table *t = content_find(
		    &found, r->out->tables[i].name);

		if (t != NULL)
			r->out->tables[i].rows = t->rows;
	}
	return status;
}

/*
 * The lock is taken before the safety backup is made: nothing that others
 * store can fall between the two.
 */
static enum dum_status into_sound(struct restoring *r, struct db *db,
                                  struct dum_error *err)
{
	enum dum_status status;
	int64_t timeline = 0;

	status = db_begin_long(db, r->who, err);
	if (status != DUM_OK)
		return status;
	status = check_same_database(r, db, err);
	if (status == DUM_OK)
		status = restore_safety(r, err);
	if (status == DUM_OK)
		status = system_info_number(&timeline, db, "timeline", err);
	if (status == DUM_OK)
		status = restore_rows(r, db, err);
	if (status == DUM_OK)
		status = restore_journal(r, db, timeline, err);
	if (status == DUM_OK)
		status = restore_compare(r, db, err);
	if (status == DUM_OK && r->request->in_change != NULL)
		status = r->request->in_change(r->request->in_change_arg, db,
		                               r->out, err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	db_rollback(db);
	return status;
}

/* By the rows where the database is sound, else all of it. */
static enum dum_status bring_back(struct restoring *r, struct dum_error *err)
{
	struct dum_error inner = {0};
	bool unusable = false;
	enum dum_status status;
	struct db *db = NULL;

	if (r->request->whole)
		return restore_whole(r, err);
	status = db_open(&db, r->config, &inner);
	if (status == DUM_ENOTFOUND)
		return error_set(err, status,
		                 "there is no database %s; --whole puts the "
		                 "backup in its place",
		                 r->config->database_path);
	unusable = status == DUM_EDAMAGED;
	if (status == DUM_OK) {
		status = into_sound(r, db, &inner);
		unusable = status == DUM_EDAMAGED;
	}
	if (status == DUM_OK)
		db_checkpoint_if_long(db);
	db_free(db);
	if (status == DUM_OK)
		return DUM_OK;
	/* Not on its own: a person decides to give up what is there. */
	if (unusable)
		return error_set(err, status,
		                 "%s; --whole replaces it with the backup",
		                 inner.text);
	return error_set(err, status, "%s", inner.text);
}

/* Also of segments, whichever database they are of. */
static enum dum_status segment_last_timeline(int64_t *last,
                                             const struct backup_dir *dir,
                                             struct dum_error *err)
{
	struct segment_list list = {.count = 0};
	struct strbuf folder = STRBUF_INIT;
	enum dum_status status;

	status = segment_folder(&folder, backup_dir_path(dir), err);
	if (status == DUM_OK)
		status = segment_list_read(&list, folder.buf, err);
	for (size_t i = 0; status == DUM_OK && i < list.count; i++)
		if (list.list[i].timeline > *last)
			*last = list.list[i].timeline;
	segment_list_release(&list);
	strbuf_release(&folder);
	return status;
}

static enum dum_status read_timelines(struct restoring *r,
                                      struct dum_error *err)
{
	struct catalog catalog;
	enum dum_status status;

	status = catalog_read(&catalog, backup_dir_path(r->dir), err);
	if (status != DUM_OK)
		return status;
	r->last_timeline = catalog.last_timeline;
	catalog_release(&catalog);
	return segment_last_timeline(&r->last_timeline, r->dir, err);
}

/* The data is back; that a backup of it could not be made is told beside it. */
static void make_fresh(struct restoring *r)
{
	struct backup_options options = *r->request->options;
	struct restore_result *out = r->out;
	struct manifest m;

	options.label = NULL;
	options.pace.progress = NULL;
	if (options.level < 1)
		options.level = 1;
	if (backup_create(&m, r->config, r->dir, &options, &out->fresh_error) ==
	    DUM_OK)
		memcpy(out->fresh, m.name, sizeof(out->fresh));
}

/* Into the scratch folder: by its name, or the one that an instant needs. */
static enum dum_status unpack(struct restoring *r, struct dum_error *err)
{
	struct backup_part part = {.fn = r->request->progress,
	                           .arg = r->request->progress_arg,
	                           .to = UNPACKED};
	const struct verify_request verify = {.dir = r->dir,
	                                      .folder = r->request->folder,
	                                      .name = r->request->name,
	                                      .level = VERIFY_LEVEL_MAX,
	                                      .key = r->request->key,
	                                      .progress = backup_part_step,
	                                      .arg = &part};
	enum dum_status status;

	if (r->request->name == NULL)
		return restore_at_unpack(r, err);
	r->name = r->request->name;
	/*
	 * A whole restore takes the journal back, too: what is in it now goes.
	 */
	if (r->request->whole && ship_is_used(r->config)) {
		status = restore_ship_end(r, err);
		if (status != DUM_OK)
			return status;
	}
	status = verify_backup(&r->out->manifest, &r->image, &verify, err);
	if (status == DUM_OK)
		r->out->last_id = r->out->manifest.facts.journal_id;
	return status;
}

static enum dum_status restore(struct restoring *r, struct dum_error *err)
{
	const char *to = r->request->to;
	enum dum_status status;

	/* Before all the work, which may be long. */
	if (to != NULL && fs_exists(to))
		return error_set(err, DUM_ECONFLICT,
		                 "%s is there already; name a new file", to);
	status = unpack(r, err);
	if (status == DUM_OK)
		status = read_timelines(r, err);
	if (status == DUM_OK)
		status = restore_prepare(r, err);
	if (status == DUM_OK && r->request->name == NULL)
		status = restore_at_replay(r, err);
	if (status == DUM_OK && r->request->to != NULL)
		return restore_to_file(r, err);
	if (status == DUM_OK)
		status = bring_back(r, err);
	if (status != DUM_OK)
		return status;
	/* Its room is needed for the next. */
	image_free(r->image);
	r->image = NULL;
	make_fresh(r);
	return DUM_OK;
}

enum dum_status backup_restore(struct restore_result *out,
                               const struct config *config,
                               const struct backup_dir *dir,
                               const struct origin *who,
                               const struct restore_request *request,
                               struct dum_error *err)
{
	struct restoring *r = calloc(1, sizeof(*r));
	struct restore_result *result = calloc(1, sizeof(*result));
	enum dum_status status;

	if (r == NULL || result == NULL) {
		status = error_set(err, DUM_ENOMEM, "out of memory");
		goto out;
	}
	*r = (struct restoring){.config = config,
	                        .dir = dir,
	                        .who = who,
	                        .request = request,
	                        .out = result};
	result->whole = request->whole;
	status = restore(r, err);
	image_free(r->image);
	if (status == DUM_OK)
		*out = *result;
out:
	free(r);
	free(result);
	return status;
}
