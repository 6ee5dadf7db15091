#ifndef DUM_EXCHANGE_EXPORT_H
#define DUM_EXCHANGE_EXPORT_H
/*
 * export - days as a file that dum-import takes back without a change:
 *
 *	wide	Date,North,South		a row for each day, a column for
 *		2024-03-01,12.5,		each location; a gap is unknown
 *	long	date,location,usage_gb		a row for each record
 *		2024-03-01,North,12.5
 *	json	[{"date":"2024-03-01",...},	the same, one object a line
 *		...]
 *
 * Amounts are gigabytes, exact. Names in tables are guarded against
 * spreadsheets: calc/csv_guard.h. UTF-8, lines end with LF.
 *
 * A wide table is told from a long one by its "Date", see exchange/table.h. Of
 * a wide table dum-import has to --empty skip, since a gap is no zero.
 */
#include "base/strbuf.h"
#include "store/usage.h"

enum export_format { EXPORT_WIDE, EXPORT_LONG, EXPORT_JSON };

/* "wide", "long" or "json"; -1: no such format. */
int export_format_find(const char *name);

const char *export_format_name(enum export_format format);

struct export_options {
	enum export_format format;
	struct date from, until;      /* half-open; year 0: no bound */
	const char *const *locations; /* names */
	size_t nlocations;            /* 0: all, active or not */
};

/* Takes the next piece of the file; another status than DUM_OK ends it. */
typedef enum dum_status (*export_fn)(void *arg, const char *text, size_t len,
                                     struct dum_error *err);

/*
 * Write the file piece by piece, inside db_read_begin(). *rows_out: lines with
 * days. DUM_ENOTFOUND: no location of that name. DUM_EINVAL: more locations
 * than a wide table may have columns. Memory: the names, and a row.
 */
DUM_MUST_CHECK enum dum_status export_run(int64_t *rows_out, struct db *db,
                                          const struct export_options *options,
                                          export_fn fn, void *arg,
                                          struct dum_error *err);

/* A long table line by line, for who has the rows already. */
void export_long_header(struct strbuf *out);
void export_long_row(struct strbuf *out, const char *date, const char *location,
                     int64_t bytes);

#endif
