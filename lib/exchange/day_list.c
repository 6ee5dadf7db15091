#include "exchange/day_list.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "calc/csv_quote.h"

static enum dum_status no_memory(struct dum_error *err)
{
	return error_set(err, DUM_ENOMEM, "out of memory");
}

static int by_name(const void *a, const void *b)
{
	const struct day_name *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static bool is_name(const struct day_list *list, int i, const char *name,
                    size_t len)
{
	const char *own = list->names[i]->name;

	return strncmp(own, name, len) == 0 && own[len] == '\0';
}

static bool more_names(struct day_list *list)
{
	int room = list->names_room == 0 ? 64 : list->names_room * 2;
	struct day_name **names;

	if (list->nnames < list->names_room)
		return true;
	names = realloc(list->names, (size_t)room * sizeof(struct day_name *));
	if (names == NULL)
		return false;
	list->names = names;
	list->names_room = room;
	return true;
}

/* Takes the copy over, whatever comes of it. */
static enum dum_status enter_name(int *out, bool *new_out,
                                  struct day_list *list, char *copy,
                                  struct dum_error *err)
{
	struct day_name *entry = calloc(1, sizeof(*entry)), **found = NULL;

	if (entry != NULL && more_names(list)) {
		entry->name = copy;
		entry->index = list->nnames;
		found = tsearch(entry, &list->tree, by_name);
	}
	*new_out = found != NULL && *found == entry;
	if (*new_out) {
		list->names[list->nnames++] = entry;
	} else {
		free(entry);
		free(copy);
	}
	if (found == NULL)
		return no_memory(err);
	*out = (*found)->index;
	return DUM_OK;
}

enum dum_status day_list_name(int *out, bool *new_out, struct day_list *list,
                              const char *name, size_t len,
                              struct dum_error *err)
{
	enum dum_status status;
	char *copy;

	*new_out = false;
	for (int ahead = 0; ahead < 2 && list->nnames > 0; ahead++) {
		int i = (list->last_name + ahead) % list->nnames;

		if (is_name(list, i, name, len)) {
			list->last_name = *out = i;
			return DUM_OK;
		}
	}
	copy = strndup(name, len);
	if (copy == NULL)
		return no_memory(err);
	status = enter_name(out, new_out, list, copy, err);
	if (status == DUM_OK)
		list->last_name = *out;
	return status;
}

enum dum_status day_list_add(struct day_list *list, int day, int name,
                             int64_t bytes, int line, struct dum_error *err)
{
	if (list->count == list->room) {
		size_t room = list->room == 0 ? 1024 : list->room * 2;
		struct day_entry *entries = realloc(list->entries,
		                                    room * sizeof(*entries));

		if (entries == NULL)
			return no_memory(err);
		list->entries = entries;
		list->room = room;
	}
	list->entries[list->count++] = (struct day_entry){
	    .day = day, .name = name, .bytes = bytes, .line = line};
	return DUM_OK;
}

/* Of the entries of one cell, those with an amount come first, then by line. */
static int by_day(const void *a, const void *b)
{
	const struct day_entry *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	if ((x->bytes < 0) != (y->bytes < 0))
		return x->bytes < 0 ? 1 : -1;
	return (x->line > y->line) - (x->line < y->line);
}

static void sort(struct day_list *list,
                 int (*order)(const void *a, const void *b))
{
	size_t i = 1;

	/* Most files are in order already. */
	while (i < list->count &&
	       order(&list->entries[i - 1], &list->entries[i]) < 0)
		i++;
	if (i < list->count)
		qsort(list->entries, list->count, sizeof(*list->entries),
		      order);
}

static void complain_twice(const struct day_list *list,
                           struct import_report *report,
                           const struct day_entry *kept,
                           const struct day_entry *other)
{
	const char *name = list->names[other->name]->name;
	char quoted[CSV_QUOTE_MAX], day[DATE_TEXT_MAX];
	char gb[BYTES_GB_MAX], kept_gb[BYTES_GB_MAX];

	report->counts.rejected++;
	date_format(day, date_from_days(other->day));
	bytes_format_gb(gb, other->bytes);
	bytes_format_gb(kept_gb, kept->bytes);
	csv_quote(quoted, name, strlen(name));
	if (kept->line == 0)
		import_complain(report, 0, 0,
		                "%s on %s is both %s GB and %s GB", quoted, day,
		                kept_gb, gb);
	else
		import_complain(report, other->line, 0,
		                "%s on %s is %s GB here, but %s GB on line %d",
		                quoted, day, gb, kept_gb, kept->line);
}

/* An entry of a cell that has one already. */
static void drop(const struct day_list *list, struct import_report *report,
                 const struct day_entry *kept, const struct day_entry *other)
{
	bool zero = list->empty == CSV_OVERWRITE;
	int64_t other_bytes = other->bytes == DAY_EMPTY && zero ? 0
	                                                        : other->bytes;
	struct day_entry claim = *other;

	if (other->bytes == DAY_EMPTY)
		report->counts.empty--;
	else
		report->counts.cells--;
	if (other_bytes == DAY_EMPTY || other_bytes == kept->bytes ||
	    kept->bytes == DAY_EMPTY)
		return;
	claim.bytes = other_bytes;
	complain_twice(list, report, kept, &claim);
}

enum dum_status day_list_settle(struct day_list *list,
                                struct import_report *report,
                                struct dum_error *err)
{
	size_t kept = 0;

	if (list->count == 0)
		return import_refuse(report, 0, 0, err,
		                     "it has no days to take in");
	sort(list, by_day);
	for (size_t i = 1; i < list->count; i++) {
		const struct day_entry *last = &list->entries[kept];
		const struct day_entry *next = &list->entries[i];

		if (last->day == next->day && last->name == next->name)
			drop(list, report, last, next);
		else
			list->entries[++kept] = *next;
	}
	list->count = kept + 1;
	report->first = date_from_days(list->entries[0].day);
	report->last = date_from_days(list->entries[kept].day);
	return DUM_OK;
}

/* The names whose days are to be stored. */
static enum dum_status find_locations(struct day_list *list,
                                      struct import_run *run,
                                      struct dum_error *err)
{
	enum dum_status status = DUM_OK;

	for (size_t i = 0; i < list->count && status == DUM_OK; i++) {
		const struct day_entry *entry = &list->entries[i];
		struct day_name *name = list->names[entry->name];

		if (name->location_id != 0 ||
		    (entry->bytes == DAY_EMPTY && list->empty == CSV_SKIP))
			continue;
		status = import_run_location(&name->location_id, run,
		                             name->name, name->display_name,
		                             err);
	}
	return status;
}

/* A list sorted by day is put in order of location ids, day by day. */
static int by_location(const void *a, const void *b, void *arg)
{
	const struct day_entry *x = a, *y = b;
	struct day_name *const *names = arg;
	int64_t xid = names[x->name]->location_id;
	int64_t yid = names[y->name]->location_id;

	return (xid > yid) - (xid < yid);
}

static void sort_days(struct day_list *list)
{
	for (size_t i = 0, n; i < list->count; i += n) {
		struct day_entry *first = &list->entries[i];

		for (n = 1; i + n < list->count && first[n].day == first->day;)
			n++;
		qsort_r(first, n, sizeof(*first), by_location, list->names);
	}
}

enum dum_status day_list_fill(void *arg, struct import_run *run,
                              struct dum_error *err)
{
	struct day_list *list = arg;
	enum dum_status status = find_locations(list, run, err);

	if (status != DUM_OK)
		return status;
	sort_days(list);
	for (size_t i = 0; i < list->count && status == DUM_OK; i++) {
		const struct day_entry *e = &list->entries[i];
		bool empty = e->bytes == DAY_EMPTY;
		bool keep = empty && list->empty == CSV_ZERO;

		if (empty && list->empty == CSV_SKIP)
			continue;
		status = import_run_put(run, date_from_days(e->day),
		                        list->names[e->name]->location_id,
		                        empty ? 0 : e->bytes,
		                        keep ? USAGE_KEEP : USAGE_REPLACE, err);
	}
	return status;
}

static void keep_node(void *node)
{
	(void)node; /* the names own it */
}

void day_list_release(struct day_list *list)
{
	tdestroy(list->tree, keep_node);
	for (int i = 0; i < list->nnames; i++) {
		free(list->names[i]->name);
		free(list->names[i]->display_name);
		free(list->names[i]);
	}
	free(list->names);
	free(list->entries);
	*list = (struct day_list){.count = 0};
}
