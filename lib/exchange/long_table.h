#ifndef DUM_EXCHANGE_LONG_TABLE_H
#define DUM_EXCHANGE_LONG_TABLE_H
/*
 * long_table - take in a table with a row for each day of each location:
 *
 *	date,location,usage_gb		or	[{"date":"2024-03-01",
 *	2024-03-01,North,12.5			  "location":"North",
 *						  "usage_gb":12.5}, ...]
 *
 * In the first form the three columns stand in this order, whatever their
 * header calls them; encoding, separator, decimal sign and the format of the
 * dates are found out as for a wide table, but the dates need a year.
 *
 * Memory: the file (the caller's) and 24 bytes for each row.
 */
#include "exchange/csv_options.h"
#include "exchange/import_report.h"

struct long_table; /* a file that was read and found good */

/*
 * Read a file from memory into a report that starts as {0}; data is not needed
 * afterwards. *out ends with long_table_free(). DUM_EINVAL: refused, with the
 * line in err->line and the complaints in the report. DUM_ENOMEM.
 */
DUM_MUST_CHECK enum dum_status long_csv_read(struct long_table **out,
                                             struct import_report *report,
                                             const void *data, size_t len,
                                             const struct csv_options *options,
                                             const struct import_options *take,
                                             struct dum_error *err);

/* Of the options, only what an empty amount (null) means is looked at. */
DUM_MUST_CHECK enum dum_status long_json_read(struct long_table **out,
                                              struct import_report *report,
                                              const void *data, size_t len,
                                              const struct csv_options *options,
                                              const struct import_options *take,
                                              struct dum_error *err);

/* Store it, as wide_csv_apply() does. */
DUM_MUST_CHECK enum dum_status long_table_apply(
    struct long_table *table, struct import_report *report, struct db *db,
    const struct origin *who, const char *file_name, struct dum_error *err);
void long_table_free(struct long_table *table);

#endif
