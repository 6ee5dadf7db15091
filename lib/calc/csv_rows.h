#ifndef DUM_CALC_CSV_ROWS_H
#define DUM_CALC_CSV_ROWS_H
/*
 * csv_rows - the rows of a text of separated values, one after the other.
 *
 * Lines end with LF, CRLF or CR. Cells may be quoted and then hold
 * separators, line breaks and doubled quotes. Empty lines are passed over.
 * Rows may have different numbers of cells. Blanks around a cell, those that
 * do not break among them, are cut off.
 *
 * Memory: one row and its longest cell.
 */
#include "calc/csv_text.h"

enum {
	CSV_CELL_MAX = 4096,     /* bytes of a cell */
	CSV_COLUMNS_MAX = 20000, /* cells of a row */
	CSV_ROWS_MAX = 20000000  /* rows of a file */
};

struct csv_cell {
	const char *text; /* UTF-8; not terminated */
	size_t len;
};

/* A row; lives until the function that got it returns. */
struct csv_row {
	int line;     /* of the file that it starts on; 1 is the first */
	size_t count; /* 1..CSV_COLUMNS_MAX */
	const struct csv_cell *cells;
};

/* All cells are empty, as at the foot of many tables: the row is none. */
bool csv_row_is_blank(const struct csv_row *row);

/* Called for each row; another status than DUM_OK ends it and is passed on. */
typedef enum dum_status (*csv_row_fn)(void *arg, const struct csv_row *row,
                                      struct dum_error *err);

/*
 * Give each row to fn. DUM_EINVAL, with the line in err->line: quotes that do
 * not match, or a limit is passed. DUM_ENOMEM.
 */
DUM_MUST_CHECK enum dum_status csv_rows_each(const struct csv_text *text,
                                             csv_row_fn fn, void *arg,
                                             struct dum_error *err);

#endif
