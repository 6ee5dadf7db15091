#ifndef DUM_EXCHANGE_WIDE_CSV_PLAN_H
#define DUM_EXCHANGE_WIDE_CSV_PLAN_H
/* wide_csv_plan - a file taken apart; for the files of wide_csv alone. */
#include "calc/csv_quote.h"
#include "calc/csv_rows.h"
#include "calc/day_years.h"
#include "crypto/hash.h"
#include "exchange/import_run.h"
#include "exchange/wide_csv.h"
#include "store/location.h"

/* A column behind the dates. Its number in the file is its index plus 2. */
struct wide_column {
	char *name; /* "" where the header has none */
	bool used;  /* something is to be stored for it */
};

/* Cells that hold no amount. */
enum {
	CELL_NONE = -1, /* nothing to store: no number, rejected, repeated */
	CELL_EMPTY = -2 /* as options.empty says */
};

struct wide_csv {
	struct csv_options options;
	struct import_options take;
	char hash[HASH_HEX_MAX];
	struct wide_column *columns;
	size_t ncolumns;
	struct day_years_row *rows;
	size_t nrows, rows_room;
	int64_t *cells; /* bytes; row by row, ncolumns each */
	int *order;     /* of the rows: by day, then line */
};

/* First time over the file: header, dates, and what numbers look like. */
DUM_MUST_CHECK enum dum_status wide_csv_scan(struct wide_csv *csv,
                                             struct import_report *report,
                                             const struct csv_text *text,
                                             struct dum_error *err);

/* Second time, with all decided: the amounts. */
DUM_MUST_CHECK enum dum_status wide_csv_take(struct wide_csv *csv,
                                             struct import_report *report,
                                             const struct csv_text *text,
                                             struct dum_error *err);

/* Put the rows in order and settle days that the file has twice. */
DUM_MUST_CHECK enum dum_status wide_csv_settle(struct wide_csv *csv,
                                               struct import_report *report,
                                               struct dum_error *err);

#endif
