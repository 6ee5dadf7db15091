#ifndef DUM_STORE_DB_H
#define DUM_STORE_DB_H
/*
 * db - the one database: open, transactions, and what an error of it means.
 *
 * A handle belongs to one process and one thread; open it after fork. The
 * configuration it was opened with is borrowed until it is freed. All
 * changes run in a transaction of db_begin(), which waits its turn behind a
 * lock that all programs share, at most the busy time-out of the
 * configuration. Every connection has automatic checkpoints off, because
 * those of SQLite before 3.51.3 can corrupt a database that several
 * processes write: db_checkpoint() (store/checkpoint.h) is the only one.
 *
 * Statuses of every function that touches the database, beside those named:
 * DUM_EBUSY (locked past the time-out), DUM_EFULL (no room on the disk),
 * DUM_EREADONLY (only reads are possible), DUM_EDAMAGED,
 * DUM_ESCHEMA (a newer program changed the schema meanwhile), DUM_EUNKNOWN
 * (I/O error at commit: the change may or may not be stored; close the handle
 * and end the process), DUM_ENOMEM, DUM_ESYS.
 *
 * No type of the engine shows here: which one lies below is known to
 * lib/store and lib/backup alone.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "config/config.h"

struct db;

/* Who changes data, for the journal. Texts are borrowed until the commit. */
struct origin {
	const char *actor;      /* "root", "admin:alice", "key:7" ... */
	const char *address;    /* of the network; NULL: none */
	const char *source;     /* program: "api", "dum-import" ... */
	const char *request_id; /* NULL: none */
};

/*
 * Open the database of a configuration; its schema must be this program's.
 * *out is freed by db_free(). DUM_ENOTFOUND: no such file (nothing is made).
 * DUM_ESCHEMA: not ours, older (run the migration) or newer.
 */
DUM_MUST_CHECK enum dum_status db_open(struct db **out,
                                       const struct config *config,
                                       struct dum_error *err);

/* As db_open, and any schema version of ours up to this program's will do. */
DUM_MUST_CHECK enum dum_status db_open_any_version(struct db **out,
                                                   const struct config *config,
                                                   struct dum_error *err);

/*
 * Make an empty database file, 0600, in WAL mode, and open it; tables come
 * from migrate(). DUM_ECONFLICT: the file exists.
 */
DUM_MUST_CHECK enum dum_status db_create(struct db **out,
                                         const struct config *config,
                                         struct dum_error *err);

/* Close; rolls back what is not committed. NULL is fine. */
void db_free(struct db *db);

const char *db_path(const struct db *db);
const struct config *db_config(const struct db *db);

/*
 * An I/O error was met. What the engine believes to be on the disk may not be
 * there, so the handle is not to be used again; end the process.
 */
bool db_is_broken(const struct db *db);

/* It was opened on a read-only file system, or is not ours to write. */
bool db_is_read_only(const struct db *db);

/* Version of the engine below, for people. */
const char *db_engine_version(void);

/*
 * Start a change. who and its texts must live until commit or rollback; the
 * time of the change is taken here. DUM_EBUSY: others hold the lock.
 */
DUM_MUST_CHECK enum dum_status db_begin(struct db *db, const struct origin *who,
                                        struct dum_error *err);

/*
 * As db_begin, without waiting: for what can be left out when others are
 * changing the database just now, which is DUM_EBUSY.
 */
DUM_MUST_CHECK enum dum_status db_try_begin(struct db *db,
                                            const struct origin *who,
                                            struct dum_error *err);

/*
 * As db_begin, for a change that takes longer than others should wait: while
 * it runs, db_begin() of others fails at once with DUM_EBUSY.
 */
DUM_MUST_CHECK enum dum_status db_begin_long(struct db *db,
                                             const struct origin *who,
                                             struct dum_error *err);

/* On any error the change is rolled back; after DUM_EUNKNOWN see above. */
DUM_MUST_CHECK enum dum_status db_commit(struct db *db, struct dum_error *err);

/* Undo a change that was not committed; does nothing without one. */
void db_rollback(struct db *db);

/*
 * Let several reads see one state of the database, until db_read_end(). Keep
 * it short: the log file can not be reused while it lasts. deadline_ms: the
 * read is cut off with DUM_EBUSY after so long; 0: never.
 */
DUM_MUST_CHECK enum dum_status db_read_begin(struct db *db, int deadline_ms,
                                             struct dum_error *err);
void db_read_end(struct db *db);

/*
 * The running read may take so many ms longer: that time did not go into it,
 * but into waiting for whoever takes what was read.
 */
void db_read_allow(struct db *db, int64_t ms);

/*
 * Whom the reads are for, until the next call: "user:3" or "key:5" sees the
 * locations that location_grants lists for it and no others, as if they were
 * not there; NULL or "" sees all. Every statement that gives locations, days
 * or sums of them has the parameter :viewer, and query_start() binds it, so a
 * handler can not forget it.
 */
void db_see_as(struct db *db, const char *viewer);
bool db_sees_all(const struct db *db);

/* The time of the running change, as text. */
const char *db_change_at(const struct db *db);

/*
 * The time that this handle goes by, in seconds: sessions, keys and delays end
 * by it, and changes carry it. It is clock_now() unless another clock was
 * given, as tests of time-outs do.
 */
int64_t db_now(const struct db *db);
void db_use_clock(struct db *db, int64_t (*now)(void));

/* Who runs the change; NULL outside of one. */
const struct origin *db_change_origin(const struct db *db);

/* Pages of the write-ahead log after this handle's last commit. */
int db_wal_frames(const struct db *db);

#endif
