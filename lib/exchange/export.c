#include "exchange/export.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "calc/csv_guard.h"
#include "calc/csv_rows.h"
#include "store/location.h"
#include "store/usage_days.h"

enum { PIECE_BYTES = 64 * 1024 };

/* A location that is written; in a wide table, a column. */
struct column {
	int64_t location_id;
	char *name;
	int64_t bytes; /* of the row being filled; -1: unknown */
};

struct writer {
	const struct export_options *options;
	export_fn fn;
	void *arg;
	struct strbuf text;     /* not handed over yet */
	struct column *columns; /* by location id */
	size_t count, room;
	size_t last;              /* the one found last */
	char date[DATE_TEXT_MAX]; /* wide: of the row being filled; "" none */
	int64_t rows;
};

static const char *const names[] = {
    [EXPORT_WIDE] = "wide",
    [EXPORT_LONG] = "long",
    [EXPORT_JSON] = "json",
};

int export_format_find(const char *name)
{
	for (int i = EXPORT_WIDE; i <= EXPORT_JSON; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return -1;
}

const char *export_format_name(enum export_format format)
{
	return names[format];
}

static void add_gb(struct strbuf *out, int64_t bytes)
{
	char gb[BYTES_GB_MAX];

	strbuf_add(out, gb, bytes_format_gb(gb, bytes));
}

void export_long_header(struct strbuf *out)
{
	strbuf_adds(out, "date,location,usage_gb\n");
}

void export_long_row(struct strbuf *out, const char *date, const char *location,
                     int64_t bytes)
{
	strbuf_adds(out, date);
	strbuf_addc(out, ',');
	csv_guard_add(out, location);
	strbuf_addc(out, ',');
	add_gb(out, bytes);
	strbuf_addc(out, '\n');
}

static void add_json_row(struct strbuf *out, bool first, const char *date,
                         const char *location, int64_t bytes)
{
	struct json_writer w = {.out = out};

	strbuf_adds(out, first ? "\n" : ",\n");
	jsonw_object_begin(&w);
	jsonw_member_string(&w, "date", date);
	jsonw_member_string(&w, "location", location);
	jsonw_member_gb(&w, "usage_gb", bytes);
	jsonw_object_end(&w);
}

static enum dum_status hand_over(struct writer *w, size_t at_least,
                                 struct dum_error *err)
{
	enum dum_status status;

	if (!strbuf_ok(&w->text))
		return error_set(err, DUM_ENOMEM, "out of memory");
	if (w->text.len == 0 || w->text.len < at_least)
		return DUM_OK;
	status = w->fn(w->arg, w->text.buf, w->text.len, err);
	strbuf_reset(&w->text);
	return status;
}

static enum dum_status add_column(void *arg, const struct location *location,
                                  struct dum_error *err)
{
	struct writer *w = arg;
	struct column *columns;
	size_t room = w->room == 0 ? 64 : w->room * 2;
	char *name;

	if (w->count == w->room) {
		columns = realloc(w->columns, room * sizeof(*columns));
		if (columns == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
		w->columns = columns;
		w->room = room;
	}
	name = strdup(location->name);
	if (name == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	w->columns[w->count++] = (struct column){
	    .location_id = location->id, .name = name, -1};
	return DUM_OK;
}

static int by_location(const void *a, const void *b)
{
	const struct column *x = a, *y = b;

	return (x->location_id > y->location_id) -
	       (x->location_id < y->location_id);
}

/* A name that was given twice is written once. */
static void drop_repeats(struct writer *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->count; i++) {
		if (kept > 0 && w->columns[kept - 1].location_id ==
		                    w->columns[i].location_id)
			free(w->columns[i].name);
		else
			w->columns[kept++] = w->columns[i];
	}
	w->count = kept;
}

static enum dum_status find_columns(struct writer *w, struct db *db,
                                    struct dum_error *err)
{
	const struct export_options *o = w->options;
	enum dum_status status = DUM_OK;
	struct location location;

	if (o->nlocations == 0)
		status = location_each(db, true, add_column, w, err);
	for (size_t i = 0; i < o->nlocations && status == DUM_OK; i++) {
		status = location_find(&location, db, o->locations[i], err);
		if (status == DUM_OK)
			status = add_column(w, &location, err);
	}
	if (status != DUM_OK)
		return status;
	if (w->count > 0)
		qsort(w->columns, w->count, sizeof(*w->columns), by_location);
	drop_repeats(w);
	if (o->format == EXPORT_WIDE && w->count >= CSV_COLUMNS_MAX)
		return error_set(err, DUM_EINVAL,
		                 "%zu locations are more than a wide table may "
		                 "have columns: choose the long format",
		                 w->count);
	return DUM_OK;
}

/* NULL: the location is not asked for. */
static struct column *find_column(struct writer *w, int64_t location_id)
{
	struct column key = {.location_id = location_id}, *found;

	/* The records of a day follow the columns. */
	if (w->last + 1 < w->count &&
	    w->columns[w->last + 1].location_id == location_id)
		return &w->columns[++w->last];
	if (w->count == 0)
		return NULL;
	found = bsearch(&key, w->columns, w->count, sizeof(key), by_location);
	if (found != NULL)
		w->last = (size_t)(found - w->columns);
	return found;
}

static void finish_wide_row(struct writer *w)
{
	if (w->date[0] == '\0')
		return;
	strbuf_adds(&w->text, w->date);
	for (size_t i = 0; i < w->count; i++) {
		strbuf_addc(&w->text, ',');
		if (w->columns[i].bytes >= 0)
			add_gb(&w->text, w->columns[i].bytes);
		w->columns[i].bytes = -1;
	}
	strbuf_addc(&w->text, '\n');
	w->date[0] = '\0';
}

static void add_to_wide(struct writer *w, const struct usage_day *day,
                        struct column *column)
{
	if (strcmp(w->date, day->date) != 0) {
		finish_wide_row(w);
		memcpy(w->date, day->date,
		       strnlen(day->date, sizeof(w->date) - 1) + 1);
		w->date[sizeof(w->date) - 1] = '\0';
		w->rows++;
	}
	column->bytes = day->bytes;
}

static enum dum_status write_day(void *arg, const struct usage_day *day,
                                 struct dum_error *err)
{
	struct writer *w = arg;
	struct column *column = find_column(w, day->location_id);

	if (column == NULL)
		return DUM_OK;
	switch (w->options->format) {
	case EXPORT_WIDE:
		add_to_wide(w, day, column);
		break;
	case EXPORT_LONG:
		export_long_row(&w->text, day->date, column->name, day->bytes);
		w->rows++;
		break;
	case EXPORT_JSON:
		add_json_row(&w->text, w->rows == 0, day->date, column->name,
		             day->bytes);
		w->rows++;
		break;
	}
	return hand_over(w, PIECE_BYTES, err);
}

static void begin(struct writer *w)
{
	switch (w->options->format) {
	case EXPORT_WIDE:
		strbuf_adds(&w->text, "Date");
		for (size_t i = 0; i < w->count; i++) {
			strbuf_addc(&w->text, ',');
			csv_guard_add(&w->text, w->columns[i].name);
		}
		strbuf_addc(&w->text, '\n');
		break;
	case EXPORT_LONG:
		export_long_header(&w->text);
		break;
	case EXPORT_JSON:
		strbuf_addc(&w->text, '[');
		break;
	}
}

enum dum_status export_run(int64_t *rows_out, struct db *db,
                           const struct export_options *options, export_fn fn,
                           void *arg, struct dum_error *err)
{
	struct writer w = {.options = options, .fn = fn, .arg = arg};
	struct usage_filter filter = {.from = options->from,
	                              .until = options->until};
	enum dum_status status;

	strbuf_init(&w.text);
	status = find_columns(&w, db, err);
	if (status == DUM_OK) {
		begin(&w);
		if (w.count == 1)
			filter.location_id = w.columns[0].location_id;
		status = usage_day_each(db, &filter, write_day, &w, err);
	}
	if (status == DUM_OK) {
		finish_wide_row(&w);
		if (options->format == EXPORT_JSON)
			strbuf_adds(&w.text, "\n]\n");
		status = hand_over(&w, 0, err);
	}
	if (status == DUM_OK)
		*rows_out = w.rows;
	for (size_t i = 0; i < w.count; i++)
		free(w.columns[i].name);
	free(w.columns);
	strbuf_release(&w.text);
	return status;
}
