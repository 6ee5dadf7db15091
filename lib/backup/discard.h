#ifndef DUM_BACKUP_DISCARD_H
#define DUM_BACKUP_DISCARD_H
/*
 * discard - may one backup be removed because somebody says so? Any may that is
 * not needed most, labelled or not; what age alone removes is in
 * backup/retention.h.
 */
#include "backup/catalog.h"

/*
 * May it go? catalog is of the folder, and nobody else works in that. *out is
 * borrowed from catalog. DUM_ENOTFOUND; DUM_ECONFLICT: it is the newest one
 * that is proven, which stays whatever is said.
 */
DUM_MUST_CHECK enum dum_status discard_find(const struct catalog_entry **out,
                                            const struct catalog *catalog,
                                            const char *name,
                                            struct dum_error *err);

#endif
