#ifndef DUM_ACCESS_HASH_SLOT_H
#define DUM_ACCESS_HASH_SLOT_H
/*
 * hash_slot - at most HASH_SLOTS passwords are hashed at a time, over all
 * workers: a hash costs tens of milliseconds of a processor and 19 MiB, and
 * guessing must not take the pool from those who read. One more may wait.
 */
#include "base/slot.h"

enum { HASH_SLOTS = 2, HASH_SLOT_WAIT_MS = 1000 };

/* DUM_EBUSY: none is free, or came free in time. slot_release() it soon. */
DUM_MUST_CHECK enum dum_status hash_slot_take(struct slot *out,
                                              const char *database_path,
                                              struct dum_error *err);

#endif
