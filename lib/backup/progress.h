#ifndef DUM_BACKUP_PROGRESS_H
#define DUM_BACKUP_PROGRESS_H
/*
 * progress - how far a longer work has come, for people. A work that has parts
 * gives each a struct backup_part, so that together they go from 0 to all.
 */
#include <stdint.h>

typedef void (*backup_progress_fn)(void *arg, int64_t done, int64_t all);

enum { BACKUP_PROGRESS_WHOLE = 1000 };

struct backup_part {
	backup_progress_fn fn; /* hears of the whole work; NULL: nobody does */
	void *arg;
	int from, to; /* of the whole, 0..BACKUP_PROGRESS_WHOLE */
};

/* A backup_progress_fn for the part itself; part is a struct backup_part. */
void backup_part_step(void *part, int64_t done, int64_t all);

#endif
