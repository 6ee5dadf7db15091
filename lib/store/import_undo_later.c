/*
 * Records that were changed after the import but within the same second. Their
 * times say nothing then, and somebody may have set one away and back again;
 * so the entries of that second are looked through. There are hardly ever any.
 */
#include <stdlib.h>
#include <string.h>

#include "store/import_undo_parts.h"
#include "store/query.h"

static enum dum_status add(struct import_undo_later *later, int64_t id,
                           struct dum_error *err)
{
	if (later->count == later->room) {
		size_t room = later->room == 0 ? 64 : later->room * 2;
		int64_t *ids = realloc(later->ids, room * sizeof(*ids));

		if (ids == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
		later->ids = ids;
		later->room = room;
	}
	later->ids[later->count++] = id;
	return DUM_OK;
}

static enum dum_status add_rows(struct import_undo_later *later,
                                const char *text, struct dum_error *err)
{
	struct day_rows_reader reader;
	enum dum_status status;
	struct day_row row;
	bool any = true;

	status = day_rows_open(&reader, text, err);
	if (status != DUM_OK)
		return status;
	while (status == DUM_OK && any) {
		status = day_rows_previous(&row, &any, &reader, err);
		if (status == DUM_OK && any)
			status = add(later, row.id, err);
	}
	day_rows_close(&reader);
	return status;
}

static enum dum_status add_entry(struct import_undo_later *later,
                                 struct query *q, struct dum_error *err)
{
	const char *op = query_text(q, 1);

	if (strcmp(op, "import") == 0 || strcmp(op, "batch") == 0)
		return add_rows(later, query_text(q, 4), err);
	/* One that was deleted is not found; an undo restores what was. */
	if (strcmp(op, "update") == 0 || strcmp(op, "insert") == 0)
		return add(later, strtoll(query_text(q, 3), NULL, 10), err);
	return DUM_OK;
}

static int by_id(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

enum dum_status import_undo_find_later(struct import_undo *u,
                                       struct dum_error *err)
{
	struct import_undo_later *later = &u->later;
	enum dum_status status;
	struct query q;

	query_start(&q, u->db, SQL_IMPORT_LATER, err);
	query_bind_int(&q, ":last", u->last);
	while (query_row(&q) && strcmp(query_text(&q, 0), u->at) == 0)
		if (strcmp(query_text(&q, 2), "daily_usage") == 0)
			query_fail(&q, add_entry(later, &q, err));
	status = query_end(&q);
	if (later->count > 0)
		qsort(later->ids, later->count, sizeof(*later->ids), by_id);
	return status;
}

bool import_undo_changed_later(const struct import_undo *u, int64_t id)
{
	const struct import_undo_later *later = &u->later;

	return later->count > 0 && bsearch(&id, later->ids, later->count,
	                                   sizeof(id), by_id) != NULL;
}
