#ifndef DUM_STORE_JOURNAL_LIST_H
#define DUM_STORE_JOURNAL_LIST_H
/*
 * journal_list - the journal as people read it: newest first, filtered, a page
 * at a time. A page without a filter costs the same however long the history
 * is. Events, a table and days have an index; who did it and what was done are
 * asked of one entry after the other, newest first, until the page is full.
 */
#include <stdint.h>

#include "calc/date.h"
#include "store/db.h"

enum journal_kind {
	JOURNAL_ALL,
	JOURNAL_CHANGES, /* of data, users, keys */
	JOURNAL_EVENTS   /* log-ins, exports ... */
};

/* Members that are NULL or zero do not filter. */
struct journal_filter {
	enum journal_kind kind;
	const char *actor; /* "user:alice", "key:0123abcd", "local:root" */
	const char *op;    /* "insert", "login" ... */
	const char *table;
	struct date from;  /* first civil day */
	struct date until; /* first civil day that is not in */
	int64_t before;    /* entries with a lesser id */
	int limit;         /* 1..JOURNAL_LIMIT_MAX */
};

enum { JOURNAL_LIMIT_MAX = 500 };

/* Texts live until fn returns; those that are not there are NULL. */
struct journal_row {
	int64_t id;
	const char *at;
	const char *actor;
	const char *address;
	const char *source;
	const char *request_id;
	bool is_event;
	const char *op;
	const char *table; /* NULL for an event */
	const char *pk;
	const char *before; /* JSON */
	const char *after;  /* JSON */
};

typedef enum dum_status (*journal_row_fn)(void *arg,
                                          const struct journal_row *row,
                                          struct dum_error *err);

/*
 * Newest first. *next_out: what .before is for the next page; 0: there is
 * none. DUM_EINVAL: the limit is out of range.
 */
DUM_MUST_CHECK enum dum_status journal_list(int64_t *next_out, struct db *db,
                                            const struct journal_filter *filter,
                                            journal_row_fn fn, void *arg,
                                            struct dum_error *err);

#endif
