#ifndef DUM_STORE_CHECKPOINT_H
#define DUM_STORE_CHECKPOINT_H
/*
 * checkpoint - carry the write-ahead log over into the database file: the only
 * place that does.
 *
 * SQLite before 3.51.3 can lose committed pages when one process checkpoints
 * while another commits (the WAL-reset race). So handle A takes the write
 * lock, handle B checkpoints (PASSIVE, which never waits), A lets go.
 */
#include "store/db.h"

/* So many pages in the log make a checkpoint worth its cost. */
enum { CHECKPOINT_FRAMES = 1000 };

/*
 * Checkpoint, outside of any transaction. It gives way: DUM_EBUSY where
 * others write all the time, and the next call gets further.
 */
DUM_MUST_CHECK enum dum_status db_checkpoint(struct db *db,
                                             struct dum_error *err);

/*
 * Checkpoint when this handle's last commit left a long log; errors can wait.
 */
void db_checkpoint_if_long(struct db *db);

#endif
