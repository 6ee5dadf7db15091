/*
 * A restore to an instant. The journal's end is shipped first, so that the
 * segments are all that has to be looked at. Which backup: the newest proven
 * one of the timeline that ran at the instant and made before it; where none
 * is, one made later whose last entry is not later will do as well, since
 * nothing was changed in between.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/catalog.h"
#include "backup/history.h"
#include "backup/replay.h"
#include "backup/restore_parts.h"
#include "backup/ship.h"
#include "store/query.h"
#include "store/system_info.h"

/*
 * Of 300,000 days replayed in one change: 12 s with the 2 MB of
 * SQLITE_CACHE_SIZE by default, 3 s with this.
 */
enum { REPLAY_CACHE_KB = 64 * 1024 };

/* --- the end of the journal ----------------------------------------------- */

/* A database that is gone or damaged is a reason to be here. */
enum dum_status restore_ship_end(struct restoring *r, struct dum_error *err)
{
	struct ship_options options = ship_options(
	    r->config, "dum-backup restore", r->request->options->key);
	struct dum_error inner = {0};
	struct ship_result result;
	enum dum_status status;

	status = ship_journal(&result, r->config, &options, &inner);
	if (status == DUM_OK)
		return status;
	if (status == DUM_ENOTFOUND || status == DUM_EDAMAGED ||
	    status == DUM_ESCHEMA || status == DUM_ECONFLICT) {
		snprintf(r->out->not_shipped, sizeof(r->out->not_shipped), "%s",
		         inner.text);
		return DUM_OK;
	}
	return error_set(err, status, "%s", inner.text);
}

/* Of the live one, else of the newest proven backup. */
static void find_database(char out[static SNAPSHOT_ID_MAX],
                          const struct restoring *r,
                          const struct catalog *catalog)
{
	const struct catalog_entry *e = catalog_newest_proven(catalog);
	struct dum_error ignored = {0};
	struct strbuf id = STRBUF_INIT;
	struct db *db = NULL;

	snprintf(out, SNAPSHOT_ID_MAX, "%s", e != NULL ? e->database_id : "");
	if (!r->request->whole &&
	    db_open_any_version(&db, r->config, &ignored) == DUM_OK &&
	    system_info_get(&id, db, "database_id", &ignored) == DUM_OK)
		snprintf(out, SNAPSHOT_ID_MAX, "%s", id.buf);
	db_free(db);
	strbuf_release(&id);
}

/* --- which backup --------------------------------------------------------- */

struct choice {
	struct restoring *r;
	const struct catalog *catalog;
	const char *database_id;
	int64_t timeline;
	char at[CLOCK_TEXT_MAX];
};

static bool is_candidate(const struct choice *c, size_t i, bool before)
{
	const struct catalog_entry *e = &c->catalog->list[i];

	return e->state == BACKUP_PROVEN && e->timeline == c->timeline &&
	       strcmp(e->database_id, c->database_id) == 0 &&
	       (e->parsed.at <= c->r->request->at) == before;
}

/* Is the last entry of the journal in the image not later than the instant? */
static enum dum_status is_early(bool *out, const struct choice *c,
                                struct dum_error *err)
{
	sqlite3_stmt *statement = NULL;
	sqlite3 *handle = NULL;
	enum dum_status status;
	const char *at;
	int rc;

	status = image_open(&handle, c->r->image, err);
	if (status != DUM_OK)
		return status;
	rc = sqlite3_prepare_v2(handle, sql_queries[SQL_REPLAY_JOURNAL_END], -1,
	                        &statement, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	if (rc == SQLITE_ROW) {
		at = (const char *)sqlite3_column_text(statement, 1);
		*out = at != NULL && strcmp(at, c->at) <= 0;
	} else if (rc == SQLITE_DONE) {
		*out = false;
	} else {
		status = db_engine_error(handle, "the backup", rc, "read", err);
	}
	sqlite3_finalize(statement);
	image_close(c->r->image);
	return status;
}

static enum dum_status try_backup(bool *found, struct choice *c, size_t i,
                                  struct dum_error *err)
{
	const struct catalog_entry *e = &c->catalog->list[i];
	struct restoring *r = c->r;
	const struct verify_request verify = {.dir = r->dir,
	                                      .name = e->name,
	                                      .level = VERIFY_LEVEL_MAX,
	                                      .key = r->request->key};
	enum dum_status status;

	status = verify_backup(&r->out->manifest, &r->image, &verify, err);
	if (status == DUM_OK)
		status = is_early(found, c, err);
	if (status == DUM_OK && *found) {
		memcpy(r->out->name, e->name, sizeof(r->out->name));
		r->name = r->out->name;
		return DUM_OK;
	}
	image_free(r->image);
	r->image = NULL;
	return status;
}

static enum dum_status none_fits(const struct choice *c, struct dum_error *err)
{
	const struct catalog *catalog = c->catalog;
	const struct catalog_entry *oldest = NULL;

