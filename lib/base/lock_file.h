#ifndef DUM_BASE_LOCK_FILE_H
#define DUM_BASE_LOCK_FILE_H
/*
 * lock_file - programs that must not run at the same time: the first one has
 * the lock, the next is told who that is. The kernel lets go of it when the
 * holder ends, however it ends.
 */
#include "base/error.h"

struct lock_file;

/*
 * Take the lock at path, which is made when it is not there; no link is
 * followed. who is what others read: "dum-backup create". DUM_EBUSY: another
 * has it, at once.
 */
DUM_MUST_CHECK enum dum_status lock_file_take(struct lock_file **out,
                                              const char *path, const char *who,
                                              struct dum_error *err);

/* Let go of it; the file stays. NULL is fine. */
void lock_file_release(struct lock_file *lock);

#endif
