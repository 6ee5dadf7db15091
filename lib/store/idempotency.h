#ifndef DUM_STORE_IDEMPOTENCY_H
#define DUM_STORE_IDEMPOTENCY_H
/*
 * idempotency - what a request with an Idempotency-Key was answered, so that a
 * repeat gets the same answer and changes nothing. Keys belong to their actor.
 *
 *	db_begin()
 *	idempotency_find(&found, &answer, db, &request, err);
 *	IDEMPOTENCY_NEW: make the change, idempotency_keep(), db_commit()
 *
 * The answer is kept in the transaction of the change it tells of: one is
 * there if and only if the other is, and who repeats too early waits behind
 * the same lock. Work that outlives its request reserves its key first.
 */
#include "base/strbuf.h"
#include "crypto/hash.h"
#include "store/db.h"

enum {
	IDEMPOTENCY_KEY_MAX = 200,          /* characters */
	IDEMPOTENCY_LIFE_S = 24 * 60 * 60,  /* an answer is kept for so long */
	IDEMPOTENCY_ANSWER_MAX = 256 * 1024 /* bytes */
};

struct idempotent_request {
	const char *actor;
	const char *key;
	unsigned char hash[HASH_BYTES]; /* of method, path and body */
};

enum idempotency_found {
	IDEMPOTENCY_NEW,     /* not seen, or so long ago that it is forgotten */
	IDEMPOTENCY_DONE,    /* the same request was answered */
	IDEMPOTENCY_RUNNING, /* the same request is being worked on */
	IDEMPOTENCY_OTHER    /* the key was used with another request */
};

struct idempotent_answer {
	int status;
	struct strbuf body; /* the caller's; appended */
};

/*
 * Look a request up, inside db_begin(). The answer is set with
 * IDEMPOTENCY_DONE alone. DUM_EINVAL: the key is empty, too long or not
 * printable.
 */
DUM_MUST_CHECK enum dum_status idempotency_find(
    enum idempotency_found *out, struct idempotent_answer *answer,
    struct db *db, const struct idempotent_request *request,
    struct dum_error *err);

/* Reserve the key for work that is going on, inside db_begin(). */
DUM_MUST_CHECK enum dum_status idempotency_reserve(
    struct db *db, const struct idempotent_request *request,
    struct dum_error *err);

/*
 * Keep the answer, inside db_begin(); forgets answers that are too old. One
 * that is too long is not kept: DUM_OK, and a repeat is made anew.
 */
DUM_MUST_CHECK enum dum_status idempotency_keep(
    struct db *db, const struct idempotent_request *request, int status,
    const char *body, struct dum_error *err);

/* Let a reserved key go, inside db_begin(): the work failed. */
DUM_MUST_CHECK enum dum_status idempotency_forget(
    struct db *db, const struct idempotent_request *request,
    struct dum_error *err);

#endif
