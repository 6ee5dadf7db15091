/* GET /api/system/database-info: how much there is, and how safe it is. */
#include "res/resources.h"

#include "backup/backup_json.h"
#include "backup/proof_last.h"
#include "res/backup_parts.h"
#include "store/inspect.h"
#include "store/table_counts.h"

static void write_count(void *arg, const char *name, int64_t rows)
{
	jsonw_member_int(arg, name, rows);
}

static void write_entry(struct json_writer *w, const char *name,
                        const struct catalog_entry *entry)
{
	jsonw_key(w, name);
	if (entry != NULL)
		backup_json_entry(w, entry);
	else
		jsonw_null(w);
}

/* The newest one that is there. */
static const struct catalog_entry *newest(const struct catalog *catalog)
{
	for (size_t i = catalog->count; i-- > 0;)
		if (catalog->list[i].state != BACKUP_MISSING)
			return &catalog->list[i];
	return NULL;
}

static enum dum_status write_backups(struct json_writer *w,
                                     const struct app *app,
                                     struct dum_error *err)
{
	const char *dir = app->config->database_backup_dir;
	struct strbuf proof = STRBUF_INIT;
	struct dum_error inner = {0};
	struct catalog catalog;

	if (catalog_read(&catalog, dir, &inner) != DUM_OK)
		return backup_error(err, &inner);
	write_entry(w, "last_backup", newest(&catalog));
	write_entry(w, "last_proven_backup", catalog_newest_proven(&catalog));
	catalog_release(&catalog);
	if (proof_last(&proof, dir, &inner) != DUM_OK)
		return backup_error(err, &inner);
	jsonw_key(w, "last_verification");
	if (proof.len > 0)
		jsonw_raw(w, proof.buf, proof.len);
	else
		jsonw_null(w);
	strbuf_release(&proof);
	return DUM_OK;
}

enum dum_status database_info_get(struct app *app, struct request *req,
                                  struct response *res, struct dum_error *err)
{
	struct json_writer w = {.out = &res->body};
	enum dum_status status;
	struct db_facts facts;
	int64_t disk_bytes = 0;

	(void)req;
	status = db_inspect(&facts, app->db, err);
	if (status == DUM_OK)
		status = backup_dir_free_bytes(&disk_bytes, db_path(app->db),
		                               err);
	if (status != DUM_OK)
		return status;
	jsonw_object_begin(&w);
	jsonw_key(&w, "table_counts");
	jsonw_object_begin(&w);
	status = table_counts_each(app->db, write_count, &w, err);
	jsonw_object_end(&w);
	jsonw_member_int(&w, "size_bytes", facts.bytes);
	jsonw_member_int(&w, "unused_bytes", facts.free_bytes);
	jsonw_member_int(&w, "wal_bytes", facts.log_bytes);
	jsonw_member_int(&w, "disk_free_bytes", disk_bytes);
	jsonw_member_int(&w, "schema_version", facts.schema_version);
	jsonw_member_string(&w, "engine_version", db_engine_version());
	if (status == DUM_OK)
		status = write_backups(&w, app, err);
	jsonw_object_end(&w);
	return status;
}
