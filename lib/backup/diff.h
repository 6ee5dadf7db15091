#ifndef DUM_BACKUP_DIFF_H
#define DUM_BACKUP_DIFF_H
/*
 * diff - what is not the same in two states of one database: locations, days,
 * monthly summaries, cycle days. By what they say, not by ids or times of rows.
 */
#include "store/db.h"

enum diff_table { DIFF_LOCATIONS, DIFF_DAYS, DIFF_SUMMARIES, DIFF_SETTINGS };
enum { DIFF_TABLES = DIFF_SETTINGS + 1 };

const char *diff_table_name(enum diff_table table);

struct diff_counts {
	int64_t same, changed;
	int64_t only_a, only_b;
};

/* A row that differs. Texts live until fn returns; NULL: there is no such. */
struct diff_row {
	enum diff_table table;
	const char *date; /* or the period's start, or valid_from; "" none */
	int64_t location_id;
	const char *location; /* its name; NULL: that of all */
	const char *a, *b;    /* what it says; NULL: it is not there */
};

typedef enum dum_status (*diff_fn)(void *arg, const struct diff_row *row,
                                   struct dum_error *err);

/*
 * Both are in one state meanwhile (see db_read_begin()). DUM_ECONFLICT: they
 * are of two databases.
 */
DUM_MUST_CHECK enum dum_status diff_databases(
    struct diff_counts out[static DIFF_TABLES], struct db *a, struct db *b,
    diff_fn fn, void *arg, struct dum_error *err);

#endif