	for (size_t i = catalog->count; i-- > 0;)
		if (catalog->list[i].state == BACKUP_PROVEN &&
		    strcmp(catalog->list[i].database_id, c->database_id) == 0)
			oldest = &catalog->list[i];
	if (oldest == NULL)
		return error_set(err, DUM_ENOTFOUND,
		                 "there is no proven backup of this database");
	/* Known only where the journal reaches back so far. */
	if (c->timeline == 0)
		return error_set(err, DUM_ENOTFOUND,
		                 "no proven backup is of before %s; the oldest "
		                 "one is %s",
		                 c->at, oldest->name);
	return error_set(err, DUM_ENOTFOUND,
	                 "no proven backup is of before %s and of the same "
	                 "timeline (%lld); the oldest proven one is %s",
	                 c->at, (long long)c->timeline, oldest->name);
}

static enum dum_status choose(struct choice *c, struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	bool found = false;

	for (size_t i = c->catalog->count;
	     i-- > 0 && status == DUM_OK && !found;)
		if (is_candidate(c, i, true))
			status = try_backup(&found, c, i, err);
	for (size_t i = 0; i < c->catalog->count && status == DUM_OK && !found;
	     i++)
		if (is_candidate(c, i, false)) {
			status = try_backup(&found, c, i, err);
			/* Those after it are later still. */
			break;
		}
	if (status == DUM_OK && !found)
		status = none_fits(c, err);
	return status;
}

enum dum_status restore_at_unpack(struct restoring *r, struct dum_error *err)
{
	const struct segment_access access = {.container = r->request->key};
	struct catalog catalog = {.count = 0};
	char database_id[SNAPSHOT_ID_MAX];
	struct choice c = {.r = r, .catalog = &catalog};
	struct history history = {.folder = STRBUF_INIT};
	enum dum_status status;

	if (r->request->at > clock_now())
		return error_set(err, DUM_EINVAL,
		                 "that instant is yet to come, by the clock "
		                 "of this machine");
	clock_format_utc(c.at, r->request->at);
	status = restore_ship_end(r, err);
	if (status == DUM_OK)
		status = catalog_read(&catalog, backup_dir_path(r->dir), err);
	if (status != DUM_OK)
		return status;
	find_database(database_id, r, &catalog);
	c.database_id = database_id;
	status = history_open(&history, backup_dir_path(r->dir), database_id,
	                      &access, err);
	if (status == DUM_OK)
		status = history_timeline(&c.timeline, &history, c.at, err);
	/* Nothing was ever shipped: a backup alone will have to do. */
	for (size_t i = 0; history.list.count == 0 && i < catalog.count; i++)
		if (catalog.list[i].parsed.at <= r->request->at)
			c.timeline = catalog.list[i].timeline;
	if (status == DUM_OK)
		status = choose(&c, err);
	history_close(&history);
	catalog_release(&catalog);
	return status;
}

/* --- replaying ------------------------------------------------------------ */

struct replaying {
	struct restoring *r;
	struct db *db; /* the image */
	const struct catalog *catalog;
	bool with_journal; /* its chain goes on in the image */
};

/* Is a backup known that ends here? Then its tables are these. */
static enum dum_status hold_against(struct replaying *p, int64_t id,
                                    struct dum_error *err)
{
	const struct snapshot_facts *base = &p->r->out->manifest.facts;
	struct content_tables found = {.count = 0};
	struct dum_error inner = {0};
	enum dum_status status = DUM_OK;
	struct manifest m;

	for (size_t i = 0; i < p->catalog->count && status == DUM_OK; i++) {
		const struct catalog_entry *e = &p->catalog->list[i];

		if (!e->has_manifest || e->journal_id != id ||
		    e->timeline != base->timeline ||
		    strcmp(e->database_id, base->database_id) != 0)
			continue;
		status = manifest_read(&m, backup_dir_path(p->r->dir), e->name,
		                       err);
		if (status != DUM_OK ||
		    m.facts.schema_version != p->r->out->schema_to)
			continue;
		if (found.count == 0)
			status = content_read(&found, p->db->sqlite,
			                      "the replayed database", true,
			                      err);
		if (status == DUM_OK)
			status = content_compare(&found, &m.facts.tables, false,
			                         &inner);
		if (status == DUM_EDAMAGED && inner.status == status)
			return error_set(err, status,
			                 "after entry %lld of the journal, "
			                 "held against %s: %s",
			                 (long long)id, e->name, inner.text);
		p->r->out->checked += status == DUM_OK;
	}
	return status;
}

static enum dum_status keep_entry(struct db *db, const struct journal_record *e,
                                  struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_JOURNAL_APPEND, err);
	query_bind_int(&q, ":id", e->id);
	query_bind_text(&q, ":at", e->at);
	query_bind_int(&q, ":timeline", e->timeline);
	query_bind_int(&q, ":batch", e->batch);
	query_bind_text(&q, ":actor", e->actor);
	query_bind_text(&q, ":address", e->address);
	query_bind_text(&q, ":source", e->source);
	query_bind_text(&q, ":request_id", e->request_id);
	query_bind_text(&q, ":op", e->op);
	query_bind_text(&q, ":tbl", e->table);
	query_bind_text(&q, ":pk", e->pk);
	query_bind_text(&q, ":before", e->before);
	query_bind_text(&q, ":after", e->after);
	query_bind_blob(&q, ":prev", e->prev, HASH_BYTES);
	query_bind_text(&q, ":key_id", e->key_id);
	query_bind_blob(&q, ":mac", e->mac, HASH_BYTES);
	return query_run(&q);
}

