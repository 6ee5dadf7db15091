/*
 * jansson takes the text apart. Its integers end at 2^63, vnStat's counters at
 * 2^64: all numbers are therefore read as doubles, which hold every whole
 * number up to 2^53 exactly, nine times the most that a day may have
 * (USAGE_BYTES_MAX). What is larger is refused, never rounded.
 */
#include "exchange/vnstat.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "calc/csv_quote.h"
#include "crypto/hash.h"
#include "exchange/day_list.h"
#include "exchange/import_place.h"
#include "store/location.h"
#include "store/usage.h"

struct vnstat {
	struct day_list list;
	struct import_options take;
	struct strbuf options; /* JSON, for the list of imports */
	char hash[HASH_HEX_MAX];
};

struct reader {
	struct vnstat *vnstat;
	struct import_report *report;
	const struct vnstat_options *options;
	const char *interface; /* being read */
	char quoted[CSV_QUOTE_MAX];
	int name; /* of the location, in the list */
};

/* A whole number of at least 0 under a key; -1: it is none. */
static double whole_number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	double number = json_real_value(value);

	if (!json_is_real(value) || number < 0 || floor(number) != number)
		return -1;
	return number;
}

static bool read_date(struct date *out, const json_t *day)
{
	const json_t *date = json_object_get(day, "date");
	double year = whole_number(date, "year");
	double month = whole_number(date, "month");
	double dom = whole_number(date, "day");

	if (year < DATE_YEAR_MIN || year > DATE_YEAR_MAX || month > 12 ||
	    dom > 31)
		return false;
	*out = (struct date){(int)year, (int)month, (int)dom};
	return date_valid(*out);
}

static enum dum_status read_day(struct reader *r, size_t index,
                                const json_t *day, struct dum_error *err)
{
	static const char sum[] = "rx + tx";
	struct import_report *report = r->report;
	const struct import_options *take = &r->vnstat->take;
	struct import_place at = {.text = sum, .len = sizeof(sum) - 1};
	double rx = whole_number(day, "rx"), tx = whole_number(day, "tx");
	struct date date;

	if (!read_date(&date, day))
		return import_refuse(report, 0, 0, err,
		                     "day %zu of interface '%s' has no date "
		                     "with year, month and day",
		                     index + 1, r->quoted);
	report->counts.rows++;
	at.day = date_to_days(date);
	at.name = r->vnstat->list.names[r->name]->name;
	if (rx < 0 || tx < 0) {
		import_reject(report, &at,
		              "no number of bytes: both must be whole numbers "
		              "from 0");
		return DUM_OK;
	}
	/* Exact: both are below 2^53 where the limit lets them pass. */
	if (rx + tx > (double)take->max_bytes) {
		import_reject_large(report, take, &at, UNIT_BYTES);
		return DUM_OK;
	}
	if (!import_check_day(report, take, at.day, 0, 0)) {
		report->counts.rejected++;
		return DUM_OK;
	}
	report->counts.cells++;
	return day_list_add(&r->vnstat->list, at.day, r->name,
	                    (int64_t)rx + (int64_t)tx, 0, err);
}

/* The alias, where it can be what people see. */
static char *copy_alias(const json_t *interface)
{
	const char *alias = json_string_value(
	    json_object_get(interface, "alias"));
	size_t len = alias != NULL ? strlen(alias) : 0;

	if (len == 0 || alias[0] == ' ' || alias[len - 1] == ' ' ||
	    !utf8_printable(alias, len) ||
	    utf8_count(alias, len) > LOCATION_DISPLAY_CHARS)
		return NULL;
	return strdup(alias);
}

static enum dum_status enter_name(struct reader *r, const json_t *interface,
                                  struct dum_error *err)
{
	struct day_list *list = &r->vnstat->list;
	const char *name = r->options->location;
	enum dum_status status;
	bool new = false;

