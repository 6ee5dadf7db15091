#ifndef DUM_STORE_WRITER_LOCK_H
#define DUM_STORE_WRITER_LOCK_H
/*
 * writer_lock - whose turn is it to change the database?
 *
 * SQLite's own wait for its write lock is a sleep without a queue: under
 * writers that never pause some wait for many seconds. Here those who wait
 * pass a turnstile one by one. The one behind it competes with the running
 * writer, and with those who come and find nobody at work: each of them, mostly
 * who has just written, may go past the turnstile a few times, so the wait is
 * bounded.
 *
 * The lock is a file beside the database with three locked bytes (Linux's
 * open-file-description locks): the turnstile, the writer, and a mark that a
 * long change is running. The kernel lets go of them when a process dies.
 */
#include <stdbool.h>

#include "base/error.h"

struct writer_lock;

/*
 * Open, or make, the lock file of a database: its path plus "-lock", with the
 * database's owner and mode. Open it after fork. On a read-only file system it
 * is a lock that nobody gets.
 */
DUM_MUST_CHECK enum dum_status writer_lock_open(struct writer_lock **out,
                                                const char *database_path,
                                                struct dum_error *err);
void writer_lock_free(struct writer_lock *lock);

/*
 * Wait at most timeout_ms for the turn. DUM_EBUSY: it did not come; at once
 * while another holds it for long. for_long: mark it so; who ("dum-import")
 * then stands in the message that others get. DUM_EREADONLY: see above.
 */
DUM_MUST_CHECK enum dum_status writer_lock_take(struct writer_lock *lock,
                                                bool for_long, const char *who,
                                                int timeout_ms,
                                                struct dum_error *err);

/* Does nothing when it is not held. */
void writer_lock_release(struct writer_lock *lock);

#endif
