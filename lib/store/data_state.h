#ifndef DUM_STORE_DATA_STATE_H
#define DUM_STORE_DATA_STATE_H
/*
 * data_state - has anything moved that pages show?
 *
 * The generation is raised by one in the transaction of each change of data or
 * settings (never by a log-in or a session); the timeline by a restore. While
 * both are the same, so is every answer that is made of data alone.
 */
#include "store/db.h"

struct data_state {
	int64_t timeline;
	int64_t generation;
};

/*
 * What holds now. SQLite tells whether another connection committed since the
 * last call; only then, and after a commit of this handle, is it read again.
 */
DUM_MUST_CHECK enum dum_status data_state_now(struct data_state *out,
                                              struct db *db,
                                              struct dum_error *err);

#endif
