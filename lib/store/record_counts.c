#include "store/record_counts.h"

#include <stdlib.h>

#include "store/counter.h"

/*
 * Ids ascend within a date and mostly are the same from date to date, so the
 * next one is where the last one stood, or behind it.
 */
static struct record_count *find(struct record_counts *counts,
                                 int64_t location_id)
{
	for (size_t i = 0; i < counts->count; i++) {
		size_t at = (counts->last + i) % counts->count;

		if (counts->list[at].location_id == location_id) {
			counts->last = at;
			return &counts->list[at];
		}
	}
	return NULL;
}

enum dum_status record_counts_add(struct record_counts *counts,
                                  int64_t location_id, int64_t delta,
                                  struct dum_error *err)
{
	struct record_count *found = find(counts, location_id), *list;
	size_t room = counts->room * 2 + 16;

	if (found == NULL && counts->count == counts->room) {
		list = realloc(counts->list, room * sizeof(*list));
		if (list == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
		counts->list = list;
		counts->room = room;
	}
	if (found == NULL) {
		found = &counts->list[counts->count++];
		*found = (struct record_count){.location_id = location_id};
	}
	found->delta += delta;
	return DUM_OK;
}

enum dum_status record_counts_store(struct record_counts *counts, struct db *db,
                                    struct dum_error *err)
{
	enum dum_status status = DUM_OK;

	for (size_t i = 0; i < counts->count && status == DUM_OK; i++)
		status = counter_add_records(db, counts->list[i].location_id,
		                             counts->list[i].delta, err);
	counts->count = counts->last = 0;
	return status;
}

void record_counts_release(struct record_counts *counts)
{
	free(counts->list);
	*counts = (struct record_counts){.count = 0};
}
