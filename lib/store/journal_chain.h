#ifndef DUM_STORE_JOURNAL_CHAIN_H
#define DUM_STORE_JOURNAL_CHAIN_H
/*
 * journal_chain - how entries of the journal hang together; for the files of
 * the journal alone. The form of the sealed text stands in store/journal.h.
 */
#include <stdint.h>

#include "crypto/hash.h"
#include "store/handle.h"

/* One entry, as it is sealed. Texts may be NULL where the column may. */
struct journal_entry {
	int64_t id;
	const char *at;
	int64_t timeline;
	int64_t batch;
	const char *actor;
	const char *address;
	const char *source;
	const char *request_id;
	const char *op;
	const char *table;
	const char *pk;
	const char *before;
	const char *after;
	const unsigned char *prev; /* HASH_BYTES */
	const char *key_id;
};

/* The key of the installation, read when first needed; then in db->hmac. */
DUM_MUST_CHECK enum dum_status journal_key(struct db *db,
                                           struct dum_error *err);

/* Parts of a sealed text, each with its length before it. */
void journal_seal_bytes(struct hmac *hmac, const void *data, size_t len);
void journal_seal_text(struct hmac *hmac, const char *text);
void journal_seal_int(struct hmac *hmac, int64_t n);

/* The stored mac of an entry; *found false: there is none. */
DUM_MUST_CHECK enum dum_status journal_mac(unsigned char mac[static HASH_BYTES],
                                           bool *found, struct db *db,
                                           int64_t id, struct dum_error *err);

/* What the entry's mac has to be. */
DUM_MUST_CHECK enum dum_status journal_seal(
    unsigned char mac[static HASH_BYTES], struct hmac *hmac,
    const struct journal_entry *e, struct dum_error *err);

#endif
