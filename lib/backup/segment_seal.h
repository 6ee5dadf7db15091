#ifndef DUM_BACKUP_SEGMENT_SEAL_H
#define DUM_BACKUP_SEGMENT_SEAL_H
/*
 * segment_seal - make of an open segment, with a frame for each minute that
 * anything was changed in, a sealed one with few frames and an end: smaller,
 * and it is known to be whole.
 */
#include "backup/backup_dir.h"
#include "backup/segment_file.h"

/*
 * Written, flushed, read back and renamed; then the open one goes. seen is
 * what the open one holds, and gets the hash of the sealed one. Killed in
 * between, it can be done again.
 */
DUM_MUST_CHECK enum dum_status segment_seal(struct segment_seen *seen,
                                            const struct backup_dir *dir,
                                            const struct segment_name *open,
                                            const struct container_key *key,
                                            struct dum_error *err);

#endif
