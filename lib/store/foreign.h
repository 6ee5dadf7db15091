#ifndef DUM_STORE_FOREIGN_H
#define DUM_STORE_FOREIGN_H
/*
 * foreign - a database of the Flask system that came before this one, read
 * and never written: its rows as they are, which may be anything.
 *
 * All rows come from one state of it. A log (-wal) beside it is read too; no
 * file is made beside it, but for the index of a log that has lost its own
 * (-shm). Nothing in the file is run: views, triggers and functions of its
 * schema are not looked at, and its pages are checked before they are trusted.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

struct foreign;

/*
 * Open a file and check that its tables are those of that system. *out is
 * freed by foreign_free(). DUM_ENOTFOUND: no such file. DUM_ESCHEMA: another
 * kind of database, ours among them. DUM_EDAMAGED, DUM_EBUSY (its own program
 * keeps it locked), DUM_ESYS, DUM_ENOMEM: so do the functions below.
 */
DUM_MUST_CHECK enum dum_status foreign_open(struct foreign **out,
                                            const char *path,
                                            struct dum_error *err);
void foreign_free(struct foreign *foreign);

/* Texts live until fn returns; NULL where the column has none. */
struct foreign_location {
	int64_t id;
	const char *name;
	const char *display_name;
	bool is_active;
	const char *created_at;
};

/* What stands in a column of gigabytes. */
struct foreign_amount {
	bool is_null;
	bool is_number;   /* else text has what it is */
	double gb;        /* may be infinite */
	const char *text; /* to be shown */
};

struct foreign_day {
	int64_t id;
	const char *date;
	int64_t location_id;
	struct foreign_amount amount;
};

struct foreign_summary {
	int64_t id;
	const char *start, *end; /* first and last day */
	int64_t location_id;
	struct foreign_amount amount;
	bool manual;
	const char *created_at, *updated_at;
};

typedef enum dum_status (*foreign_location_fn)(
    void *arg, const struct foreign_location *location, struct dum_error *err);
typedef enum dum_status (*foreign_day_fn)(void *arg,
                                          const struct foreign_day *day,
                                          struct dum_error *err);
typedef enum dum_status (*foreign_summary_fn)(
    void *arg, const struct foreign_summary *summary, struct dum_error *err);

/* By id. DUM_EINVAL, as in the lists below: an id that is no whole number. */
DUM_MUST_CHECK enum dum_status foreign_location_each(struct foreign *foreign,
                                                     foreign_location_fn fn,
                                                     void *arg,
                                                     struct dum_error *err);

DUM_MUST_CHECK enum dum_status foreign_day_count(int64_t *out,
                                                 struct foreign *foreign,
                                                 struct dum_error *err);

/* By date, then location id. */
DUM_MUST_CHECK enum dum_status foreign_day_each(struct foreign *foreign,
                                                foreign_day_fn fn, void *arg,
                                                struct dum_error *err);

/* By first day, then location id; none where there is no such table. */
DUM_MUST_CHECK enum dum_status foreign_summary_each(struct foreign *foreign,
                                                    foreign_summary_fn fn,
                                                    void *arg,
                                                    struct dum_error *err);

/*
 * After the last row. DUM_EBUSY: the file was changed while it was read, so
 * that what was read may be no one state of it.
 */
DUM_MUST_CHECK enum dum_status foreign_check_unchanged(struct foreign *foreign,
                                                       struct dum_error *err);

/*
 * A time as that system writes it ("2024-03-13 08:09:10", UTC) in our form;
 * "" when it is none.
 */
void foreign_time(char out[static CLOCK_TEXT_MAX], const char *text);

#endif
