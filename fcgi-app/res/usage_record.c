/* /api/data/daily-usage: one record of a day, new or at its own address. */
#include "res/resources.h"

#include <stdio.h>

#include "change.h"
#include "precondition.h"
#include "res/usage_parts.h"
#include "store/location.h"

/* A record with all that is shown of it. */
struct record {
	struct usage usage;
	struct location location;
	char tag[ANSWER_TAG_MAX];
};

/* All but the record itself, which is there. */
static enum dum_status complete(struct record *record, const struct app *app,
                                struct dum_error *err)
{
	enum dum_status status;

	status = location_get(&record->location, app->db,
	                      record->usage.location_id, err);
	if (status != DUM_OK)
		return status;
	return precondition_usage_tag(record->tag, app, &record->usage,
	                              &record->location, err);
}

static enum dum_status read_record(struct record *out, const struct app *app,
                                   int64_t id, struct dum_error *err)
{
	enum dum_status status = usage_get(&out->usage, app->db, id, err);

	return status == DUM_OK ? complete(out, app, err) : status;
}

static void write_record(struct response *res, const struct record *record)
{
	struct json_writer w = {.out = &res->body};
	const struct usage *usage = &record->usage;
	char date[DATE_TEXT_MAX];

	date_format(date, usage->date);
	usage_write_row(&w, &(struct usage_row){
	                        .id = usage->id,
	                        .date = date,
	                        .location_id = usage->location_id,
	                        .bytes = usage->bytes,
	                        .updated_at = usage->updated_at,
	                        .location_name = record->location.name,
	                        .display_name = record->location.display_name});
	response_tag(res, record->tag);
}

/* The most that MAX_DAILY_GB can be, and what it is. */
#define AMOUNT_MEMBER                                                     \
	{                                                                 \
		.name = "usage_gb", .type = MEMBER_GB, .required = true,  \
		.max = USAGE_BYTES_MAX / BYTES_PER_GB, .is_of_day = true, \
	}

const struct member usage_members[] = {
    [USAGE_DATE] = {.name = "date", .type = MEMBER_DATE, .required = true},
    [USAGE_LOCATION] = {.name = "location_id",
                        .type = MEMBER_ID,
                        .required = true},
    [USAGE_AMOUNT] = AMOUNT_MEMBER,
    [USAGE_MEMBERS] = {.name = NULL},
};

const struct member usage_record_members[] = {AMOUNT_MEMBER, {.name = NULL}};

enum dum_status usage_check_day(const struct app *app, struct date day,
                                struct dum_error *err)
{
	if (date_cmp(day, date_add(app_today(app), 1)) > 0)
		return error_field(err, DUM_EINVAL, "date",
		                   "date is later than tomorrow");
	return DUM_OK;
}

static void answer_new(struct response *res, const struct record *record)
{
	char place[64];

	res->status = 201;
	snprintf(place, sizeof(place), "/api/data/daily-usage/%lld",
	         (long long)record->usage.id);
	response_header(res, "Location", place);
}

/* Is the day as the client thinks it is? DUM_OK and false: 412 is said. */
static enum dum_status check_match(bool *holds, const struct app *app,
                                   const struct request *req,
                                   struct response *res, struct dum_error *err)
{
	const struct member_value *values = req->members;
	enum dum_status status = DUM_OK;
	struct record record;
	bool found = false;

	if (*req->headers.if_match != '\0')
		status = usage_find(&record.usage, &found, app->db,
		                    values[USAGE_DATE].date,
		                    values[USAGE_LOCATION].number, err);
	if (status == DUM_OK && found)
		status = complete(&record, app, err);
	if (status == DUM_OK)
		*holds = precondition_holds(req, res,
		                            found ? record.tag : NULL);
	return status;
}

enum dum_status usage_post(struct app *app, struct request *req,
                           struct response *res, struct dum_error *err)
{
	const struct member_value *values = req->members;
	enum usage_change change = USAGE_SAME;
	enum dum_status status;
	struct record record;
	bool holds = false;

	if (req->is_array)
		return usage_post_many(app, req, res, err);
	status = usage_check_day(app, values[USAGE_DATE].date, err);
	if (status != DUM_OK || !change_begin(app, req, res, &status, err))
		return status;
	status = check_match(&holds, app, req, res, err);
	if (status == DUM_OK && !holds) {
		db_rollback(app->db);
		return DUM_OK;
	}
	if (status != DUM_OK)
		return status;
	status = usage_put(
	    &record.usage, &change, app->db, values[USAGE_DATE].date,
	    values[USAGE_LOCATION].number, values[USAGE_AMOUNT].number, err);
	if (status == DUM_OK)
		status = complete(&record, app, err);
	if (status != DUM_OK)
		return status;
	write_record(res, &record);
	if (change == USAGE_NEW)
		answer_new(res, &record);
	return change_commit(app, req, res, err);
}

enum dum_status usage_record_get(struct app *app, struct request *req,
                                 struct response *res, struct dum_error *err)
{
	enum dum_status status;
	struct record record;

	status = read_record(&record, app, req->path_id, err);
	if (status != DUM_OK)
		return status;
	write_record(res, &record);
	precondition_answer(req, res);
	return DUM_OK;
}

enum dum_status usage_record_put(struct app *app, struct request *req,
                                 struct response *res, struct dum_error *err)
{
	int64_t bytes = req->members[0].number;
	enum dum_status status;
	struct record record;

	if (!change_begin(app, req, res, &status, err))
		return status;
	status = read_record(&record, app, req->path_id, err);
	if (status == DUM_OK && !precondition_holds(req, res, record.tag)) {
		db_rollback(app->db);
		return DUM_OK;
	}
	if (status == DUM_OK)
		status = usage_set(&record.usage, app->db, req->path_id, bytes,
		                   err);
	if (status == DUM_OK)
		status = complete(&record, app, err);
	if (status != DUM_OK)
		return status;
	write_record(res, &record);
	return change_commit(app, req, res, err);
}

enum dum_status usage_record_delete(struct app *app, struct request *req,
                                    struct response *res, struct dum_error *err)
{
	enum dum_status status;
	struct record record;

	if (!change_begin(app, req, res, &status, err))
		return status;
	status = read_record(&record, app, req->path_id, err);
	if (status == DUM_OK && !precondition_holds(req, res, record.tag)) {
		db_rollback(app->db);
		return DUM_OK;
	}
	if (status == DUM_OK)
		status = usage_delete(app->db, req->path_id, err);
	res->status = 204;
	return status == DUM_OK ? change_commit(app, req, res, err) : status;
}
