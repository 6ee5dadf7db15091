#ifndef DUM_STORE_IMPORT_ROW_H
#define DUM_STORE_IMPORT_ROW_H
/* import_row - a row of the list of imports as JSON, and in the journal. */
#include "base/json_writer.h"
#include "store/import.h"
#include "store/journal.h"

/* All of its columns, for programs. */
void import_row_json(struct json_writer *w, const struct import_row *row);

/* before NULL: it is new. */
DUM_MUST_CHECK enum dum_status import_row_journal(
    struct db *db, const char *op, const struct import_row *before,
    const struct import_row *after, struct dum_error *err);

#endif
