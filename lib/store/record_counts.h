#ifndef DUM_STORE_RECORD_COUNTS_H
#define DUM_STORE_RECORD_COUNTS_H
/*
 * record_counts - how many records each location has more or fewer after a
 * change of many, written to the counters once at its end.
 *
 * Starts as {0}; end with record_counts_release().
 */
#include <stddef.h>

#include "store/db.h"

struct record_count {
	int64_t location_id;
	int64_t delta;
};

struct record_counts {
	struct record_count *list;
	size_t count, room;
	size_t last; /* where the last one was found */
};

DUM_MUST_CHECK enum dum_status record_counts_add(struct record_counts *counts,
                                                 int64_t location_id,
                                                 int64_t delta,
                                                 struct dum_error *err);

/* Inside db_begin(): into the counters; then all are zero again. */
DUM_MUST_CHECK enum dum_status record_counts_store(struct record_counts *counts,
                                                   struct db *db,
                                                   struct dum_error *err);

void record_counts_release(struct record_counts *counts);

#endif
