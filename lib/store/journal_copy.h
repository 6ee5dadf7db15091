#ifndef DUM_STORE_JOURNAL_COPY_H
#define DUM_STORE_JOURNAL_COPY_H
/*
 * journal_copy - entries of the journal with all that their macs are over, so
 * that a copy of them can be checked as the journal itself can.
 */
#include <stdint.h>

#include "store/db.h"

/* Texts and bytes live until fn returns; those that are not there are NULL. */
struct journal_record {
	int64_t id;
	const char *at;
	int64_t timeline;
	int64_t batch;
	const char *actor;
	const char *address;
	const char *source;
	const char *request_id;
	const char *op;
	const char *table; /* "event" for an event */
	const char *pk;
	const char *before;        /* JSON */
	const char *after;         /* JSON */
	const unsigned char *prev; /* HASH_BYTES */
	const char *key_id;
	const unsigned char *mac; /* HASH_BYTES */
};

typedef enum dum_status (*journal_record_fn)(
    void *arg, const struct journal_record *record, struct dum_error *err);

/* Oldest first, up to and including upto_id. */
DUM_MUST_CHECK enum dum_status journal_copy(struct db *db, int64_t upto_id,
                                            journal_record_fn fn, void *arg,
                                            struct dum_error *err);

#endif
