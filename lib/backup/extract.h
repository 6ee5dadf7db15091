#ifndef DUM_BACKUP_EXTRACT_H
#define DUM_BACKUP_EXTRACT_H
/*
 * extract - some days of a backup put back into the database, as an edit like
 * any other: one change, in the journal, that can be looked at beforehand.
 *
 * What the backup does not know is left as it is. A location is the one of the
 * same id where both are of one database, else the one of that name; one that
 * is gone is made again.
 */
#include "store/usage.h"

struct extract_request {
	struct date from, until;      /* half-open; year 0: no bound */
	const char *const *locations; /* names in the backup */
	size_t nlocations;            /* 0: all */
	bool dry_run;                 /* do all of it, then undo it */
};

/* A day that changes; texts live until fn returns. */
struct extract_row {
	const char *date;
	const char *location; /* as the database calls it */
	int64_t before;       /* bytes; -1: it is not known */
	int64_t after;
};

typedef enum dum_status (*extract_fn)(void *arg, const struct extract_row *row,
                                      struct dum_error *err);

struct extract_result {
	int64_t days; /* of the backup that were asked for */
	int64_t new, changed, same;
	int64_t locations_new;
};

/*
 * backup: unpacked and open. DUM_ENOTFOUND: the backup has no location of that
 * name. DUM_EBUSY.
 */
DUM_MUST_CHECK enum dum_status extract_days(
    struct extract_result *out, struct db *db, struct db *backup,
    const struct origin *who, const struct extract_request *request,
    extract_fn fn, void *arg, struct dum_error *err);

#endif
