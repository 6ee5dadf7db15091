#include "store/compact.h"

#include <stdlib.h>

#include "base/fsutil.h"
#include "store/checkpoint.h"
#include "store/handle.h"
#include "store/inspect.h"

static bool is_worth_it(const struct db_facts *facts)
{
	return facts->free_bytes >= COMPACT_LEAST_BYTES &&
	       facts->free_bytes / COMPACT_LEAST_PERCENT >= facts->bytes / 100;
}

/*
 * Where the engine's temporary files lie is one setting of the whole process;
 * the caller lets go of it.
 */
static enum dum_status lay_temporary_files_beside(struct db *db,
                                                  struct dum_error *err)
{
	char *folder = fs_parent(db->path);

	if (folder != NULL)
		sqlite3_temp_directory = sqlite3_mprintf("%s", folder);
	free(folder);
	if (sqlite3_temp_directory == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	/* Not in memory: the copy is as large as the file. */
	return db_exec(db, "PRAGMA temp_store = FILE", err);
}

static enum dum_status vacuum(struct db *db, const struct origin *who,
                              struct dum_error *err)
{
	enum dum_status status;

	status = writer_lock_take(db->lock, true, who->source,
	                          (int)db->config->sqlite_busy_timeout, err);
	if (status != DUM_OK)
		return status;
	status = lay_temporary_files_beside(db, err);
	if (status == DUM_OK) {
		/* It attaches the copy; nothing else attaches anything. */
		sqlite3_limit(db->sqlite, SQLITE_LIMIT_ATTACHED, 1);
		status = db_exec(db, "VACUUM", err);
		sqlite3_limit(db->sqlite, SQLITE_LIMIT_ATTACHED, 0);
	}
	sqlite3_free(sqlite3_temp_directory);
	sqlite3_temp_directory = NULL;
	writer_lock_release(db->lock);
	return status;
}

enum dum_status db_compact(struct db_compacted *out, struct db *db,
                           const struct origin *who, bool force,
                           struct dum_error *err)
{
	struct db_compacted result = {.done = false};
	enum dum_status status;
	struct db_facts facts;

	status = db_inspect(&facts, db, err);
	if (status != DUM_OK)
		return status;
	result.bytes_before = result.bytes_after = facts.bytes;
	if (force || is_worth_it(&facts)) {
		status = vacuum(db, who, err);
		/* All of the file is in the log now. */
		if (status == DUM_OK)
			status = db_checkpoint(db, err);
		if (status == DUM_OK)
			status = db_inspect(&facts, db, err);
		result.done = true;
		result.bytes_after = facts.bytes;
	}
	if (status == DUM_OK)
		*out = result;
	return status;
}
