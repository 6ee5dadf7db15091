#ifndef DUM_EXCHANGE_WIDE_CSV_H
#define DUM_EXCHANGE_WIDE_CSV_H
/*
 * wide_csv - take in a table with the dates in its first column and one
 * further column for each location; the header names the locations.
 *
 *	wide_csv_read(&csv, &report, data, len, &options, err);
 *	wide_csv_apply(csv, &report, db, &who, "usage.csv", err);
 *	wide_csv_free(csv);
 *
 * Reading decides format, decimal sign and years for the whole file and finds
 * everything that is wrong with it, before the database is touched; applying
 * is one transaction. All of a file is taken in, or nothing.
 *
 * Memory: the file (the caller's; a second time when it has to be converted
 * from Latin-1), 8 bytes for each cell of its table, 16 for
 * each row. WIDE_CSV_BYTES_MAX and WIDE_CSV_CELLS_MAX bound it.
 */
#include "calc/csv_number.h"
#include "calc/day_format.h"
#include "store/import.h"

enum {
	WIDE_CSV_BYTES_MAX = 512 * 1024 * 1024, /* of a file */
	WIDE_CSV_CELLS_MAX = 50 * 1000 * 1000,  /* rows times columns */
	WIDE_CSV_COMPLAINTS_MAX = 100           /* that are kept */
};

/* What to do with an empty cell. */
enum wide_csv_empty {
	WIDE_CSV_ZERO,     /* zero use, but only where nothing is known */
	WIDE_CSV_SKIP,     /* it stays unknown */
	WIDE_CSV_OVERWRITE /* zero use, whatever is there */
};

/* "zero", "skip" or "overwrite"; -1: no such mode. */
int wide_csv_empty_find(const char *name);
const char *wide_csv_empty_name(enum wide_csv_empty empty);

struct wide_csv_options {
	int date_format; /* enum day_format; -1: found out */
	int year;        /* of the first row; 0: found out */
	enum csv_decimal decimal;
	enum wide_csv_empty empty;
	enum byte_unit unit;
	int64_t max_bytes;  /* of a day, 0..USAGE_BYTES_MAX */
	bool allow_future;  /* also days later than tomorrow */
	bool skip_rejected; /* leave out cells that would stop it */
	bool dry_run;
	struct date today;
	/* Called now and then while the records are written; may be NULL. */
	void (*progress)(void *arg, long long done, long long all);
	void *progress_arg;
};

struct wide_csv_complaint {
	int line;       /* 0: not one line */
	int column;     /* 1 is the column of dates; 0: not one cell */
	char text[240]; /* one line of UTF-8 */
};

/* What came of it. Filled in as far as it went, also when it was refused. */
struct wide_csv_report {
	/*
	 * counts.cells, .empty, .skipped and .rejected add up to rows times
	 * columns, less the cells that repeat a day of the file and so count
	 * once. Records: each that the file speaks of is new, changed or
	 * same; an empty cell that may not replace what is there is same.
	 */
	struct import_counts counts;
	int64_t import_id;  /* 0: nothing was stored */
	int64_t complaints; /* all; the first of them are kept */
	struct wide_csv_complaint complaint[WIDE_CSV_COMPLAINTS_MAX];
	struct wide_csv_complaint first_skipped; /* line 0: none */
	int locations;                           /* columns with a name */
	struct date first, last;                 /* year 0: no dates yet */
	const char *encoding;
	char separator;
	enum day_format date_format;
	bool descending; /* newest first, where the years were found */
	enum csv_decimal decimal;
};

struct wide_csv; /* a file that was read and found good */

/*
 * Read a file from memory; data is not needed afterwards. *out ends with
 * wide_csv_free(). DUM_EINVAL: refused, with the line in err->line and the
 * complaints in the report. DUM_ENOMEM.
 */
DUM_MUST_CHECK enum dum_status wide_csv_read(
    struct wide_csv **out, struct wide_csv_report *report, const void *data,
    size_t len, const struct wide_csv_options *options, struct dum_error *err);

/*
 * Store it in a transaction of its own; file_name is what the list of imports
 * will say. With options.dry_run everything is done and then rolled back.
 * DUM_EINVAL as above; also what store/db.h says.
 */
DUM_MUST_CHECK enum dum_status wide_csv_apply(
    struct wide_csv *csv, struct wide_csv_report *report, struct db *db,
    const struct origin *who, const char *file_name, struct dum_error *err);
void wide_csv_free(struct wide_csv *csv);

#endif
