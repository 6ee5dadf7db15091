#ifndef DUM_STORE_HANDLE_H
#define DUM_STORE_HANDLE_H
/*
 * handle - the inside of struct db, for lib/store and lib/backup alone.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "crypto/hash.h"
#include "crypto/secret_key.h"
#include "sql_queries.h"
#include "store/data_state.h"
#include "store/db.h"
#include "store/writer_lock.h"

_Static_assert(
    SQLITE_VERSION_NUMBER >= 3037000,
    "SQLite 3.37 or newer is needed; see docs/security.md, Data at rest");

/* "DUM1"; says that a file is ours, whatever its name. */
#define DB_APPLICATION_ID 0x44554D31

/* The running change; all zero outside of one. */
struct db_change {
	bool running;
	struct origin who;
	char at[CLOCK_TEXT_MAX];
	int64_t batch;      /* id of its first journal entry; 0: none yet */
	int64_t last_entry; /* id of the newest entry of the journal */
	int64_t timeline;
	bool moves_data; /* what pages show changes with it */
	unsigned char last_mac[HASH_BYTES];
};

/* What data_state_now() found last, and when that was. */
struct db_seen {
	bool known;
	int64_t data_version;
	int64_t commits;
	struct data_state state;
};

struct db {
	sqlite3 *sqlite;
	sqlite3 *checkpointer; /* second handle, opened when first needed */
	char *path;
	const struct config *config; /* borrowed */
	struct writer_lock *lock;
	struct hmac *hmac; /* of the journal; made when first needed */
	char key_id[SECRET_KEY_ID_MAX];
	struct db_change change;
	bool reading;
	bool broken; /* met an I/O error: not to be used again */
	int64_t read_until_ms;
	int schema; /* version that each transaction must find; -1: any */
	int wal_frames;
	int64_t commits; /* of this handle */
	struct db_seen seen;
	char viewer[32]; /* whom reads are for; "": all is shown */
	int64_t (*now)(void);
	sqlite3_stmt *statements[SQL__MAX];
	int viewer_at[SQL__MAX]; /* index of :viewer; 0: it has none */
};

/* Tell what a result code of SQLite means, with what was being done. */
enum dum_status db_error(struct db *db, int rc, const char *doing,
                         struct dum_error *err);

/* The same for a connection that is no struct db; sqlite may be NULL. */
enum dum_status db_engine_error(sqlite3 *sqlite, const char *path, int rc,
                                const char *doing, struct dum_error *err);

/*
 * Let a connection that others open never checkpoint, by itself or when it is
 * closed: db_checkpoint() is the only place that does. SQLite's result code.
 */
int db_leave_log_alone(sqlite3 *sqlite);

/* Open a connection to a path with every setting of ours on it. */
DUM_MUST_CHECK enum dum_status db_connect(sqlite3 **out, const char *path,
                                          const struct config *config,
                                          struct dum_error *err);

/* Run SQL text that needs no values and gives no rows. */
DUM_MUST_CHECK enum dum_status db_exec(struct db *db, const char *sql,
                                       struct dum_error *err);

/* The one number that a pragma or a query without values gives. */
DUM_MUST_CHECK enum dum_status db_number(int64_t *out, struct db *db,
                                         const char *sql,
                                         struct dum_error *err);

#endif
