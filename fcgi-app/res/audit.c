/*
 * /api/audit: the journal, newest entries first. What a change was from and to
 * stands in it as JSON, and is given as it stands; but an entry that holds
 * thousands of days is told by their number, or fifty of them would be
 * megabytes that nobody reads.
 */
#include "res/resources.h"

#include <string.h>

#include "param.h"
#include "res/parts.h"
#include "store/day_rows.h"
#include "store/journal_list.h"

enum { LIMIT = 50, TOLD_WHOLE_MAX = 16 * 1024 };

enum {
	KIND,
	ACTOR,
	OP,
	TABLE,
	START_DATE,
	END_DATE,
	BEFORE,
	LIMIT_PARAM,
	AUDIT_PARAMS
};

/* In the order of enum journal_kind, without its first. */
static const char *const kinds[] = {"change", "event", NULL};

const struct param audit_params[] = {
    [KIND] = {.name = "kind", .type = PARAM_CHOICE, .choices = kinds},
    [ACTOR] = {.name = "actor", .type = PARAM_TEXT, .max = 128},
    [OP] = {.name = "op", .type = PARAM_TEXT, .max = 64},
    [TABLE] = {.name = "table", .type = PARAM_TEXT, .max = 64},
    [START_DATE] = {.name = "start_date", .type = PARAM_DATE},
    [END_DATE] = {.name = "end_date", .type = PARAM_DATE},
    [BEFORE] = {.name = "before",
                .type = PARAM_INT,
                .min = 1,
                .max = PARAM_ID_MAX},
    [LIMIT_PARAM] = {.name = "limit",
                     .type = PARAM_INT,
                     .min = 1,
                     .max = JOURNAL_LIMIT_MAX,
                     .initial = LIMIT},
    [AUDIT_PARAMS] = {.name = NULL},
};

/* NULL where it is not given. */
static const char *text_of(const struct param_value *value)
{
	return value->given ? value->text : NULL;
}

static enum dum_status make_filter(struct journal_filter *out,
                                   const struct param_value *values,
                                   struct dum_error *err)
{
	struct journal_filter filter = {
	    .actor = text_of(&values[ACTOR]),
	    .op = text_of(&values[OP]),
	    .table = text_of(&values[TABLE]),
	    .before = values[BEFORE].number,
	    .limit = (int)values[LIMIT_PARAM].number};
	enum dum_status status;

	status = param_date_range(&filter.from, &filter.until,
	                          &values[START_DATE], &values[END_DATE], err);
	if (status != DUM_OK)
		return status;
	if (values[KIND].given)
		filter.kind = (enum journal_kind)(JOURNAL_CHANGES +
		                                  values[KIND].number);
	*out = filter;
	return DUM_OK;
}

struct list {
	struct json_writer w;
	struct response *res;
};

static void write_text(struct json_writer *w, const char *name,
                       const char *text)
{
	parts_write_text(w, name, text != NULL ? text : "");
}

static void write_json(struct json_writer *w, const char *name,
                       const char *json)
{
	size_t len = json != NULL ? strlen(json) : 0;
	int64_t days, records;

	jsonw_key(w, name);
	if (json == NULL) {
		jsonw_null(w);
	} else if (len > TOLD_WHOLE_MAX &&
	           day_rows_count(&days, &records, json)) {
		jsonw_object_begin(w);
		jsonw_member_int(w, "day_count", days);
		jsonw_member_int(w, "record_count", records);
		jsonw_object_end(w);
	} else {
		jsonw_raw(w, json, len);
	}
}

static enum dum_status add_entry(void *arg, const struct journal_row *row,
                                 struct dum_error *err)
{
	struct list *list = arg;
	struct json_writer *w = &list->w;

	jsonw_object_begin(w);
	jsonw_member_int(w, "id", row->id);
	jsonw_member_string(w, "at", row->at);
	jsonw_member_string(w, "actor", row->actor);
	write_text(w, "address", row->address);
	jsonw_member_string(w, "source", row->source);
	write_text(w, "request_id", row->request_id);
	jsonw_member_string(w, "kind", row->is_event ? "event" : "change");
	jsonw_member_string(w, "op", row->op);
	write_text(w, "table", row->table);
	write_text(w, "pk", row->pk);
	write_json(w, "before", row->before);
	write_json(w, "after", row->after);
	jsonw_object_end(w);
	return response_flush_row(list->res, err);
}

enum dum_status audit_get(struct app *app, struct request *req,
                          struct response *res, struct dum_error *err)
{
	struct list list = {.w = {.out = &res->body}, .res = res};
	const struct param_value *values = req->params;
	struct journal_filter filter;
	enum dum_status status;
	int64_t next = 0;

	status = make_filter(&filter, values, err);
	if (status != DUM_OK)
		return status;
	jsonw_object_begin(&list.w);
	jsonw_key(&list.w, "data");
	jsonw_array_begin(&list.w);
	status = journal_list(&next, app->db, &filter, add_entry, &list, err);
	jsonw_array_end(&list.w);
	jsonw_key(&list.w, "next");
	if (next == 0)
		jsonw_null(&list.w);
	else
		jsonw_int(&list.w, next);
	jsonw_object_end(&list.w);
	return status;
}
