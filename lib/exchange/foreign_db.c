/*
 * Rows go from one database to the other as they are read, by date and then
 * location, which is the order in which they are stored fastest. They are
 * judged on the way: what is refused ends in the report, and a report with
 * complaints rolls everything back.
 */
#include "exchange/foreign_db.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "calc/csv_quote.h"
#include "crypto/hash.h"
#include "exchange/foreign_places.h"
#include "exchange/import_place.h"
#include "exchange/import_run.h"
#include "store/foreign.h"
#include "store/location.h"
#include "store/summary.h"

struct takeover {
	struct foreign *foreign;
	struct import_report *report;
	const struct import_options *take;
	struct import_run *run;
	struct foreign_places places;
};

/* What people see, if it can be that; NULL: make it from the name. */
static const char *usable_display(const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (len == 0 || !utf8_printable(text, len) || text[0] == ' ' ||
	    text[len - 1] == ' ' ||
	    utf8_count(text, len) > LOCATION_DISPLAY_CHARS)
		return NULL;
	return text;
}

static enum dum_status take_location(void *arg,
                                     const struct foreign_location *location,
                                     struct dum_error *err)
{
	const char *name = location->name != NULL ? location->name : "";
	struct takeover *t = arg;
	struct import_counts *counts = &t->report->counts;
	int64_t created = counts->locations_created, here = 0;
	char at[CLOCK_TEXT_MAX];
	enum dum_status status;

	t->report->locations++;
	if (import_check_name(t->report, 0, 0, name, NULL) != DUM_OK) {
		t->report->takeover.locations_refused++;
		return foreign_places_add(&t->places, t->report, location->id,
		                          0, name, err);
	}
	foreign_time(at, location->created_at);
	status = import_run_location_as(&here, t->run, name,
	                                usable_display(location->display_name),
	                                location->is_active, at, err);
	if (status != DUM_OK)
		return status;
	t->report->takeover.locations_merged += counts->locations_created ==
	                                        created;
	return foreign_places_add(&t->places, t->report, location->id, here,
	                          name, err);
}

/* A date, alone or as midnight ("2024-03-13 00:00:00.000000"). */
static bool read_date(struct date *out, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (len > 10 && (text[10] == ' ' || text[10] == 'T') &&
	    strspn(text + 11, "0:.") == len - 11)
		len = 10;
	return len == 10 && date_parse(out, text, len);
}

/* The nearest byte; -1: not from 0 to most, which may be any text. */
static int64_t read_amount(const struct foreign_amount *amount, int64_t most)
{
	double bytes = amount->gb * (double)BYTES_PER_GB;

	if (!amount->is_number || !(bytes >= 0) || bytes > (double)most + 0.5)
		return -1;
	return llround(bytes) <= most ? llround(bytes) : -1;
}

static void refuse_amount(struct takeover *t, const struct import_place *at,
                          const struct foreign_amount *amount)
{
	if (!amount->is_number)
		import_reject(t->report, at, "no number");
	else if (amount->gb < 0)
		import_reject(t->report, at, "below zero");
	else
		import_reject_large(t->report, t->take, at, UNIT_GB);
}

/* A row that can not even be named by its location and date. */
static void refuse_row(struct takeover *t, const char *table, int64_t id,
                       const char *why, const char *text)
{
	char quoted[CSV_QUOTE_MAX];

	if (text == NULL)
		text = "NULL";
	import_complain(t->report, 0, 0, "%s, row %lld: %s '%s'", table,
	                (long long)id, why,
	                csv_quote(quoted, text, strlen(text)));
}

/* Where the row belongs; NULL: nowhere, which was told. */
static struct foreign_place *find_place(struct takeover *t, const char *table,
                                        int64_t id, int64_t location_id)
{
	struct foreign_place *place = foreign_places_find(&t->places,
	                                                  location_id);
	char text[24];

	if (place == NULL) {
		snprintf(text, sizeof(text), "%lld", (long long)location_id);
		refuse_row(t, table, id, "there is no location", text);
	}
	return place != NULL && place->here != 0 ? place : NULL;
}

