#ifndef DUM_STORE_COUNTER_H
#define DUM_STORE_COUNTER_H
/*
 * counter - numbers of rows, kept up with each change instead of counted. They
 * are read through location_count() and usage_count(), which know who asks.
 */
#include <stdint.h>

#include "store/db.h"

/* Inside db_begin(): active locations. */
DUM_MUST_CHECK enum dum_status counter_add_locations(struct db *db,
                                                     int64_t delta,
                                                     struct dum_error *err);

/* Inside db_begin(): records of a location. */
DUM_MUST_CHECK enum dum_status counter_add_records(struct db *db,
                                                   int64_t location_id,
                                                   int64_t delta,
                                                   struct dum_error *err);

#endif
