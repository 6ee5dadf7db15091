#include "exchange/foreign_places.h"

#include <stdlib.h>
#include <string.h>

#include "calc/csv_quote.h"

enum { PLACES_MAX = 1000 * 1000 };

void foreign_places_release(struct foreign_places *places)
{
	for (size_t i = 0; i < places->count; i++)
		free(places->items[i].name);
	free(places->items);
}

static bool make_room(struct foreign_places *places)
{
	size_t room = places->room == 0 ? 64 : places->room * 2;
	struct foreign_place *items;

	if (places->count < places->room)
		return true;
	items = reallocarray(places->items, room, sizeof(*items));
	if (items == NULL)
		return false;
	places->items = items;
	places->room = room;
	return true;
}

enum dum_status foreign_places_add(struct foreign_places *places,
                                   struct import_report *report, int64_t there,
                                   int64_t here, const char *name,
                                   struct dum_error *err)
{
	char *copy;

	if (places->count == PLACES_MAX)
		return import_refuse(report, 0, 0, err,
		                     "it has more than %d locations",
		                     PLACES_MAX);
	copy = strdup(name);
	if (copy == NULL || !make_room(places)) {
		free(copy);
		return error_set(err, DUM_ENOMEM, "out of memory");
	}
	places->items[places->count++] = (struct foreign_place){
	    .there = there, .here = here, .name = copy, .bytes = -1};
	return DUM_OK;
}

static int by_name(const void *a, const void *b)
{
	const struct foreign_place *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

enum dum_status foreign_places_check(const struct foreign_places *places,
                                     struct import_report *report,
                                     struct dum_error *err)
{
	const struct foreign_place **order;
	enum dum_status status = DUM_OK;
	char quoted[CSV_QUOTE_MAX];

	order = calloc(places->count + 1, sizeof(*order));
	if (order == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	for (size_t i = 0; i < places->count; i++)
		order[i] = &places->items[i];
	qsort(order, places->count, sizeof(*order), by_name);
	for (size_t i = 1; i < places->count && status == DUM_OK; i++) {
		const struct foreign_place *a = order[i - 1], *b = order[i];

		if (b->here != 0 && strcmp(a->name, b->name) == 0)
			status = import_refuse(
			    report, 0, 0, err,
			    "locations: %lld and %lld have the same name '%s'",
			    (long long)a->there, (long long)b->there,
			    csv_quote(quoted, b->name, strlen(b->name)));
	}
	free(order);
	return status;
}

static int by_there(const void *a, const void *b)
{
	const struct foreign_place *x = a, *y = b;

	return (x->there > y->there) - (x->there < y->there);
}

struct foreign_place *foreign_places_find(struct foreign_places *places,
                                          int64_t there)
{
	const struct foreign_place key = {.there = there};
	struct foreign_place *found;

	/* The rows of a day follow the locations. */
	if (places->last + 1 < places->count &&
	    places->items[places->last + 1].there == there)
		return &places->items[++places->last];
	if (places->count == 0)
		return NULL;
	found = bsearch(&key, places->items, places->count, sizeof(key),
	                by_there);
	if (found != NULL)
		places->last = (size_t)(found - places->items);
	return found;
}
