#ifndef DUM_BACKUP_SEGMENT_REKEY_H
#define DUM_BACKUP_SEGMENT_REKEY_H
/* segment_rekey - give all segments of the journal another key. */
#include "backup/backup_dir.h"
#include "crypto/container_key.h"

/*
 * Each is written anew, read back and renamed over the old one, so that at any
 * moment one of the keys opens it; cut short, it can be run again. What was not
 * encrypted is. *count_out: how many. DUM_EKEY: neither key opens one.
 * DUM_ETRUNCATED, DUM_EDAMAGED: one is torn or damaged, and stays as it is.
 */
DUM_MUST_CHECK enum dum_status segment_rekey_all(
    int *count_out, const char *backup_dir, const struct container_key *from,
    const struct container_key *to, struct dum_error *err);

#endif
