#ifndef DUM_STORE_TABLE_COUNTS_H
#define DUM_STORE_TABLE_COUNTS_H
/*
 * table_counts - how many rows the tables have, for who looks after the
 * database: whoever may see the answer sees all locations.
 */
#include "store/db.h"

/* name is that of a table and lives until fn returns. */
typedef void (*table_count_fn)(void *arg, const char *name, int64_t rows);

/* Always the same tables, in the same order. */
DUM_MUST_CHECK enum dum_status table_counts_each(struct db *db,
                                                 table_count_fn fn, void *arg,
                                                 struct dum_error *err);

#endif
