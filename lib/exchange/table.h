#ifndef DUM_EXCHANGE_TABLE_H
#define DUM_EXCHANGE_TABLE_H
/*
 * table - take in a file that is a table, of whichever kind it turns out to
 * be: what dum-export writes, and what people and programs make by hand.
 *
 *	table_read(&table, &report, TABLE_FIND, data, len, &csv, &take, err);
 *	table_apply(table, &report, db, &who, "usage.csv", err);
 *	table_free(table);
 */
#include "exchange/csv_options.h"
#include "exchange/import_report.h"

enum { TABLE_BYTES_MAX = 512 * 1024 * 1024 }; /* of a file */

enum table_kind {
	TABLE_FIND, /* look at the file */
	TABLE_WIDE, /* exchange/wide_csv.h */
	TABLE_LONG, /* exchange/long_table.h */
	TABLE_JSON  /* the same, as JSON */
};

/* "wide", "long" or "json"; -1: no such kind. */
int table_kind_find(const char *name);

/*
 * By how it starts: JSON with '[', a long table with the header
 * `date,location,usage_gb`, in another case only with a text in the second cell
 * of the next line; all else is wide.
 */
enum table_kind table_kind_of(const void *data, size_t len);

struct table;

/* As wide_csv_read(), long_csv_read() or long_json_read(). */
DUM_MUST_CHECK enum dum_status table_read(
    struct table **out, struct import_report *report, enum table_kind kind,
    const void *data, size_t len, const struct csv_options *options,
    const struct import_options *take, struct dum_error *err);

/* As wide_csv_apply(). */
DUM_MUST_CHECK enum dum_status table_apply(
    struct table *table, struct import_report *report, struct db *db,
    const struct origin *who, const char *file_name, struct dum_error *err);
void table_free(struct table *table);

#endif