/*
 * A date can stand there twice, written in two ways ("2024-03-13" and
 * "2024-03-13 00:00:00"). Of two amounts none is the right one.
 */
static bool came_before(struct takeover *t, struct foreign_place *place,
                        struct import_place *at, int64_t bytes)
{
	char amount[BYTES_GB_MAX], other[BYTES_GB_MAX], why[80];

	if (place->bytes < 0 || place->day != at->day) {
		place->day = at->day;
		place->bytes = bytes;
		return false;
	}
	if (place->bytes != bytes) {
		bytes_format_gb(amount, bytes);
		at->text = amount;
		at->len = strlen(amount);
		bytes_format_gb(other, place->bytes);
		snprintf(why, sizeof(why), "%s GB in another row", other);
		import_reject(t->report, at, why);
	}
	return true;
}

static enum dum_status take_day(void *arg, const struct foreign_day *day,
                                struct dum_error *err)
{
	struct takeover *t = arg;
	struct import_counts *counts = &t->report->counts;
	struct import_place at = {.text = ""};
	struct foreign_place *place;
	struct date date;
	int64_t bytes;

	counts->rows++;
	if (day->amount.is_null) {
		counts->empty++;
		return DUM_OK;
	}
	place = find_place(t, "daily_usage", day->id, day->location_id);
	if (place == NULL) {
		counts->rejected++;
		return DUM_OK;
	}
	if (!read_date(&date, day->date)) {
		counts->rejected++;
		refuse_row(t, "daily_usage", day->id, "no date is", day->date);
		return DUM_OK;
	}
	at.day = date_to_days(date);
	at.name = place->name;
	if (!import_check_day(t->report, t->take, at.day, 0, 0)) {
		counts->rejected++;
		return DUM_OK;
	}
	bytes = read_amount(&day->amount, t->take->max_bytes);
	if (bytes < 0) {
		at.text = day->amount.text != NULL ? day->amount.text : "";
		at.len = strlen(at.text);
		refuse_amount(t, &at, &day->amount);
		return DUM_OK;
	}
	if (came_before(t, place, &at, bytes))
		return DUM_OK;
	counts->cells++;
	if (t->report->first.year == 0)
		t->report->first = date;
	t->report->last = date;
	return import_run_put(t->run, date, place->here, bytes, USAGE_REPLACE,
	                      err);
}

static enum dum_status take_summary(void *arg,
                                    const struct foreign_summary *summary,
                                    struct dum_error *err)
{
	static const char table[] = "monthly_summaries";
	struct takeover *t = arg;
	struct import_takeover *counts = &t->report->takeover;
	struct summary wanted = {.manual = summary->manual}, stored;
	enum usage_change change = USAGE_SAME;
	enum dum_status status;
	int64_t told = t->report->complaints;
	struct foreign_place *place;
	int days;

	counts->summaries++;
	place = find_place(t, table, summary->id, summary->location_id);
	wanted.bytes = read_amount(&summary->amount, SUMMARY_BYTES_MAX);
	if (!read_date(&wanted.start, summary->start))
		refuse_row(t, table, summary->id, "no date is", summary->start);
	else if (!read_date(&wanted.end, summary->end))
		refuse_row(t, table, summary->id, "no date is", summary->end);
	else if ((days = date_diff(wanted.start, wanted.end)) < 0 ||
	         days >= SUMMARY_DAYS_MAX)
		refuse_row(t, table, summary->id,
		           "its period is no month, it ends", summary->end);
	else if (wanted.bytes < 0)
		refuse_row(t, table, summary->id, "no amount is",
		           summary->amount.text);
	if (place == NULL || t->report->complaints > told) {
		counts->summaries_refused++;
		return DUM_OK;
	}
	wanted.location_id = place->here;
	foreign_time(wanted.created_at, summary->created_at);
	foreign_time(wanted.updated_at, summary->updated_at);
	status = summary_put(&stored, &change, import_run_db(t->run), &wanted,
	                     err);
	counts->summaries_new += status == DUM_OK && change == USAGE_NEW;
	counts->summaries_changed += status == DUM_OK &&
	                             change == USAGE_CHANGED;
	counts->summaries_same += status == DUM_OK && change == USAGE_SAME;
	return status;
}

