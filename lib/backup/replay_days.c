/*
 * Which row of `before` belongs to which of `after`: rows stand in the order
 * in which they were written, and one day may stand there twice. An import
 * writes what it puts in, with what was there before some of it: the pairs are
 * found from the end. An undo writes what it takes out, with what some of it
 * became: they are found from the start.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/replay.h"
#include "store/day_rows.h"
#include "store/query.h"

struct rows {
	struct day_row *list;
	size_t count, room;
};

static enum dum_status add(struct rows *rows, const struct day_row *row,
                           struct dum_error *err)
{
	if (rows->count == rows->room) {
		size_t room = rows->room == 0 ? 1024 : rows->room * 2;
		struct day_row *list = realloc(rows->list,
		                               room * sizeof(*list));

		if (list == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
		rows->list = list;
		rows->room = room;
	}
	rows->list[rows->count++] = *row;
	return DUM_OK;
}

/* All rows of a side, the last one first. */
static enum dum_status read_side(struct rows *out, const char *text,
                                 const struct journal_record *e,
                                 struct dum_error *err)
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
		if (status != DUM_OK || !any)
			break;
		if (row.updated_at[0] == '\0')
			snprintf(row.updated_at, sizeof(row.updated_at), "%s",
			         e->at);
		status = add(out, &row, err);
	}
	day_rows_close(&reader);
	return status;
}

static void bind_row(struct query *q, const struct day_row *row)
{
	query_bind_int(q, ":id", row->id);
	query_bind_text(q, ":date", row->day);
	query_bind_int(q, ":location_id", row->location_id);
}

static void bind_after(struct query *q, const struct day_row *row)
{
	query_bind_int(q, ":bytes", row->bytes);
	query_bind_text(q, ":at", row->updated_at);
}

/* From one to the other; NULL: there is none, but of one of them. */
static enum dum_status change_row(struct db *db, const struct day_row *before,
                                  const struct day_row *after,
                                  const struct journal_record *e,
                                  struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status;
	struct query q;

	if (before == NULL) {
		query_start(&q, db, SQL_REPLAY_DAY_PUT, &inner);
		bind_row(&q, after);
		bind_after(&q, after);
	} else {
		query_start(&q, db,
		            after == NULL ? SQL_REPLAY_DAY_TAKE
		                          : SQL_REPLAY_DAY_SET,
		            &inner);
		bind_row(&q, before);
		query_bind_int(&q, ":before", before->bytes);
		query_bind_text(&q, ":before_at", before->updated_at);
		if (after != NULL)
			bind_after(&q, after);
	}
	status = query_run(&q);
	if (status == DUM_ECONFLICT ||
	    (status == DUM_OK && sqlite3_changes(db->sqlite) != 1))
		return replay_conflict(e, err);
	if (status != DUM_OK)
		return error_set(err, status, "entry %lld of the journal: %s",
		                 (long long)e->id, inner.text);
	return DUM_OK;
}

static bool same_day(const struct day_row *a, const struct day_row *b)
{
	return a->id == b->id && a->location_id == b->location_id &&
	       strcmp(a->day, b->day) == 0;
}

/* other[i]: index of what belongs to main row i, or SIZE_MAX. */
static void pair_from(size_t *other, const struct rows *main_rows,
                      const struct rows *sub, bool from_end)
{
	size_t next = 0;

	/* Both lists stand from the end to the start. */
	for (size_t n = 0; n < main_rows->count; n++) {
		size_t i = from_end ? n : main_rows->count - 1 - n;
		size_t j = from_end ? next : sub->count - 1 - next;

		other[i] = SIZE_MAX;
		if (next < sub->count &&
		    same_day(&main_rows->list[i], &sub->list[j])) {
			other[i] = j;
			next++;
		}
	}
}

/* Every row of the shorter side has to have found its place. */
static bool all_paired(const size_t *other, size_t count,
                       const struct rows *sub)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += other[i] != SIZE_MAX;
	return found == sub->count;
}

static enum dum_status apply(struct db *db, const struct rows *main_rows,
                             const struct rows *sub, const size_t *other,
                             bool undo, const struct journal_record *e,
                             struct dum_error *err)
{
	enum dum_status status = DUM_OK;

	for (size_t i = main_rows->count; i-- > 0 && status == DUM_OK;) {
		const struct day_row *one = &main_rows->list[i];
		const struct day_row *two = other[i] != SIZE_MAX
		                                ? &sub->list[other[i]]
		                                : NULL;

		status = undo ? change_row(db, one, two, e, err)
		              : change_row(db, two, one, e, err);
	}
	return status;
}

enum dum_status replay_days(struct db *db, const struct journal_record *e,
                            struct dum_error *err)
{
	bool undo = strcmp(e->op, "undo") == 0;
	struct rows before = {.count = 0}, after = {.count = 0};
	const struct rows *main_rows = undo ? &before : &after;
	const struct rows *sub = undo ? &after : &before;
	enum dum_status status;
	size_t *other = NULL;

	status = read_side(&before, e->before, e, err);
	if (status == DUM_OK)
		status = read_side(&after, e->after, e, err);
	if (status == DUM_OK) {
		other = calloc(main_rows->count + 1, sizeof(*other));
		if (other == NULL)
			status = error_set(err, DUM_ENOMEM, "out of memory");
	}
	if (status == DUM_OK) {
		pair_from(other, main_rows, sub, !undo);
		status = all_paired(other, main_rows->count, sub)
		             ? apply(db, main_rows, sub, other, undo, e, err)
		             : replay_conflict(e, err);
	}
	free(other);
	free(before.list);
	free(after.list);
	return status;
}
