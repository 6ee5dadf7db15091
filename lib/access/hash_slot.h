#ifndef DUM_ACCESS_HASH_SLOT_H
#define DUM_ACCESS_HASH_SLOT_H
/*
 * hash_slot - at most HASH_SLOTS passwords are hashed at a time, over all
 * workers: a hash costs tens of milliseconds of a processor and 19 MiB, and
 * guessing must not take the pool from those who read.
 *
 * One more may wait for a slot; whoever comes then is sent away at once, or
 * the whole pool would stand and wait.
 *
 * A slot is a locked byte (Linux's open-file-description locks) of the file
 * DATABASE_PATH-login; the kernel gives it back when a process dies.
 */
#include "base/error.h"

enum { HASH_SLOTS = 2, HASH_SLOT_WAIT_MS = 1000 };

struct hash_slot {
	int fd; /* -1: none is held */
};

/* DUM_EBUSY: none is free, or came free in time. Free it soon. */
DUM_MUST_CHECK enum dum_status hash_slot_take(struct hash_slot *out,
                                              const char *database_path,
                                              struct dum_error *err);

/* Does nothing when none is held. */
void hash_slot_release(struct hash_slot *slot);

#endif
