#include "backup/snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backup/image_hash.h"
#include "backup/image_sink.h"
#include "base/strbuf.h"
#include "store/data_state.h"
#include "store/query.h"
#include "store/system_info.h"

/* Pages at a time, and about as many rows as lie on one of them. */
enum { STEP_PAGES = 64, ROWS_PER_PAGE = 40 };

/*
 * In SQLite's file header: 1 says that there is no write-ahead log to look for.
 */
enum { AT_WRITE_VERSION = 18, AT_READ_VERSION = 19 };

struct snapshot {
	struct db *db;
	struct snapshot_facts facts;
	struct archive_writer *archive; /* while it is written */
	struct hasher *rest;            /* of the pages after the first */
};

static enum dum_status read_journal_head(struct snapshot *s,
                                         struct dum_error *err)
{
	const void *mac;
	struct query q;
	size_t len;

	query_start(&q, s->db, SQL_JOURNAL_HEAD, err);
	while (query_row(&q)) {
		s->facts.journal_id = query_int(&q, 0);
		mac = query_blob(&q, 1, &len);
		if (len == HASH_BYTES)
			memcpy(s->facts.journal_mac, mac, HASH_BYTES);
	}
	return query_end(&q);
}

static enum dum_status read_info(struct snapshot *s, struct dum_error *err)
{
	struct snapshot_facts *f = &s->facts;
	struct strbuf id = STRBUF_INIT;
	struct data_state state = {0};
	enum dum_status status;

	status = system_info_get(&id, s->db, "database_id", err);
	if (status == DUM_OK)
		status = data_state_now(&state, s->db, err);
	if (status == DUM_OK && id.len != SNAPSHOT_ID_MAX - 1)
		status = error_set(err, DUM_EDAMAGED,
		                   "system_info: database_id is no id");
	if (status == DUM_OK) {
		snprintf(f->database_id, sizeof(f->database_id), "%s", id.buf);
		f->timeline = state.timeline;
		f->generation = state.generation;
	}
	strbuf_release(&id);
	return status;
}

static enum dum_status read_facts(struct snapshot *s, struct dum_error *err)
{
	struct snapshot_facts *f = &s->facts;
	const struct {
		int64_t *out;
		const char *sql;
	} numbers[] = {
	    {&f->application_id, "PRAGMA application_id"},
	    {&f->schema_version, "PRAGMA user_version"},
	    {&f->page_size, "PRAGMA page_size"},
	    {&f->page_count, "PRAGMA page_count"},
	    {&f->free_pages, "PRAGMA freelist_count"},
	};
	enum dum_status status = DUM_OK;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (status == DUM_OK)
			status = db_number(numbers[i].out, s->db,
			                   numbers[i].sql, err);
	if (status == DUM_OK && f->schema_version == 0)
		status = error_set(err, DUM_ESCHEMA,
		                   "%s is an empty database; run: dum-admin "
		                   "init",
		                   db_path(s->db));
	if (status == DUM_OK)
		status = read_info(s, err);
	if (status == DUM_OK)
		status = read_journal_head(s, err);
	return status;
}

enum dum_status snapshot_open(struct snapshot **out,
                              const struct config *config,
                              struct dum_error *err)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	enum dum_status status;

	if (s == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = db_open_any_version(&s->db, config, err);
	if (status == DUM_OK)
		status = db_read_begin(s->db, 0, err);
	if (status == DUM_OK)
		status = hasher_new(&s->rest, err);
	/* The first read takes the state that is held from then on. */
	if (status == DUM_OK)
		status = read_facts(s, err);
	if (status != DUM_OK) {
		snapshot_free(s);
		return status;
	}
	*out = s;
	return DUM_OK;
}

void snapshot_free(struct snapshot *s)
{
	if (s == NULL)
		return;
	db_free(s->db);
	hasher_free(s->rest);
	free(s);
}

const struct snapshot_facts *snapshot_facts(const struct snapshot *s)
{
	return &s->facts;
}

/* What the backup writes: pages from the second on. */
static enum dum_status take_page(void *arg, const void *data, size_t len,
                                 struct dum_error *err)
{
	struct snapshot *s = arg;

	hasher_write(s->rest, data, len);
	return archive_write(s->archive, data, len, err);
}

/* Sleep until so many bytes are due at that pace. */
static void keep_pace(const struct snapshot_pace *pace, int64_t bytes,
                      int64_t start_ms)
{
	int64_t due_ms, wait_ms;

	if (pace->bytes_per_s <= 0)
		return;
	due_ms = start_ms + bytes * 1000 / pace->bytes_per_s;
	wait_ms = due_ms - clock_monotonic_ms();
	if (wait_ms > 0)
		nanosleep(
		    &(struct timespec){.tv_sec = wait_ms / 1000,
		                       .tv_nsec = wait_ms % 1000 * 1000000},
		    NULL);
}

