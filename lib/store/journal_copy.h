#ifndef DUM_STORE_JOURNAL_COPY_H
#define DUM_STORE_JOURNAL_COPY_H
/*
 * journal_copy - entries of the journal with all that their macs are over, so
 * that a copy of them can be checked as the journal itself can.
 */
#include <stdbool.h>
#include <stdint.h>

#include "crypto/hash.h"
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

/*
 * Those after an entry, oldest first, until there are no more or fn has set
 * *enough, which starts as false.
 */
DUM_MUST_CHECK enum dum_status journal_copy_after(
    struct db *db, int64_t after_id, bool *enough, journal_record_fn fn,
    void *arg, struct dum_error *err);

/* Where the journal of a database stands. */
struct journal_place {
	int64_t timeline;
	int64_t last_id; /* 0: it has no entries */
};

DUM_MUST_CHECK enum dum_status journal_place_now(struct journal_place *out,
                                                 struct db *db,
                                                 struct dum_error *err);

/* Has it, or had it before it was pruned, this very entry? */
DUM_MUST_CHECK enum dum_status journal_has(
    bool *out, struct db *db, int64_t id,
    const unsigned char mac[static HASH_BYTES], struct dum_error *err);

/* The entry before the first of a later timeline; 0: there is no such. */
DUM_MUST_CHECK enum dum_status journal_before_timeline(int64_t *out,
                                                       struct db *db,
                                                       int64_t later_than,
                                                       struct dum_error *err);

#endif
