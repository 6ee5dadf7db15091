#ifndef DUM_STORE_DAY_ROWS_H
#define DUM_STORE_DAY_ROWS_H
/*
 * day_rows - many records of days as an entry of the journal holds them:
 *
 *	{"days":[["2024-01-01",[[id,location_id,bytes],...]],...]}
 *
 * A row may have a fourth member, its updated_at; without one that is the time
 * of the entry. Rows stand in the order in which they were written. What
 * stands in `before` alone was deleted, what stands in `after` alone is new; a
 * row that is deleted was made at its updated_at.
 */
#include <stdbool.h>

#include "base/strbuf.h"
#include "calc/date.h"
#include "store/db.h"

/* One side of an entry being written. Starts as {0}, after strbuf_init(). */
struct day_rows {
	struct strbuf text;
	char day[DATE_TEXT_MAX]; /* of the list that is open; "" none */
};

struct day_row {
	char day[DATE_TEXT_MAX];
	int64_t id;
	int64_t location_id;
	int64_t bytes;
	char updated_at[CLOCK_TEXT_MAX]; /* "": that of the entry */
};

void day_rows_add(struct day_rows *rows, const struct day_row *row);

/* End it; the text, NULL when there are no rows. Lives until the reset. */
const char *day_rows_finish(struct day_rows *rows);
void day_rows_reset(struct day_rows *rows);

/*
 * How much a side of an entry holds, without parsing it. False: it is no text
 * of this form.
 */
bool day_rows_count(int64_t *days_out, int64_t *rows_out, const char *text);

/* A side of an entry being read, from its end. */
struct day_rows_reader {
	void *root; /* parsed; NULL: no rows */
	size_t day, row;
};

/*
 * text may be NULL. End with day_rows_close(). DUM_EDAMAGED: it is not of the
 * form above. DUM_ENOMEM.
 */
DUM_MUST_CHECK enum dum_status day_rows_open(struct day_rows_reader *out,
                                             const char *text,
                                             struct dum_error *err);

/* The row before the last one given; *any_out false: there is none. */
DUM_MUST_CHECK enum dum_status day_rows_previous(struct day_row *out,
                                                 bool *any_out,
                                                 struct day_rows_reader *reader,
                                                 struct dum_error *err);
void day_rows_close(struct day_rows_reader *reader);

#endif
