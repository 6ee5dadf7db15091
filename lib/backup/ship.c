/*
 * Reading goes on in steps, each its own read of the database, so that a first
 * run over a long history does not keep the write-ahead log from being reused.
 */
#include "backup/ship.h"

#include <stdlib.h>
#include <string.h>

#include "backup/segment_dir.h"
#include "backup/segment_writer.h"
#include "base/fsutil.h"
#include "store/db.h"
#include "store/journal_prune.h"
#include "store/system_info.h"

/* Records of one frame; the entry that goes beyond is in it. */
enum { FRAME_BYTES = 1024 * 1024 };

struct shipping {
	const struct config *config;
	const struct ship_options *options;
	struct ship_result *result;
	struct backup_dir *dir;
	struct db *db;
	struct segment_writer *writer;
	int64_t after; /* entries behind this one are to be shipped */
	bool enough;   /* of this step */
	bool seal;     /* the segment, before the next entry */
};

struct ship_options ship_options(const struct config *config, const char *who,
                                 const struct container_key *key)
{
	return (struct ship_options){
	    .who = who,
	    .key = key,
	    .segment_bytes = config->journal_segment_kb * 1024,
	    .segment_age_s = config->journal_segment_hours * 3600};
}

bool ship_is_used(const struct config *config)
{
	struct strbuf folder = STRBUF_INIT;
	bool used = segment_folder(&folder, config->database_backup_dir,
	                           NULL) == DUM_OK &&
	            fs_exists(folder.buf);

	strbuf_release(&folder);
	return used;
}

/* --- where to go on ------------------------------------------------------- */

static enum dum_status other_history(const struct segment_seen *last,
                                     struct dum_error *err)
{
	return error_set(
	    err, DUM_ECONFLICT,
	    "entry %lld, the last one that was shipped, is not in the journal: "
	    "the database was replaced by something else than dum-backup "
	    "restore. A restore begins a history of its own: run dum-backup "
	    "create, and restore that backup",
	    (long long)last->last_id);
}

/* Behind the last shipped entry, or where a later timeline begins. */
static enum dum_status find_place(struct shipping *s,
                                  const struct segment_seen *last,
                                  struct dum_error *err)
{
	struct journal_place place = {.timeline = 0};
	int64_t before = 0;
	enum dum_status status;
	bool has = false;

	status = journal_has(&has, s->db, last->last_id, last->last_mac, err);
	if (status == DUM_OK && has) {
		s->after = last->last_id;
		return DUM_OK;
	}
	if (status == DUM_OK)
		status = journal_place_now(&place, s->db, err);
	if (status == DUM_OK && place.timeline <= last->head.timeline)
		return other_history(last, err);
	/* The restore of a whole database took the journal back. */
	if (status == DUM_OK)
		status = journal_before_timeline(&before, s->db,
		                                 last->head.timeline, err);
	s->after = before;
	s->seal = true;
	return status;
}

static enum dum_status go_on(struct shipping *s,
                             const struct segment_name *name,
                             struct dum_error *err)
{
	const struct segment_access access = {.container = s->options->key};
	struct segment_file *file = calloc(1, sizeof(*file));
	enum dum_status status;

	if (file == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = segment_file_read(file, backup_dir_path(s->dir), name, &access,
	                           NULL, NULL, err);
	if (status == DUM_OK)
		status = find_place(s, &file->seen, err);
	if (status == DUM_OK) {
		s->result->last_id = file->seen.last_id;
		if (name->last_id != 0) {
			segment_writer_follow(s->writer, &file->seen);
			s->seal = false;
		} else {
			s->result->mended_bytes = file->bytes -
			                          file->good_bytes;
			status = segment_writer_resume(s->writer, name, file,
			                               err);
		}
	}
	free(file);
	return status;
}

/* A run that was cut short after it sealed one has left it twice. */
static enum dum_status drop_sealed(struct shipping *s,
                                   const struct segment_name *sealed,
                                   struct dum_error *err)
{
	struct segment_name open = *sealed;
	struct strbuf path = STRBUF_INIT;
	enum dum_status status = DUM_OK;
	char name[SEGMENT_NAME_MAX];

