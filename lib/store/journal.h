#ifndef DUM_STORE_JOURNAL_H
#define DUM_STORE_JOURNAL_H
/*
 * journal - every change of data, in the transaction that made it: the audit
 * trail, the undo of an import and the way to any point in time.
 *
 * Entries form a chain: mac = HMAC-SHA256(key, fields), where the fields are
 * id, at, timeline, batch, actor, address, source, request_id, op, tbl, pk,
 * before, after, prev and key_id in this order, each as a 32-bit big-endian
 * length and its bytes; numbers in decimal; NULL as the length 0xFFFFFFFF
 * alone. prev is the mac of the entry before, 32 zero bytes for the first.
 * The key lies outside the database (SECRET_KEY_FILE).
 */
#include <stddef.h>
#include <stdint.h>

#include "store/db.h"

/*
 * One change. op: "insert", "update", "delete", "import", "batch", "undo",
 * "init", "migrate". Many days at once are in the form of store/day_rows.h.
 */
struct journal_change {
	const char *op;
	const char *table;
	const char *pk;     /* NULL: not one row */
	const char *before; /* JSON; NULL: there was nothing */
	const char *after;  /* JSON; NULL: nothing is left */
};

/*
 * Can entries be sealed? DUM_ESYS: the secret key is not to be had, so nothing
 * can be changed.
 */
DUM_MUST_CHECK enum dum_status journal_ready(struct db *db,
                                             struct dum_error *err);

/* Add an entry to the running change. */
DUM_MUST_CHECK enum dum_status journal_append(
    struct db *db, const struct journal_change *change, struct dum_error *err);

/*
 * Something that happened and changed no data: a log-in, a failed one, an
 * export, a download. It hangs on the same chain, with tbl "event" and op its
 * name, and does not raise the data generation (see store/system_info.h).
 */
struct journal_event {
	const char *name; /* "login", "login_failed", "logout", "export" ... */
	const char *object; /* what it was about, such as a user name; NULL */
	const char *detail; /* JSON object; NULL */
};

/* Add such an entry to the running change. */
DUM_MUST_CHECK enum dum_status journal_event(struct db *db,
                                             const struct journal_event *event,
                                             struct dum_error *err);

struct journal_verdict {
	int64_t entries;   /* looked at */
	int64_t broken_id; /* first entry that does not fit; 0: none */
	char why[200];     /* in plain words, "" when none */
};

/* Called now and then with the number of entries looked at; may be NULL. */
typedef void (*journal_progress_fn)(void *arg, int64_t done, int64_t all);

/*
 * Check the whole chain, from the newest seal of journal_prune() on where there
 * is one. A broken chain is DUM_OK with a broken_id.
 */
DUM_MUST_CHECK enum dum_status journal_verify(struct journal_verdict *out,
                                              struct db *db,
                                              journal_progress_fn progress,
                                              void *arg, struct dum_error *err);

/* The same up to and including an entry. */
DUM_MUST_CHECK enum dum_status journal_verify_upto(
    struct journal_verdict *out, struct db *db, int64_t upto_id,
    journal_progress_fn progress, void *arg, struct dum_error *err);

#endif
