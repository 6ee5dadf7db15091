#ifndef DUM_STORE_SUMMARY_JOURNAL_H
#define DUM_STORE_SUMMARY_JOURNAL_H
/* summary_journal - a monthly summary as the journal holds it. */
#include "store/summary.h"

/* Either of before and after may be NULL: there was, or is, none. */
DUM_MUST_CHECK enum dum_status summary_journal(struct db *db, const char *op,
                                               const struct summary *before,
                                               const struct summary *after,
                                               struct dum_error *err);

#endif