static enum dum_status backup_error(struct snapshot *s, struct image_sink *sink,
                                    int rc, struct dum_error *err)
{
	enum dum_status status = image_sink_error(sink, err);

	return status != DUM_OK ? status : db_error(s->db, rc, "back up", err);
}

/* Pages and rows in turn, so that the compressing threads have work. */
static enum dum_status run(struct snapshot *s, sqlite3_backup *backup,
                           struct image_sink *sink, struct content_walk *walk,
                           const struct snapshot_pace *pace,
                           struct dum_error *err)
{
	int64_t start_ms = clock_monotonic_ms();
	int64_t all = s->facts.page_count, done = 0;
	enum dum_status status = DUM_OK;
	bool more_rows = true;
	int rc = SQLITE_OK;

	while (status == DUM_OK && rc != SQLITE_DONE) {
		rc = sqlite3_backup_step(backup, STEP_PAGES);
		if (rc != SQLITE_OK && rc != SQLITE_DONE)
			return backup_error(s, sink, rc, err);
		if (more_rows)
			status = content_walk_step(
			    &more_rows, walk,
			    (int64_t)STEP_PAGES * ROWS_PER_PAGE, err);
		done = all - sqlite3_backup_remaining(backup);
		keep_pace(pace, done * s->facts.page_size, start_ms);
		if (pace->progress != NULL)
			pace->progress(pace->arg, done, all);
	}
	while (status == DUM_OK && more_rows)
		status = content_walk_step(&more_rows, walk, INT64_MAX, err);
	if (status == DUM_OK)
		s->facts.tables = *content_walk_tables(walk);
	return status;
}

static enum dum_status finish(struct snapshot *s, struct image_sink *sink,
                              struct dum_error *err)
{
	unsigned char first[IMAGE_PAGE_MAX], rest[HASH_BYTES];
	enum dum_status status;
	const void *page;
	size_t len = 0;

	page = image_sink_first_page(sink, &len);
	if (page == NULL || (int64_t)len != s->facts.page_size)
		return error_set(err, DUM_ESYS,
		                 "SQLite %s did not write the first page of "
		                 "the backup",
		                 sqlite3_libversion());
	memcpy(first, page, len);
	first[AT_WRITE_VERSION] = 1;
	first[AT_READ_VERSION] = 1;
	hasher_finish(s->rest, rest);
	status = image_hash_join(s->facts.pages_hash, first, len, rest, err);
	if (status == DUM_OK)
		status = archive_finish(s->archive, first, err);
	return status;
}

static enum dum_status write_archive(struct snapshot *s,
                                     const struct snapshot_pace *pace,
                                     struct dum_error *err)
{
	struct content_walk *walk = NULL;
	struct image_sink *sink = NULL;
	sqlite3_backup *backup = NULL;
	enum dum_status status;
	int rc;

	status = content_walk_new(&walk, s->db->sqlite, db_path(s->db), err);
	if (status == DUM_OK)
		status = image_sink_new(&sink, take_page, s, err);
	if (status != DUM_OK)
		goto out;
	backup = sqlite3_backup_init(image_sink_handle(sink), "main",
	                             s->db->sqlite, "main");
	if (backup == NULL) {
		status = db_engine_error(
		    image_sink_handle(sink), "the image",
		    sqlite3_errcode(image_sink_handle(sink)), "back up", err);
		goto out;
	}
	status = run(s, backup, sink, walk, pace, err);
	rc = sqlite3_backup_finish(backup);
	if (status == DUM_OK && rc != SQLITE_OK)
		status = backup_error(s, sink, rc, err);
	if (status == DUM_OK)
		status = finish(s, sink, err);
out:
	image_sink_free(sink);
	content_walk_free(walk);
	return status;
}

enum dum_status snapshot_write(struct snapshot *s, int fd,
                               const struct archive_form *form,
                               const struct snapshot_pace *pace,
                               struct dum_error *err)
{
	enum dum_status status;

	if (s->facts.page_size > IMAGE_PAGE_MAX)
		return error_set(
		    err, DUM_EINVAL,
		    "%s has pages of %lld bytes; at most %d can be "
		    "backed up",
		    db_path(s->db), (long long)s->facts.page_size,
		    IMAGE_PAGE_MAX);
	status = archive_writer_new(&s->archive, fd, form,
	                            (size_t)s->facts.page_size, err);
	if (status == DUM_OK)
		status = write_archive(s, pace, err);
	archive_writer_free(s->archive);
	s->archive = NULL;
	return status;
}
