#ifndef DUM_STORE_INSPECT_H
#define DUM_STORE_INSPECT_H
/*
 * inspect - how the database is set up, and whether its file is sound: for
 * the person who looks after it.
 */
#include "base/strbuf.h"
#include "store/db.h"

struct db_facts {
	int64_t schema_version;
	char journal_mode[16]; /* "wal" */
	int64_t synchronous;   /* 2 is FULL, 3 EXTRA */
	int64_t autocheckpoint;
	int64_t bytes;      /* of the file */
	int64_t free_bytes; /* of them unused */
	int64_t log_bytes;  /* of the log beside it */
	/* Time of the journal's newest entry; "": it has none. */
	char newest_entry_at[CLOCK_TEXT_MAX];
};

DUM_MUST_CHECK enum dum_status db_inspect(struct db_facts *out, struct db *db,
                                          struct dum_error *err);

/*
 * Read the whole file and append the first complaint about it to out; nothing
 * is appended when it is sound. It finds what would break a query, not a
 * flipped bit in a value.
 */
DUM_MUST_CHECK enum dum_status db_quick_check(struct strbuf *out, struct db *db,
                                              struct dum_error *err);

#endif
