#include "store/migrate.h"

#include <stdio.h>

#include "base/json_writer.h"
#include "crypto/random.h"
#include "store/handle.h"
#include "store/journal.h"
#include "store/migrations.h"
#include "store/system_info.h"

int migrate_newest(void)
{
	return migrations_newest;
}

/* Facts that a new database gets once. */
static enum dum_status found(struct db *db, struct dum_error *err)
{
	char id[33];
	enum dum_status status;

	status = random_hex(id, 16, err);
	if (status == DUM_OK)
		status = system_info_set(db, "database_id", id, err);
	if (status == DUM_OK)
		status = system_info_set(db, "timeline", "1", err);
	if (status == DUM_OK)
		status = system_info_set(db, "data_generation", "0", err);
	return status;
}

static enum dum_status set_version(struct db *db, int version,
                                   struct dum_error *err)
{
	char sql[96], text[16];
	enum dum_status status;

	/* A pragma takes no bound values; both are numbers of ours. */
	snprintf(sql, sizeof(sql),
	         "PRAGMA user_version = %d; PRAGMA application_id = %d",
	         version, DB_APPLICATION_ID);
	status = db_exec(db, sql, err);
	snprintf(text, sizeof(text), "%d", version);
	if (status == DUM_OK)
		status = system_info_set(db, "schema_version", text, err);
	return status;
}

static enum dum_status enter_journal(struct db *db, int from, int to,
                                     struct dum_error *err)
{
	struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
	struct json_writer w = {.out = &before};
	enum dum_status status;

	jsonw_object_begin(&w);
	jsonw_member_int(&w, "schema_version", from);
	jsonw_object_end(&w);
	w = (struct json_writer){.out = &after};
	jsonw_object_begin(&w);
	jsonw_member_int(&w, "schema_version", to);
	if (from == 0) {
		struct strbuf id = STRBUF_INIT;

		(void)!system_info_get(&id, db, "database_id", err);
		jsonw_member_string(&w, "database_id", id.buf);
		strbuf_release(&id);
	}
	jsonw_object_end(&w);
	if (!strbuf_ok(&before) || !strbuf_ok(&after))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = journal_append(
		    db,
		    &(struct journal_change){
		        .op = from == 0 ? "init" : "migrate",
		        .table = "system_info",
		        .before = from == 0 ? NULL : before.buf,
		        .after = after.buf},
		    err);
	strbuf_release(&before);
	strbuf_release(&after);
	return status;
}

static enum dum_status run_step(struct db *db, const struct migration *step,
                                struct dum_error *err)
{
	int rc = sqlite3_exec(db->sqlite, step->sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? DUM_OK : db_error(db, rc, step->name, err);
}

static enum dum_status run_steps(struct db *db, int from, struct dum_error *err)
{
	enum dum_status status = DUM_OK;

	for (const struct migration *m = migrations;
	     status == DUM_OK && m->sql != NULL; m++)
		if (m->version > from)
			status = run_step(db, m, err);
	if (status == DUM_OK && from == 0)
		status = found(db, err);
	if (status == DUM_OK)
		status = set_version(db, migrations_newest, err);
	if (status == DUM_OK)
		status = enter_journal(db, from, migrations_newest, err);
	return status;
}

enum dum_status migrate(int *from_out, int *to_out, struct db *db,
                        const struct origin *who, struct dum_error *err)
{
	enum dum_status status;
	int64_t from = 0;

	/* The version is read behind the lock: two may migrate at once. */
	status = db_begin_long(db, who, err);
	if (status != DUM_OK)
		return status;
	status = db_number(&from, db, "PRAGMA user_version", err);
	if (status == DUM_OK && from > migrations_newest)
		status = error_set(err, DUM_ESCHEMA,
		                   "%s has schema version %lld, which is newer "
		                   "than the %d of this program; install the "
		                   "newer program",
		                   db->path, (long long)from,
		                   migrations_newest);
	if (status == DUM_OK && from < migrations_newest) {
		status = run_steps(db, (int)from, err);
		if (status == DUM_OK)
			status = db_commit(db, err);
	}
	db_rollback(db);
	if (status == DUM_OK) {
		db->schema = migrations_newest;
		*from_out = (int)from;
		*to_out = migrations_newest;
	}
	return status;
}
