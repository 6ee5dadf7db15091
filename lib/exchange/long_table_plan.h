#ifndef DUM_EXCHANGE_LONG_TABLE_PLAN_H
#define DUM_EXCHANGE_LONG_TABLE_PLAN_H
/* long_table_plan - a file taken apart; for the files of long_table alone. */
#include "crypto/hash.h"
#include "exchange/day_list.h"
#include "exchange/long_table.h"

struct long_table {
	const char *kind; /* for the list of imports */
	struct csv_options options;
	struct import_options take;
	char hash[HASH_HEX_MAX];
	struct day_list list;
};

/* NULL: no memory. */
struct long_table *long_table_new(const char *kind,
                                  const struct csv_options *options,
                                  const struct import_options *take);

/* The index of a name, which is checked where it is new. */
DUM_MUST_CHECK enum dum_status long_table_name(
    int *out, struct long_table *table, struct import_report *report,
    const char *name, size_t len, int line, int column, struct dum_error *err);

/* After the last row: order, repeats, complaints, hash. */
DUM_MUST_CHECK enum dum_status long_table_settle(struct long_table *table,
                                                 struct import_report *report,
                                                 const void *data, size_t len,
                                                 struct dum_error *err);

#endif