static enum dum_status take(void *arg, const struct journal_record *e,
                            struct dum_error *err)
{
	struct replaying *p = arg;
	enum dum_status status = replay_entry(p->db, e, err);

	if (status == DUM_OK && p->with_journal)
		status = keep_entry(p->db, e, err);
	if (status == DUM_OK)
		status = hold_against(p, e->id, err);
	return status;
}

static enum dum_status walk(struct replaying *p, struct dum_error *err)
{
	struct restoring *r = p->r;
	const struct snapshot_facts *base = &r->out->manifest.facts;
	struct segment_access access = {.container = r->request->key};
	struct history history = {.folder = STRBUF_INIT};
	struct segment_key seals = {.hmac = NULL};
	struct history_walk way = {.timeline = base->timeline,
	                           .after_id = base->journal_id};
	struct history_end end = {.last_id = base->journal_id};
	char until[CLOCK_TEXT_MAX];
	enum dum_status status;

	clock_format_utc(until, r->request->at);
	if (r->upto_id != 0)
		way.upto_id = r->upto_id;
	else
		way.until = until;
	memcpy(way.after_mac, base->journal_mac, HASH_BYTES);
	status = segment_key_read(&seals, r->config->secret_key_file, err);
	access.seals = &seals;
	if (status == DUM_OK)
		status = history_open(&history, backup_dir_path(r->dir),
		                      base->database_id, &access, err);
	if (status == DUM_OK)
		status = history_walk(&end, &history, &way, take, p, err);
	r->out->replayed = end.entries;
	r->out->last_id = end.last_id;
	memcpy(r->out->last_at, end.last_at, sizeof(r->out->last_at));
	r->out->open_end = !end.reached;
	history_close(&history);
	segment_key_release(&seals);
	return status;
}

/* The chain of the image is no longer that of the journal once migrated. */
static enum dum_status replay(struct replaying *p, struct dum_error *err)
{
	enum dum_status status;

	status = db_begin(p->db, p->r->who, err);
	if (status == DUM_OK)
		status = db_exec(p->db, "PRAGMA defer_foreign_keys = ON", err);
	if (status == DUM_OK)
		status = walk(p, err);
	if (status == DUM_OK)
		status = restore_recount(p->db, err);
	if (status == DUM_OK)
		status = db_commit(p->db, err);
	db_rollback(p->db);
	return status;
}

static enum dum_status replay_image(struct restoring *r,
                                    const struct catalog *catalog,
                                    struct dum_error *err)
{
	struct config config = restore_image_config(r);
	struct replaying p = {.r = r,
	                      .catalog = catalog,
	                      .with_journal = r->out->schema_from ==
	                                      r->out->schema_to};
	sqlite3 *handle = NULL;
	enum dum_status status;

	/* Days come in no order of pages, and nobody else needs the memory. */
	if (config.sqlite_cache_size < REPLAY_CACHE_KB)
		config.sqlite_cache_size = REPLAY_CACHE_KB;
	status = db_open(&p.db, &config, err);
	if (status == DUM_OK)
		status = replay(&p, err);
	if (status == DUM_OK)
		status = db_exec(p.db, "PRAGMA journal_mode = DELETE", err);
	db_free(p.db);
	if (status == DUM_OK)
		status = image_open(&handle, r->image, err);
	if (status == DUM_OK)
		status = image_check(handle, "the replayed database", err);
	if (status == DUM_OK)
		status = content_read(&r->wanted, handle,
		                      "the replayed database", true, err);
	image_close(r->image);
	return status;
}

enum dum_status restore_at_replay(struct restoring *r, struct dum_error *err)
{
	struct catalog catalog;
	enum dum_status status;

	status = catalog_read(&catalog, backup_dir_path(r->dir), err);
	if (status != DUM_OK)
		return status;
	status = replay_image(r, &catalog, err);
	catalog_release(&catalog);
	return status;
}
