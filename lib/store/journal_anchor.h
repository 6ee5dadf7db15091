#ifndef DUM_STORE_JOURNAL_ANCHOR_H
#define DUM_STORE_JOURNAL_ANCHOR_H
/*
 * journal_anchor - where the journal ended at some moment, noted outside of
 * the database. The chain shows what was changed or left out in its middle;
 * that its tail was cut off, with the key at hand even that it was written
 * anew, shows in an anchor alone. One line each:
 *
 *	2026-11-24T10:00:00Z id=1234 mac=64HEXDIGITS key=KEYID
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "crypto/hash.h"
#include "crypto/secret_key.h"
#include "store/db.h"

struct journal_anchor {
	char at[CLOCK_TEXT_MAX];
	int64_t id; /* of the newest entry */
	unsigned char mac[HASH_BYTES];
	char key_id[SECRET_KEY_ID_MAX];
};

/* The journal's end now. */
DUM_MUST_CHECK enum dum_status journal_anchor_now(struct journal_anchor *out,
                                                  struct db *db,
                                                  struct dum_error *err);

/* Append the line, without its end. */
void journal_anchor_format(struct strbuf *out,
                           const struct journal_anchor *anchor);

/* Read such a line; false where it is none. */
bool journal_anchor_parse(struct journal_anchor *out, const char *line,
                          size_t len);

/*
 * Add a line to a file, which is made with 0600 where there is none, and flush
 * it to the disk.
 */
DUM_MUST_CHECK enum dum_status journal_anchor_append(
    const char *path, const struct journal_anchor *anchor,
    struct dum_error *err);

struct journal_anchor_verdict {
	int64_t anchors;   /* looked at */
	int64_t pruned;    /* of entries that were let go since */
	int broken_line;   /* first that does not fit; 0: none */
	int64_t broken_id; /* the entry that it names; 0: it names none */
	char why[200];     /* in plain words, "" when none */
};

/*
 * Hold every line of a file against the journal. A line that does not fit is
 * DUM_OK with a broken_line. DUM_ENOTFOUND: there is no such file.
 */
DUM_MUST_CHECK enum dum_status journal_anchor_check(
    struct journal_anchor_verdict *out, struct db *db, const char *path,
    struct dum_error *err);

#endif
