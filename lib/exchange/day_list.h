#ifndef DUM_EXCHANGE_DAY_LIST_H
#define DUM_EXCHANGE_DAY_LIST_H
/*
 * day_list - days that a file gives one by one, each with its location: a
 * table of long rows, an answer of vnStat.
 *
 *	day_list_name(&name, &list, "eth0", 4, err);
 *	day_list_add(&list, ..., err);			in any order
 *	day_list_settle(&list, &report, err);
 *	import_run(... .fill = day_list_fill, .arg = &list ...)
 *	day_list_release(&list);			always
 *
 * Starts as {0}. Memory: 24 bytes for each day.
 */
#include "exchange/csv_options.h"
#include "exchange/import_run.h"

struct day_entry {
	int day;       /* since 1970-01-01 */
	int name;      /* index into names */
	int64_t bytes; /* or DAY_EMPTY */
	int line;
};

/* Nothing is written there: what the list's `empty` says. */
enum { DAY_EMPTY = -1 };

struct day_name {
	char *name;
	char *display_name; /* NULL: made from the name */
	int index;
	int64_t location_id; /* once it is stored */
};

struct day_list {
	struct day_entry *entries;
	size_t count, room;
	struct day_name **names;
	int nnames, names_room;
	void *tree;    /* of the names */
	int last_name; /* found; files repeat them in one order */
	enum csv_empty empty;
};

/*
 * The index of a name, which is entered when it is new. It has to pass
 * import_check_name() in the caller's hands, *new_out says when.
 */
DUM_MUST_CHECK enum dum_status day_list_name(int *out, bool *new_out,
                                             struct day_list *list,
                                             const char *name, size_t len,
                                             struct dum_error *err);

DUM_MUST_CHECK enum dum_status day_list_add(struct day_list *list, int day,
                                            int name, int64_t bytes, int line,
                                            struct dum_error *err);

/*
 * Put them in order, and settle what the file has twice: equal amounts count
 * once, different ones are a complaint against the later line. Sets the
 * report's first and last day.
 */
DUM_MUST_CHECK enum dum_status day_list_settle(struct day_list *list,
                                               struct import_report *report,
                                               struct dum_error *err);

/* The fill() of an import; arg is the list. */
DUM_MUST_CHECK enum dum_status day_list_fill(void *arg, struct import_run *run,
                                             struct dum_error *err);

void day_list_release(struct day_list *list);

#endif
