#ifndef DUM_BACKUP_REKEY_H
#define DUM_BACKUP_REKEY_H
/* rekey - give an encrypted backup another key; its content is not touched. */
#include "backup/backup_dir.h"
#include "crypto/container.h"

/*
 * A copy with the new key is made and verified with it, then takes the old
 * one's place, so that at any moment one of the keys opens it. Cut short, it
 * can be run again. DUM_EKEY: from is not its key. DUM_EINVAL: it is not
 * encrypted.
 */
DUM_MUST_CHECK enum dum_status backup_rekey(const struct backup_dir *dir,
                                            const char *name,
                                            const struct container_key *from,
                                            const struct container_key *to,
                                            struct dum_error *err);

#endif
