#ifndef DUM_STORE_USAGE_BATCH_H
#define DUM_STORE_USAGE_BATCH_H
/*
 * usage_batch - store many days in one change, with a few journal entries for
 * all of them instead of one for each.
 *
 *	usage_batch_open(&batch, db, import_id, err);
 *	usage_batch_put(...), once for each date and location
 *	usage_batch_finish(batch, err);	before db_commit()
 *	usage_batch_free(batch);	always
 *
 * Fast when dates ascend and, within a date, location ids do.
 */
#include "store/usage.h"

struct usage_batch;

/* What to do where a record is there already. */
enum usage_put_mode {
	USAGE_REPLACE, /* it gets the new amount */
	USAGE_KEEP     /* it stays; only an unknown day is filled */
};

/*
 * Inside db_begin(). import_id stands in the journal's entries; 0: they are no
 * import, but days that somebody entered at once (op "batch").
 */
DUM_MUST_CHECK enum dum_status usage_batch_open(struct usage_batch **out,
                                                struct db *db,
                                                int64_t import_id,
                                                struct dum_error *err);

/*
 * USAGE_SAME also where USAGE_KEEP found a record. DUM_ECONFLICT: there
 * is no such location.
 */
DUM_MUST_CHECK enum dum_status usage_batch_put(
    enum usage_change *change_out, struct usage_batch *batch, struct date date,
    int64_t location_id, int64_t bytes, enum usage_put_mode mode,
    struct dum_error *err);

/* What the last put replaced, in bytes; -1: the day was unknown. */
int64_t usage_batch_before(const struct usage_batch *batch);

/* Write the last journal entry and the counters. */
DUM_MUST_CHECK enum dum_status usage_batch_finish(struct usage_batch *batch,
                                                  struct dum_error *err);
void usage_batch_free(struct usage_batch *batch);

#endif
