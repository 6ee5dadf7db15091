#ifndef DUM_BACKUP_SEGMENT_DIR_H
#define DUM_BACKUP_SEGMENT_DIR_H
/*
 * segment_dir - the folder of the segments, for one program at a time: who
 * ships, seals, checks or reads them along. It has a lock of its own, so that a
 * backup that takes long does not keep the journal from being shipped.
 */
#include <stdbool.h>

#include "backup/backup_dir.h"

/*
 * Take it, below the folder of the backups; who is told to others. Another's
 * turn is waited for, which mostly is short. make: the folder is made where
 * there is none; else *out is NULL then. DUM_EBUSY: the other one goes on.
 */
DUM_MUST_CHECK enum dum_status segment_dir_take(struct backup_dir **out,
                                                const char *backup_dir,
                                                const char *who, bool make,
                                                struct dum_error *err);

#endif
