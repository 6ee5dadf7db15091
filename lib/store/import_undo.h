#ifndef DUM_STORE_IMPORT_UNDO_H
#define DUM_STORE_IMPORT_UNDO_H
/*
 * import_undo - take an import back, by what the journal says it did.
 *
 * Records that it changed get the amount and the time back that they had;
 * records, monthly summaries and locations that it made go. A location stays
 * where anything else hangs on it, or it was changed since: that is no reason
 * to refuse, it merely is in use now.
 *
 * It is refused where a later change touched a record or a summary of the
 * import, whoever made it: undo the later ones first. The undo is a change of
 * its own, its entries have op "undo"; it can not be undone itself, the file
 * can be imported again.
 */
#include "base/json_writer.h"
#include "calc/date.h"
#include "store/location.h"

enum { IMPORT_TOUCHED_MAX = 20 };

/* A record or a summary that is no longer as the import left it. */
struct import_touched {
	char date[DATE_TEXT_MAX];
	char location[LOCATION_NAME_MAX]; /* its name now */
	bool summary;
};

struct import_undone {
	int64_t removed;  /* records */
	int64_t restored; /* records */
	int64_t summaries_removed, summaries_restored;
	int64_t locations_removed, locations_left;
	/* Why it was refused; the first of them are named. */
	int64_t touched;
	struct import_touched first[IMPORT_TOUCHED_MAX];
};

/*
 * Inside db_begin(); on any error roll back. DUM_ENOTFOUND: no such import.
 * DUM_EAUTH: for somebody who does not see all locations.
 * DUM_ECONFLICT: it was undone before; or something was touched, see
 * out->touched, which is also filled in then; or entries of the journal are
 * gone that would be needed.
 */
DUM_MUST_CHECK enum dum_status import_undo(struct import_undone *out,
                                           struct db *db, int64_t id,
                                           struct dum_error *err);

/*
 * Write it as one object, for programs: `dum-import --undo --json` and the API,
 * whether it was done or refused.
 */
void import_undone_json(struct json_writer *w, int64_t id,
                        const struct import_undone *undone);

#endif