	open.last_id = 0;
	segment_name_format(name, &open);
	strbuf_addf(&path, "%s/%s", backup_dir_path(s->dir), name);
	if (sealed->last_id != 0 && strbuf_ok(&path) && fs_exists(path.buf))
		status = backup_dir_remove(s->dir, name, err);
	strbuf_release(&path);
	return status;
}

static enum dum_status start(struct shipping *s, const char *database_id,
                             struct dum_error *err)
{
	struct segment_list list = {.count = 0};
	struct journal_start from = {.upto_id = 0};
	enum dum_status status;

	status = segment_list_read(&list, backup_dir_path(s->dir), err);
	if (status != DUM_OK)
		return status;
	segment_list_keep(&list, database_id);
	if (list.count > 0) {
		status = go_on(s, &list.list[list.count - 1], err);
		if (status == DUM_OK)
			status = drop_sealed(s, &list.list[list.count - 1],
			                     err);
	} else {
		status = journal_start(&from, s->db, err);
		s->after = from.upto_id;
	}
	segment_list_release(&list);
	return status;
}

/* --- shipping ------------------------------------------------------------- */

/*
 * What belongs into another segment is left for the next step: nothing slow is
 * done while the database is read.
 */
static enum dum_status take(void *arg, const struct journal_record *entry,
                            struct dum_error *err)
{
	const struct ship_options *o;
	struct shipping *s = arg;
	enum dum_status status;

	o = s->options;
	if (segment_writer_starts_change(s->writer, entry)) {
		segment_writer_whole(s->writer);
		s->seal = segment_writer_is_of_other(s->writer, entry) ||
		          segment_writer_is_due(s->writer, o->segment_bytes,
		                                o->segment_age_s);
	}
	if (s->seal) {
		s->enough = true;
		return DUM_OK;
	}
	status = segment_writer_add(s->writer, entry, err);
	if (status != DUM_OK)
		return status;
	s->after = entry->id;
	s->result->entries++;
	s->result->last_id = entry->id;
	s->enough = segment_writer_waiting(s->writer) >= FRAME_BYTES;
	return DUM_OK;
}

static enum dum_status seal(struct shipping *s, struct dum_error *err)
{
	bool sealed = false;
	enum dum_status status = segment_writer_seal(&sealed, s->writer, err);

	s->result->sealed += sealed;
	s->seal = false;
	return status;
}

static enum dum_status step(struct shipping *s, struct dum_error *err)
{
	enum dum_status status;

	s->enough = false;
	status = db_read_begin(s->db, 0, err);
	if (status != DUM_OK)
		return status;
	status = journal_copy_after(s->db, s->after, &s->enough, take, s, err);
	db_read_end(s->db);
	if (status == DUM_OK && !s->enough)
		segment_writer_whole(s->writer);
	if (status == DUM_OK)
		status = s->seal ? seal(s, err)
		                 : segment_writer_flush(s->writer, err);
	return status;
}

static enum dum_status ship(struct shipping *s, struct dum_error *err)
{
	const struct ship_options *o = s->options;
	enum dum_status status = DUM_OK;

	if (s->seal || segment_writer_is_due(s->writer, o->segment_bytes,
	                                     o->segment_age_s))
		status = seal(s, err);
	do {
		if (status == DUM_OK)
			status = step(s, err);
	} while (status == DUM_OK && s->enough);
	if (status == DUM_OK &&
	    (o->seal_now || segment_writer_is_due(s->writer, o->segment_bytes,
	                                          o->segment_age_s)))
		status = seal(s, err);
	return status;
}

enum dum_status ship_journal(struct ship_result *out,
                             const struct config *config,
                             const struct ship_options *options,
                             struct dum_error *err)
{
	struct ship_result result = {.entries = 0};
	struct shipping s = {
	    .config = config, .options = options, .result = &result};
	struct strbuf id = STRBUF_INIT;
	enum dum_status status;

	status = db_open(&s.db, config, err);
	if (status == DUM_OK)
		status = segment_dir_take(&s.dir, config->database_backup_dir,
		                          options->who, true, err);
	if (status == DUM_OK)
		status = system_info_get(&id, s.db, "database_id", err);
	if (status == DUM_OK)
		status = segment_writer_new(&s.writer, s.dir, options->key,
		                            id.buf, err);
	if (status == DUM_OK)
		status = start(&s, id.buf, err);
	if (status == DUM_OK)
		status = ship(&s, err);
	segment_writer_free(s.writer);
	backup_dir_close(s.dir);
	db_free(s.db);
	strbuf_release(&id);
	if (status == DUM_OK)
		*out = result;
	return status;
}
