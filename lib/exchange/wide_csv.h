#ifndef DUM_EXCHANGE_WIDE_CSV_H
#define DUM_EXCHANGE_WIDE_CSV_H
/*
 * wide_csv - take in a table with the dates in its first column and one
 * further column for each location; the header names the locations.
 *
 *	wide_csv_read(&csv, &report, data, len, &options, &take, err);
 *	wide_csv_apply(csv, &report, db, &who, "usage.csv", err);
 *	wide_csv_free(csv);
 *
 * Reading decides format, decimal sign and years for the whole file and finds
 * everything that is wrong with it, before the database is touched; applying
 * is one transaction. All of a file is taken in, or nothing.
 *
 * Memory: the file (the caller's; a second time when it has to be converted
 * from Latin-1), 8 bytes for each cell of its table, 16 for
 * each row. WIDE_CSV_CELLS_MAX bounds it.
 */
#include "exchange/csv_options.h"
#include "exchange/import_report.h"

enum {
	WIDE_CSV_CELLS_MAX = 50 * 1000 * 1000, /* rows times columns */
	WIDE_CSV_ROWS_MAX = 1000 * 1000
};

struct wide_csv; /* a file that was read and found good */

/*
 * Read a file from memory into a report that starts as {0}; data is not needed
 * afterwards. *out ends with wide_csv_free(). DUM_EINVAL: refused, with the
 * line in err->line and the complaints in the report. DUM_EBUSY: it has more
 * cells than take->cells_now and is put off, as the report says. DUM_ENOMEM. In
 * the report, counts.cells, .empty, .skipped and .rejected add up to rows times
 * columns, less the cells that repeat a day of the file and so count once.
 */
DUM_MUST_CHECK enum dum_status wide_csv_read(struct wide_csv **out,
                                             struct import_report *report,
                                             const void *data, size_t len,
                                             const struct csv_options *options,
                                             const struct import_options *take,
                                             struct dum_error *err);

/*
 * Store it in a transaction of its own; file_name is what the list of imports
 * will say. With take.dry_run everything is done and then rolled back.
 * DUM_EINVAL as above; also what store/db.h says.
 */
DUM_MUST_CHECK enum dum_status wide_csv_apply(
    struct wide_csv *csv, struct import_report *report, struct db *db,
    const struct origin *who, const char *file_name, struct dum_error *err);
void wide_csv_free(struct wide_csv *csv);

#endif