	if (name == NULL)
		name = r->interface;
	status = import_check_name(r->report, 0, 0, name, err);
	if (status == DUM_OK)
		status = day_list_name(&r->name, &new, list, name, strlen(name),
		                       err);
	if (status != DUM_OK)
		return status;
	if (!new)
		return import_refuse(r->report, 0, 0, err,
		                     "the interface '%s' is there twice",
		                     r->quoted);
	if (r->options->location == NULL)
		list->names[r->name]->display_name = copy_alias(interface);
	r->report->locations++;
	return DUM_OK;
}

static enum dum_status read_interface(struct reader *r, const json_t *interface,
                                      struct dum_error *err)
{
	const json_t *traffic = json_object_get(interface, "traffic");
	const json_t *days = json_object_get(traffic, "day");
	enum dum_status status = enter_name(r, interface, err);

	if (status == DUM_OK && !json_is_array(days))
		status = import_refuse(r->report, 0, 0, err,
		                       "interface '%s' has no days: make the "
		                       "dump with vnstat --json d",
		                       r->quoted);
	for (size_t i = 0; status == DUM_OK && i < json_array_size(days); i++)
		status = read_day(r, i, json_array_get(days, i), err);
	return status;
}

/* The interface under an index, if it is one to read; its name. */
static enum dum_status next_interface(const json_t **out, struct reader *r,
                                      const json_t *all, size_t i,
                                      struct dum_error *err)
{
	const json_t *interface = json_array_get(all, i);
	const char *name = json_string_value(
	    json_object_get(interface, "name"));
	const char *wanted = r->options->interface;

	*out = NULL;
	if (name == NULL)
		return import_refuse(r->report, 0, 0, err,
		                     "interface %zu has no name", i + 1);
	if (wanted != NULL && strcmp(name, wanted) != 0)
		return DUM_OK;
	r->interface = name;
	csv_quote(r->quoted, name, strlen(name));
	*out = interface;
	return DUM_OK;
}

static enum dum_status read_interfaces(struct reader *r, const json_t *all,
                                       struct dum_error *err)
{
	const char *wanted = r->options->interface;
	enum dum_status status = DUM_OK;
	const json_t *interface = NULL;
	char quoted[CSV_QUOTE_MAX];

	if (json_array_size(all) == 0 ||
	    json_array_size(all) > VNSTAT_INTERFACES_MAX)
		return import_refuse(r->report, 0, 0, err,
		                     "the dump has %zu interfaces: it may have "
		                     "1 to %d",
		                     json_array_size(all),
		                     VNSTAT_INTERFACES_MAX);
	if (r->options->location != NULL && wanted == NULL &&
	    json_array_size(all) > 1)
		return import_refuse(r->report, 0, 0, err,
		                     "the dump has %zu interfaces, which can "
		                     "not be one location: choose one with "
		                     "--interface",
		                     json_array_size(all));
	for (size_t i = 0; status == DUM_OK && i < json_array_size(all); i++) {
		status = next_interface(&interface, r, all, i, err);
		if (status == DUM_OK && interface != NULL)
			status = read_interface(r, interface, err);
	}
	if (status == DUM_OK && wanted != NULL && r->report->locations == 0)
		status = import_refuse(
		    r->report, 0, 0, err, "the dump has no interface '%s'",
		    csv_quote(quoted, wanted, strlen(wanted)));
	return status;
}

static enum dum_status check_version(struct reader *r, const json_t *root,
                                     struct dum_error *err)
{
	const char *version = json_string_value(
	    json_object_get(root, "jsonversion"));
	char quoted[CSV_QUOTE_MAX];

	if (version == NULL)
		return import_refuse(r->report, 0, 0, err,
		                     "this is not what vnstat --json prints: "
		                     "it has no jsonversion");
	if (strcmp(version, "2") != 0)
		return import_refuse(
		    r->report, 0, 0, err,
		    "jsonversion is '%s': only \"2\" is known, "
		    "which vnStat 2.0 and later print",
		    csv_quote(quoted, version, strlen(version)));
	return DUM_OK;
}

