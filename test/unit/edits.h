#ifndef DUM_TEST_EDITS_H
#define DUM_TEST_EDITS_H
/*
 * edits - changes of every form that an entry of the journal has, drawn at
 * random but the same everywhere; inside db_begin().
 */
#include "fixture.h"

struct edits {
	struct fixture *f;
	int64_t locations, imports; /* the last ids; add a location first */
	unsigned number;            /* of the generator */
};

unsigned edits_draw(struct edits *edits, unsigned below);

void edits_add_location(struct edits *edits);
void edits_change_location(struct edits *edits);
/* A day is set, perhaps once more, or deleted. */
void edits_put_day(struct edits *edits);

/*
 * Any of these, or many days, an import, a summary, a setting; false: roll
 * back.
 */
bool edits_any(struct edits *edits);

#endif
