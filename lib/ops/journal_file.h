#ifndef DUM_OPS_JOURNAL_FILE_H
#define DUM_OPS_JOURNAL_FILE_H
/*
 * journal_file - entries of the journal as a file: one JSON object a line,
 * oldest first, with prev and mac in hexadecimal. Its chain can be checked with
 * the secret key: before and after stand in it byte by byte as they were
 * sealed (see store/journal.h).
 */
#include <stdint.h>

#include "store/db.h"

/*
 * Make the file path, 0600, with the entries up to and including upto_id;
 * compressed where its name ends in ".gz". It is on the disk, whole, on
 * DUM_OK, and not there else. DUM_ECONFLICT: a file of that name exists.
 */
DUM_MUST_CHECK enum dum_status journal_file_write(int64_t *entries_out,
                                                  const char *path,
                                                  struct db *db,
                                                  int64_t upto_id,
                                                  struct dum_error *err);

#endif
