#ifndef DUM_STORE_MIGRATE_H
#define DUM_STORE_MIGRATE_H
/*
 * migrate - bring a database to this program's schema.
 *
 * All steps that are missing run in one transaction: an interrupted migration
 * has changed nothing, one that was done does nothing. Running programs of
 * the old schema get DUM_ESCHEMA at their next change and end.
 */
#include "store/db.h"

/*
 * from_out, to_out: versions before and after; 0 is an empty database. who is
 * for the journal. DUM_ESCHEMA: the database is newer than this program.
 */
DUM_MUST_CHECK enum dum_status migrate(int *from_out, int *to_out,
                                       struct db *db, const struct origin *who,
                                       struct dum_error *err);

/* The schema version of this program. */
int migrate_newest(void);

#endif