static enum dum_status parse(json_t **out, struct import_report *report,
                             const void *data, size_t len,
                             struct dum_error *err)
{
	struct dum_error shown = {0};
	json_error_t why;

	if (len > VNSTAT_BYTES_MAX)
		return import_refuse(report, 0, 0, err,
		                     "the dump is longer than %d bytes",
		                     VNSTAT_BYTES_MAX);
	*out = json_loadb(
	    data, len, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &why);
	if (*out != NULL)
		return DUM_OK;
	if (json_error_code(&why) == json_error_out_of_memory)
		return error_set(err, DUM_ENOMEM, "out of memory");
	error_set(&shown, DUM_EINVAL, "no valid JSON: %s", why.text);
	return import_refuse(report, why.line, why.column, err, "%s",
	                     shown.text);
}

/* For the list of imports. */
static enum dum_status note_options(struct reader *r, struct dum_error *err)
{
	struct json_writer w = {.out = &r->vnstat->options};

	jsonw_object_begin(&w);
	if (r->options->interface != NULL)
		jsonw_member_string(&w, "interface", r->options->interface);
	if (r->options->location != NULL)
		jsonw_member_string(&w, "location", r->options->location);
	import_options_members(&w, &r->vnstat->take);
	jsonw_object_end(&w);
	if (!strbuf_ok(&r->vnstat->options))
		return error_set(err, DUM_ENOMEM, "out of memory");
	return DUM_OK;
}

static enum dum_status read_dump(struct reader *r, const void *data, size_t len,
                                 struct dum_error *err)
{
	enum dum_status status;
	json_t *root = NULL;

	status = parse(&root, r->report, data, len, err);
	if (status == DUM_OK)
		status = check_version(r, root, err);
	if (status == DUM_OK)
		status = read_interfaces(r, json_object_get(root, "interfaces"),
		                         err);
	json_decref(root);
	if (status == DUM_OK)
		status = import_check(r->report, &r->vnstat->take, err);
	if (status == DUM_OK)
		status = day_list_settle(&r->vnstat->list, r->report, err);
	if (status == DUM_OK)
		status = import_check(r->report, &r->vnstat->take, err);
	if (status == DUM_OK)
		status = note_options(r, err);
	if (status == DUM_OK)
		status = hash_sha256_hex(r->vnstat->hash, data, len, err);
	return status;
}

enum dum_status vnstat_read(struct vnstat **out, struct import_report *report,
                            const void *data, size_t len,
                            const struct vnstat_options *options,
                            const struct import_options *take,
                            struct dum_error *err)
{
	struct reader r = {.report = report, .options = options};
	struct dum_error own = {0};
	enum dum_status status;

	if (err == NULL)
		err = &own;
	r.vnstat = calloc(1, sizeof(*r.vnstat));
	if (r.vnstat == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	strbuf_init(&r.vnstat->options);
	r.vnstat->take = *take;
	r.vnstat->list.empty = CSV_SKIP;
	status = read_dump(&r, data, len, err);
	if (status == DUM_OK) {
		*out = r.vnstat;
		return DUM_OK;
	}
	if (status == DUM_EINVAL)
		import_blame(report, 0, err);
	vnstat_free(r.vnstat);
	return status;
}

enum dum_status vnstat_apply(struct vnstat *vnstat,
                             struct import_report *report, struct db *db,
                             const struct origin *who, const char *file_name,
                             struct dum_error *err)
{
	struct import_job job = {.kind = "vnstat",
	                         .file_name = file_name,
	                         .file_hash = vnstat->hash,
	                         .options = vnstat->options.buf,
	                         .take = &vnstat->take,
	                         .records = (int64_t)vnstat->list.count,
	                         .fill = day_list_fill,
	                         .arg = &vnstat->list};

	return import_run(report, db, who, &job, err);
}

void vnstat_free(struct vnstat *vnstat)
{
	if (vnstat == NULL)
		return;
	day_list_release(&vnstat->list);
	strbuf_release(&vnstat->options);
	free(vnstat);
}
