#include "exchange/table_request.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "store/usage.h"

void table_request_init(struct table_request *request)
{
	*request = (struct table_request){
	    .kind = TABLE_FIND,
	    .csv = {.date_format = -1, .empty = CSV_ZERO, .unit = UNIT_GB}};
}

/* Written by their numbers: who writes and who reads are one release. */
void table_request_write(struct strbuf *out,
                         const struct table_request *request)
{
	const struct import_options *take = &request->take;
	const struct csv_options *csv = &request->csv;
	struct json_writer w = {.out = out};

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "file_name", request->file_name);
	jsonw_member_int(&w, "kind", request->kind);
	jsonw_member_int(&w, "date_format", csv->date_format);
	jsonw_member_int(&w, "year", csv->year);
	jsonw_member_int(&w, "decimal", csv->decimal);
	jsonw_member_int(&w, "empty", csv->empty);
	jsonw_member_int(&w, "unit", csv->unit);
	jsonw_member_int(&w, "max_bytes", take->max_bytes);
	jsonw_member_bool(&w, "allow_future", take->allow_future);
	jsonw_member_bool(&w, "skip_rejected", take->skip_rejected);
	jsonw_member_bool(&w, "dry_run", take->dry_run);
	jsonw_object_end(&w);
}

static enum dum_status unreadable(struct dum_error *err)
{
	return error_set(err, DUM_EDAMAGED,
	                 "what the job is to do can not be read");
}

static bool fits(json_int_t n, json_int_t least, json_int_t most)
{
	return n >= least && n <= most;
}

enum dum_status table_request_read(struct table_request *out, const char *text,
                                   struct dum_error *err)
{
	struct table_request request = {.kind = TABLE_FIND};
	json_int_t kind, date_format, year, decimal, empty, unit, max_bytes;
	int allow_future, skip_rejected, dry_run, rc;
	const char *file_name;
	json_t *root;

	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	rc = json_unpack(root,
	                 "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b, "
	                 "s:b !}",
	                 "file_name", &file_name, "kind", &kind, "date_format",
	                 &date_format, "year", &year, "decimal", &decimal,
	                 "empty", &empty, "unit", &unit, "max_bytes",
	                 &max_bytes, "allow_future", &allow_future,
	                 "skip_rejected", &skip_rejected, "dry_run", &dry_run);
	if (rc != 0 || !fits(kind, TABLE_FIND, TABLE_JSON) ||
	    !fits(date_format, -1, DAY_FORMAT__MAX - 1) ||
	    !fits(year, 0, DATE_YEAR_MAX) ||
	    !fits(decimal, 0, CSV_DECIMAL_COMMA) ||
	    !fits(empty, CSV_ZERO, CSV_OVERWRITE) || !fits(unit, 0, UNIT_GIB) ||
	    !fits(max_bytes, 0, USAGE_BYTES_MAX) ||
	    strlen(file_name) >= sizeof(request.file_name)) {
		json_decref(root);
		return unreadable(err);
	}
	snprintf(request.file_name, sizeof(request.file_name), "%s", file_name);
	request.kind = (enum table_kind)kind;
	request.csv = (struct csv_options){.date_format = (int)date_format,
	                                   .year = (int)year,
	                                   .decimal = (enum csv_decimal)decimal,
	                                   .empty = (enum csv_empty)empty,
	                                   .unit = (enum byte_unit)unit};
	request.take = (struct import_options){.max_bytes = max_bytes,
	                                       .allow_future = allow_future,
	                                       .skip_rejected = skip_rejected,
	                                       .dry_run = dry_run};
	json_decref(root);
	*out = request;
	return DUM_OK;
}

void undo_request_write(struct strbuf *out, int64_t import_id)
{
	struct json_writer w = {.out = out};

	jsonw_object_begin(&w);
	jsonw_member_int(&w, "import_id", import_id);
	jsonw_object_end(&w);
}

enum dum_status undo_request_read(int64_t *id_out, const char *text,
                                  struct dum_error *err)
{
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	json_int_t id = 0;
	int rc = json_unpack(root, "{s:I !}", "import_id", &id);

	json_decref(root);
	if (rc != 0 || id < 1)
		return unreadable(err);
	*id_out = id;
	return DUM_OK;
}
