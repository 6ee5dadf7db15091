#ifndef DUM_EXCHANGE_FOREIGN_PLACES_H
#define DUM_EXCHANGE_FOREIGN_PLACES_H
/*
 * foreign_places - the locations of a foreign database and what each is here;
 * for foreign_db alone.
 *
 * Starts as {0}; end with foreign_places_release().
 */
#include "exchange/import_report.h"

struct foreign_place {
	int64_t there, here; /* ids; here 0: refused */
	char *name;
	/* The last day of it that came, as days come in their order. */
	int day;
	int64_t bytes; /* -1: none came yet */
};

struct foreign_places {
	struct foreign_place *items; /* "there" ascends */
	size_t count, room;
	size_t last; /* where the last one was found */
};

void foreign_places_release(struct foreign_places *places);

/* Add one with a greater id; the name is copied. DUM_EINVAL: too many. */
DUM_MUST_CHECK enum dum_status foreign_places_add(struct foreign_places *places,
                                                  struct import_report *report,
                                                  int64_t there, int64_t here,
                                                  const char *name,
                                                  struct dum_error *err);

/* Names are the keys here. DUM_EINVAL: two that are taken have the same. */
DUM_MUST_CHECK enum dum_status foreign_places_check(
    const struct foreign_places *places, struct import_report *report,
    struct dum_error *err);

/* NULL: there is no such location, in its own database. */
struct foreign_place *foreign_places_find(struct foreign_places *places,
                                          int64_t there);

#endif
