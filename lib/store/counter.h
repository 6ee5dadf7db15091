#ifndef DUM_STORE_COUNTER_H
#define DUM_STORE_COUNTER_H
/* counter - numbers of rows, kept up with each change instead of counted. */
#include <stdint.h>

#include "store/db.h"

/* "records" (of daily use) or "locations" (active ones). */
DUM_MUST_CHECK enum dum_status counter_get(int64_t *out, struct db *db,
                                           const char *name,
                                           struct dum_error *err);

/* Inside db_begin(). */
DUM_MUST_CHECK enum dum_status counter_add(struct db *db, const char *name,
                                           int64_t delta,
                                           struct dum_error *err);

#endif
