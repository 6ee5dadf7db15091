#ifndef DUM_BACKUP_SEGMENT_RECORD_H
#define DUM_BACKUP_SEGMENT_RECORD_H
/*
 * segment_record - what a segment of the journal holds: records, each one byte
 * for its kind, 32 bits of length, and fields, each 32 bits of length and its
 * bytes; numbers in decimal, NULL as the length 0xFFFFFFFF alone. Big-endian.
 *
 *	H	the head: "1", id of the database, timeline, id of the first
 *		entry, mac of the entry before that, hash of the segment before
 *		(NULL: it is the first one), time
 *	E	an entry: the fields as they are sealed (store/journal.h), then
 *		its mac; so the mac is over the record's bytes before it
 *	W	all entries up to here are whole changes
 *	Z	the end: id of the last entry, how many there are, SHA-256 over
 *		all bytes before this record, which is the hash of the segment
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "crypto/hash.h"
#include "crypto/secret_key.h"
#include "store/journal_copy.h"

enum {
	SEGMENT_ID_MAX = 33,
	/* Entries of many days are cut at a quarter of a megabyte each side. */
	SEGMENT_RECORD_MAX = 16 * 1024 * 1024
};

struct segment_head {
	char database_id[SEGMENT_ID_MAX];
	int64_t timeline;
	int64_t first_id;
	unsigned char prev[HASH_BYTES]; /* mac of the entry before the first */
	bool has_previous;
	unsigned char previous[HASH_BYTES]; /* hash of the segment before */
	char at[CLOCK_TEXT_MAX];
};

/* Append a record. */
void segment_put_head(struct strbuf *out, const struct segment_head *head);
void segment_put_entry(struct strbuf *out, const struct journal_record *entry);
void segment_put_whole(struct strbuf *out);
void segment_put_end(struct strbuf *out, int64_t last_id, int64_t entries,
                     const unsigned char hash[static HASH_BYTES]);

/* What was read. */
struct segment_seen {
	struct segment_head head;
	int64_t entries;
	int64_t last_id;  /* first_id - 1: none yet */
	int64_t whole_id; /* up to here all changes are whole */
	int64_t last_batch;
	unsigned char last_mac[HASH_BYTES];
	char first_at[CLOCK_TEXT_MAX], last_at[CLOCK_TEXT_MAX];
	bool ended;                     /* its end was read */
	int64_t bytes;                  /* of the records */
	unsigned char hash[HASH_BYTES]; /* of the segment, once ended */
};

/* To check the macs of entries with. */
struct segment_key {
	struct hmac *hmac;
	char id[SECRET_KEY_ID_MAX];
};

/* The installation's own. End with segment_key_release(). */
DUM_MUST_CHECK enum dum_status segment_key_read(struct segment_key *out,
                                                const char *path,
                                                struct dum_error *err);
void segment_key_release(struct segment_key *key);

/*
 * Reads records that come piece by piece, and checks that each entry follows
 * the one before. fn, which may be NULL, gets the entries; key, which may be
 * NULL, is held against their macs. Both are borrowed.
 */
struct segment_reader;

DUM_MUST_CHECK enum dum_status segment_reader_new(struct segment_reader **out,
                                                  const struct segment_key *key,
                                                  journal_record_fn fn,
                                                  void *arg,
                                                  struct dum_error *err);
void segment_reader_free(struct segment_reader *reader);

/* DUM_EDAMAGED: it is not what it should be. */
DUM_MUST_CHECK enum dum_status segment_reader_write(
    struct segment_reader *reader, const void *data, size_t len,
    struct dum_error *err);

/* There is no more. DUM_ETRUNCATED: a record is cut, or there is no head. */
DUM_MUST_CHECK enum dum_status segment_reader_finish(
    struct segment_seen *out, struct segment_reader *reader,
    struct dum_error *err);

/* As far as it was read by now. */
const struct segment_seen *segment_reader_seen(
    const struct segment_reader *reader);

#endif
