#include "store/checkpoint.h"

#include "store/handle.h"

/* A checkpoint can wait longer than a change: it gives way soon. */
enum { PATIENCE_MS = 100 };

static enum dum_status copy_back(struct db *db, struct dum_error *err)
{
	int in_log = 0, copied = 0, rc;

	rc = sqlite3_wal_checkpoint_v2(db->checkpointer, NULL,
	                               SQLITE_CHECKPOINT_PASSIVE, &in_log,
	                               &copied);
	if (rc != SQLITE_OK)
		return db_error(db, rc, "checkpoint", err);
	/*
	 * All copied: the next change starts the log over. Else a reader
	 * still needs part of it; try again after as many pages more.
	 */
	db->wal_frames = copied == in_log ? 0 : db->wal_frames;
	return DUM_OK;
}

enum dum_status db_checkpoint(struct db *db, struct dum_error *err)
{
	enum dum_status status;

	if (db->change.running || db->reading)
		return error_set(err, DUM_ESYS,
		                 "no checkpoint within a transaction");
	if (db->checkpointer == NULL) {
		status = db_connect(&db->checkpointer, db->path, db->config,
		                    err);
		if (status != DUM_OK)
			return status;
	}
	status = writer_lock_take(db->lock, false, "checkpoint", PATIENCE_MS,
	                          err);
	if (status != DUM_OK)
		return status;
	status = db_exec(db, "BEGIN IMMEDIATE", err);
	if (status == DUM_OK) {
		status = copy_back(db, err);
		sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
	}
	writer_lock_release(db->lock);
	return status;
}

void db_checkpoint_if_long(struct db *db)
{
	struct dum_error err = {0};

	/* What can not be done now is done after the next change. */
	if (db->wal_frames >= CHECKPOINT_FRAMES)
		(void)!db_checkpoint(db, &err);
}