static enum dum_status fill(void *arg, struct import_run *run,
                            struct dum_error *err)
{
	struct takeover *t = arg;
	enum dum_status status;

	t->run = run;
	status = foreign_location_each(t->foreign, take_location, t, err);
	if (status == DUM_OK)
		status = foreign_places_check(&t->places, t->report, err);
	if (status == DUM_OK)
		status = foreign_day_each(t->foreign, take_day, t, err);
	if (status == DUM_OK)
		status = foreign_summary_each(t->foreign, take_summary, t, err);
	if (status == DUM_OK)
		status = import_check(t->report, t->take, err);
	if (status == DUM_OK)
		status = foreign_check_unchanged(t->foreign, err);
	return status;
}

static enum dum_status hash_file(char out[static HASH_HEX_MAX],
                                 const char *path, struct dum_error *err)
{
	unsigned char raw[HASH_BYTES], chunk[65536];
	struct hasher *hasher = NULL;
	enum dum_status status;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, DUM_ESYS, "%s: %s", path,
		                 strerror(errno));
	status = hasher_new(&hasher, err);
	while (status == DUM_OK && (n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n > 0)
			hasher_write(hasher, chunk, (size_t)n);
		else if (errno != EINTR)
			status = error_set(err, DUM_ESYS, "%s: %s", path,
			                   strerror(errno));
	}
	close(fd);
	if (status == DUM_OK) {
		hasher_finish(hasher, raw);
		hex_write(out, raw, sizeof(raw));
	}
	hasher_free(hasher);
	return status;
}

static enum dum_status run(struct takeover *t, struct db *db,
                           const struct origin *who, const char *path,
                           const char *file_name, struct dum_error *err)
{
	char hash[HASH_HEX_MAX] = "";
	struct strbuf options = STRBUF_INIT;
	struct json_writer w = {.out = &options};
	struct import_job job = {.kind = "database",
	                         .file_name = file_name,
	                         .file_hash = hash,
	                         .take = t->take,
	                         .fill = fill,
	                         .arg = t};
	enum dum_status status;

	jsonw_object_begin(&w);
	import_options_members(&w, t->take);
	jsonw_object_end(&w);
	job.options = options.buf;
	status = foreign_day_count(&job.records, t->foreign, err);
	if (status == DUM_OK)
		status = hash_file(hash, path, err);
	if (status == DUM_OK && !strbuf_ok(&options))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	if (status == DUM_OK)
		status = import_run(t->report, db, who, &job, err);
	strbuf_release(&options);
	return status;
}

static void forget_changes(struct import_takeover *t)
{
	t->locations_merged = 0;
	t->summaries_new = t->summaries_changed = t->summaries_same = 0;
}

enum dum_status foreign_db_import(struct import_report *report, struct db *db,
                                  const struct origin *who, const char *path,
                                  const char *file_name,
                                  const struct import_options *take,
                                  struct dum_error *err)
{
	struct takeover t = {.report = report, .take = take};
	enum dum_status status;

	report->takeover.any = true;
	status = foreign_open(&t.foreign, path, err);
	if (status == DUM_OK)
		status = run(&t, db, who, path, file_name, err);
	if (status != DUM_OK)
		forget_changes(&report->takeover);
	foreign_free(t.foreign);
	foreign_places_release(&t.places);
	return status;
}
