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
 * the same lock. Of work that outlives its request, the answer is that it has
 * begun.
 */
#include "base/strbuf.h"
#include "crypto/hash.h"
#include "store/db.h"

enum {
	IDEMPOTENCY_KEY_MAX = 255,          /* characters */
	IDEMPOTENCY_LIFE_S = 24 * 60 * 60,  /* an answer is kept for so long */
	IDEMPOTENCY_ANSWER_MAX = 256 * 1024 /* bytes */
};

struct idempotent_request {
	const char *actor;
	const char *key;
	unsigned char hash[HASH_BYTES]; /* of method, path, query and body */
};

enum idempotency_found {
	IDEMPOTENCY_NEW,  /* not seen, or so long ago that it is forgotten */
	IDEMPOTENCY_DONE, /* the same request was answered */
	IDEMPOTENCY_OTHER /* the key was used with another request */
};

struct idempotent_answer {
	int status;          /* 200..299 */
	const char *headers; /* lines, each with CRLF */
	const char *tag;     /* "": none */
	const char *body;
};

/* Called with the answer that was kept; its texts live until it returns. */
typedef void (*idempotent_answer_fn)(void *arg,
                                     const struct idempotent_answer *answer);

/*
 * Look a request up; only what is found inside db_begin() holds until the
 * commit, but an answer that is there stays. fn is called with IDEMPOTENCY_DONE
 * alone. DUM_EINVAL: the key is empty, too long or not of visible ASCII.
 */
DUM_MUST_CHECK enum dum_status idempotency_find(
    enum idempotency_found *out, struct db *db,
    const struct idempotent_request *request, idempotent_answer_fn fn,
    void *arg, struct dum_error *err);

/*
 * Keep the answer, inside db_begin(); forgets answers that are too old. One
 * that is too long is not kept: DUM_OK, and a repeat is made anew.
 */
DUM_MUST_CHECK enum dum_status idempotency_keep(
    struct db *db, const struct idempotent_request *request,
    const struct idempotent_answer *answer, struct dum_error *err);

#endif
