#ifndef DUM_STORE_IMPORT_UNDO_PARTS_H
#define DUM_STORE_IMPORT_UNDO_PARTS_H
/* import_undo_parts - an undo at work; for the files of import_undo alone. */
#include "store/day_rows.h"
#include "store/import_undo.h"
#include "store/record_counts.h"

/* Records that were changed within the second of the import, but after it. */
struct import_undo_later {
	int64_t *ids; /* ascending */
	size_t count, room;
};

struct import_undo {
	struct db *db;
	struct import_undone *out;
	int64_t id;
	char at[CLOCK_TEXT_MAX]; /* of the import */
	int64_t first, last;     /* its entries in the journal */
	int64_t reached;         /* the lowest that was found */
	struct import_undo_later later;
	struct record_counts gone;     /* records, by location */
	struct day_rows before, after; /* of the entry being written */
};

/* One entry of the import's change. */
struct import_undo_entry {
	const char *at, *op, *table, *pk, *before, *after;
};

/* A record, or a summary, is no longer as the import left it. */
DUM_MUST_CHECK enum dum_status import_undo_touched(struct import_undo *u,
                                                   const char *day,
                                                   int64_t location_id,
                                                   bool summary,
                                                   struct dum_error *err);

/* Find changes that a record's time can not tell from the import's own. */
DUM_MUST_CHECK enum dum_status import_undo_find_later(struct import_undo *u,
                                                      struct dum_error *err);
bool import_undo_changed_later(const struct import_undo *u, int64_t id);

/* An entry of days. */
DUM_MUST_CHECK enum dum_status import_undo_days(
    struct import_undo *u, const struct import_undo_entry *e,
    struct dum_error *err);

/* The entry of a location that was made. */
DUM_MUST_CHECK enum dum_status import_undo_location(
    struct import_undo *u, const struct import_undo_entry *e,
    struct dum_error *err);

#endif
