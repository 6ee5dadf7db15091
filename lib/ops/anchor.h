#ifndef DUM_OPS_ANCHOR_H
#define DUM_OPS_ANCHOR_H
/*
 * anchor - where the journal ended at some moment, noted outside of the
 * database (AUDIT_ANCHOR_FILE), one line each:
 *
 *	2026-11-24T10:00:00Z id=1234 mac=HEX key=KEYID
 *
 * The journal's chain shows a change in its middle; that its end was cut off,
 * or all of it written anew by somebody who has the key, shows by these.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "crypto/hash.h"
#include "crypto/secret_key.h"

struct anchor {
	char at[CLOCK_TEXT_MAX];
	int64_t id; /* of the entry, from 1 */
	unsigned char mac[HASH_BYTES];
	char key_id[SECRET_KEY_ID_MAX];
};

#define ANCHOR_TEXT_MAX 192

/* The line, without its end. */
void anchor_format(char out[static ANCHOR_TEXT_MAX],
                   const struct anchor *anchor);

/* False: text is no such line. */
bool anchor_parse(struct anchor *out, const char *text, size_t len);

/*
 * Add a line to the file, which is made, 0640, when it is not there; it is on
 * the disk on return.
 */
DUM_MUST_CHECK enum dum_status anchor_append(const char *path,
                                             const struct anchor *anchor,
                                             struct dum_error *err);

/* anchor NULL: the line is none. line counts from 1. */
typedef enum dum_status (*anchor_fn)(void *arg, int line,
                                     const struct anchor *anchor,
                                     struct dum_error *err);

/* Each line of the file, in order. DUM_ENOTFOUND: there is no such file. */
DUM_MUST_CHECK enum dum_status anchor_each(const char *path, anchor_fn fn,
                                           void *arg, struct dum_error *err);

#endif
