#ifndef DUM_STORE_JOURNAL_PRUNE_H
#define DUM_STORE_JOURNAL_PRUNE_H
/*
 * journal_prune - let old entries go without breaking the chain. The place is
 * sealed: a row of journal_prunes holds the mac of the last entry that went
 * and an HMAC over it, so that journal_verify() starts there and nobody
 * without the key can claim that entries were pruned.
 *
 * What is pruned can no longer be undone, nor looked up.
 */
#include <stdint.h>

#include "crypto/hash.h"
#include "store/db.h"

/*
 * The id up to which all entries are older than an instant ("2026-01-01T..Z");
 * 0: none is.
 */
DUM_MUST_CHECK enum dum_status journal_last_before(int64_t *out, struct db *db,
                                                   const char *at,
                                                   struct dum_error *err);

/*
 * Inside db_begin_long(): delete all entries up to and including upto_id, and
 * enter the event "journal_pruned". *deleted_out: how many. DUM_EDAMAGED: the
 * chain is broken among them, and nothing is deleted. DUM_EINVAL: there is no
 * such entry.
 */
DUM_MUST_CHECK enum dum_status journal_prune(int64_t *deleted_out,
                                             struct db *db, int64_t upto_id,
                                             struct dum_error *err);

/* Where the chain begins now: {0} while nothing was pruned. */
struct journal_start {
	int64_t upto_id; /* the last entry that went */
	unsigned char mac[HASH_BYTES];
	bool forged; /* the seal does not fit */
};

DUM_MUST_CHECK enum dum_status journal_start(struct journal_start *out,
                                             struct db *db,
                                             struct dum_error *err);

#endif
