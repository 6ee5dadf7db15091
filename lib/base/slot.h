#ifndef DUM_BASE_SLOT_H
#define DUM_BASE_SLOT_H
/*
 * slot - so many at a time, over all processes, of what would else take all of
 * a machine. A slot is a locked byte (Linux's open-file-description locks) of
 * a file beside the database; the kernel gives it back when a process dies.
 */
#include "base/error.h"

struct slot {
	int fd; /* -1: none is held */
};

/*
 * Take one of `slots` of the file path + suffix. Where none is free one may
 * wait for it, wait_ms at most; who comes then is sent away at once, or all
 * would stand and wait. wait_ms 0: nobody waits. DUM_EBUSY: none is free, or
 * came free in time.
 */
DUM_MUST_CHECK enum dum_status slot_take(struct slot *out, const char *path,
                                         const char *suffix, int slots,
                                         int wait_ms, struct dum_error *err);

/* Does nothing when none is held. */
void slot_release(struct slot *slot);

#endif
