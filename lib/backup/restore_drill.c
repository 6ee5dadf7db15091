#include "backup/restore_drill.h"

#include <stdlib.h>

#include "backup/restore_parts.h"
#include "store/migrate.h"

static enum dum_status into_empty(struct restoring *r, struct db *db,
                                  struct dum_error *err)
{
	enum dum_status status;

	status = db_begin_long(db, r->who, err);
	if (status == DUM_OK)
		status = restore_rows(r, db, err);
	if (status == DUM_OK)
		status = restore_journal(r, db, 0, err);
	if (status == DUM_OK)
		status = restore_compare(r, db, err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	db_rollback(db);
	if (status == DUM_OK)
		status = image_check(db->sqlite, "the restored database", err);
	return status;
}

static enum dum_status run(struct restoring *r, int64_t bytes,
                           struct dum_error *err)
{
	struct config config = *r->config;
	struct image *target = NULL;
	enum dum_status status;
	struct db *db = NULL;
	int from, to;

	status = image_new(&target, r->dir, bytes, err);
	if (status == DUM_OK) {
		/* Only read, and the image outlives the handle. */
		config.database_path = (char *)(uintptr_t)image_path(target);
		status = db_open_any_version(&db, &config, err);
	}
	if (status == DUM_OK)
		status = migrate(&from, &to, db, r->who, err);
	if (status == DUM_OK)
		status = into_empty(r, db, err);
	db_free(db);
	image_free(target);
	return status;
}

enum dum_status restore_drill(struct drill_result *out,
                              const struct config *config,
                              const struct backup_dir *dir,
                              const struct origin *who, const char *name,
                              const struct container_key *key,
                              struct dum_error *err)
{
	const struct restore_request request = {.name = name, .key = key};
	const struct verify_request verify = {
	    .dir = dir, .name = name, .level = VERIFY_LEVEL_MAX, .key = key};
	struct restore_result *result = calloc(1, sizeof(*result));
	struct restoring *r = calloc(1, sizeof(*r));
	enum dum_status status;

	if (r == NULL || result == NULL) {
		status = error_set(err, DUM_ENOMEM, "out of memory");
		goto out;
	}
	*r = (struct restoring){.config = config,
	                        .dir = dir,
	                        .who = who,
	                        .request = &request,
	                        .name = name,
	                        .out = result};
	status = verify_backup(&result->manifest, &r->image, &verify, err);
	if (status == DUM_OK)
		status = restore_prepare(r, err);
	/* The rows once more, in the file and before it in its log. */
	if (status == DUM_OK)
		status = run(r,
		             2 * result->manifest.facts.page_size *
		                 result->manifest.facts.page_count,
		             err);
	if (status == DUM_OK) {
		*out = (struct drill_result){.tables = result->table_count};
		for (size_t i = 0; i < result->table_count; i++)
			out->rows += result->tables[i].rows;
	}
	image_free(r->image);
out:
	free(r);
	free(result);
	return status;
}
