#ifndef DUM_STORE_VERSION_H
#define DUM_STORE_VERSION_H
/*
 * version - of a single record: a text that is another one whenever anything
 * of the record is, for ETag and If-Match. It is made from the record alone,
 * so a change of any other leaves it as it is.
 *
 * Two changes within a second that end where they began leave the same
 * version: there is nothing then that a change based on it would undo.
 */
#include "store/location.h"
#include "store/summary.h"
#include "store/usage.h"

#define VERSION_MAX sizeof("0123456789abcdef")

DUM_MUST_CHECK enum dum_status usage_version(char out[static VERSION_MAX],
                                             const struct usage *usage,
                                             struct dum_error *err);
DUM_MUST_CHECK enum dum_status location_version(char out[static VERSION_MAX],
                                                const struct location *location,
                                                struct dum_error *err);
DUM_MUST_CHECK enum dum_status summary_version(char out[static VERSION_MAX],
                                               const struct summary *summary,
                                               struct dum_error *err);

#endif
