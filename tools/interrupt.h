#ifndef DUM_TOOLS_INTERRUPT_H
#define DUM_TOOLS_INTERRUPT_H
/*
 * interrupt - a tool that is asked to end in the middle (Ctrl-C, a pipe that
 * nobody reads any more, a shutdown) takes what it has begun in the folder of
 * the backups with it: half a backup may be all the room there is, and what is
 * unpacked may be of an encrypted one. Then it ends by the signal, as it would
 * have. What kill -9 leaves is cleared away by the next run.
 */
#include "backup/backup_dir.h"

/*
 * From now on, for a folder that is open. Where there is no memory for it the
 * next run does it: never an error.
 */
void interrupt_begin(const char *program, const struct backup_dir *dir);

/* No longer, before the folder is closed. Without a begin: nothing. */
void interrupt_end(void);

#endif
