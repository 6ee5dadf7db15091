#ifndef DUM_BACKUP_REPLAY_H
#define DUM_BACKUP_REPLAY_H
/*
 * replay - do once more what an entry of the journal says was done, to a
 * database that stands before it. Only tables of data are brought on (see
 * content_is_data()); of accounts and keys the journal does not have all.
 *
 * What an entry says was there has to be there: a row that is another one, or
 * missing, ends it.
 */
#include "store/db.h"
#include "store/journal_copy.h"

/*
 * Inside db_begin(), with foreign keys deferred. DUM_ECONFLICT: what is there
 * is not what the entry says; its id is in the text. DUM_EDAMAGED: it is not
 * of a form that this program knows.
 */
DUM_MUST_CHECK enum dum_status replay_entry(struct db *db,
                                            const struct journal_record *entry,
                                            struct dum_error *err);

/* The same for an entry of many days (store/day_rows.h). */
DUM_MUST_CHECK enum dum_status replay_days(struct db *db,
                                           const struct journal_record *entry,
                                           struct dum_error *err);

/* The error of an entry that does not fit. */
enum dum_status replay_conflict(const struct journal_record *entry,
                                struct dum_error *err);

#endif
