#include "backup/extract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "store/location.h"
#include "store/query.h"
#include "store/system_info.h"
#include "store/usage_batch.h"

/* A location of the backup, and which one that is in the database. */
struct place {
	int64_t theirs, ours;
	char name[LOCATION_NAME_MAX]; /* ours */
};

struct extracting {
	struct extract_result *out;
	struct db *db, *backup;
	const struct extract_request *request;
	bool one_database;
	struct usage_batch *batch;
	struct place *places;
	size_t count, room;
	size_t last; /* found */
	extract_fn fn;
	void *arg;
};

static enum dum_status by_name(struct location *out, struct extracting *x,
                               const struct location *theirs,
                               struct dum_error *err)
{
	struct dum_error missing = {0};
	enum dum_status status;

	status = location_find(out, x->db, theirs->name, &missing);
	if (status == DUM_OK)
		return status;
	if (status != DUM_ENOTFOUND)
		return error_set(err, status, "%s", missing.text);
	x->out->locations_new++;
	return location_add_as(out, x->db, theirs->name, theirs->display_name,
	                       theirs->is_active, theirs->created_at, err);
}

static enum dum_status find_ours(struct location *out, struct extracting *x,
                                 int64_t id, struct dum_error *err)
{
	struct dum_error missing = {0};
	struct location theirs;
	enum dum_status status;

	if (x->one_database) {
		status = location_get(out, x->db, id, &missing);
		if (status != DUM_ENOTFOUND)
			return status == DUM_OK
			           ? status
			           : error_set(err, status, "%s", missing.text);
	}
	status = location_get(&theirs, x->backup, id, err);
	return status == DUM_OK ? by_name(out, x, &theirs, err) : status;
}

static enum dum_status find_place(struct extracting *x, int64_t id,
                                  struct dum_error *err)
{
	struct location ours = {.id = 0};
	enum dum_status status;

	/* Days come in the order of their locations: it mostly is the next. */
	for (size_t n = 0; n < x->count; n++) {
		size_t i = (x->last + 1 + n) % x->count;

		if (x->places[i].theirs == id) {
			x->last = i;
			return DUM_OK;
		}
	}
	if (x->count == x->room) {
		size_t room = x->room == 0 ? 64 : x->room * 2;
		struct place *grown = realloc(x->places, room * sizeof(*grown));

		if (grown == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
		x->places = grown;
		x->room = room;
	}
	status = find_ours(&ours, x, id, err);
	if (status != DUM_OK)
		return status;
	x->last = x->count++;
	x->places[x->last] = (struct place){.theirs = id, .ours = ours.id};
	memcpy(x->places[x->last].name, ours.name, sizeof(ours.name));
	return DUM_OK;
}

static enum dum_status put_day(struct extracting *x, struct query *q,
                               struct dum_error *err)
{
	const char *text = query_text(q, 0);
	struct extract_row row = {.date = text, .after = query_int(q, 2)};
	enum usage_change change = USAGE_SAME;
	enum dum_status status;
	struct date date;

	if (!date_parse(&date, text, strlen(text)))
		return error_set(err, DUM_EDAMAGED, "'%.20s' is no date", text);
	status = find_place(x, query_int(q, 1), err);
	if (status == DUM_OK)
		status = usage_batch_put(&change, x->batch, date,
		                         x->places[x->last].ours, row.after,
		                         USAGE_REPLACE, err);
	if (status != DUM_OK)
		return status;
	x->out->days++;
	x->out->new += change == USAGE_NEW;
	x->out->changed += change == USAGE_CHANGED;
	x->out->same += change == USAGE_SAME;
	if (change == USAGE_SAME)
		return DUM_OK;
	row.before = usage_batch_before(x->batch);
	row.location = x->places[x->last].name;
	return x->fn(x->arg, &row, err);
}

/* id 0: of all locations. */
static enum dum_status put_days(struct extracting *x, int64_t id,
                                struct dum_error *err)
{
	struct query q;

	query_start(&q, x->backup, SQL_EXTRACT_DAYS, err);
	query_bind_date(&q, ":from", x->request->from);
	query_bind_date(&q, ":until", x->request->until);
	query_bind_int(&q, ":location_id", id);
	while (query_row(&q))
		query_fail(&q, put_day(x, &q, err));
	return query_end(&q);
}

static enum dum_status put_all(struct extracting *x, struct dum_error *err)
{
	const struct extract_request *request = x->request;
	struct location location;
	enum dum_status status;

	if (request->nlocations == 0)
		return put_days(x, 0, err);
	status = DUM_OK;
	for (size_t i = 0; i < request->nlocations && status == DUM_OK; i++) {
		status = location_find(&location, x->backup,
		                       request->locations[i], err);
		if (status == DUM_OK)
			status = put_days(x, location.id, err);
	}
	return status;
}

static enum dum_status compare_ids(struct extracting *x, struct dum_error *err)
{
	struct strbuf a = STRBUF_INIT, b = STRBUF_INIT;
	enum dum_status status;

	status = system_info_get(&a, x->db, "database_id", err);
	if (status == DUM_OK)
		status = system_info_get(&b, x->backup, "database_id", err);
	x->one_database = status == DUM_OK && strcmp(a.buf, b.buf) == 0;
	strbuf_release(&a);
	strbuf_release(&b);
	return status;
}

enum dum_status extract_days(struct extract_result *out, struct db *db,
                             struct db *backup, const struct origin *who,
                             const struct extract_request *request,
                             extract_fn fn, void *arg, struct dum_error *err)
{
	struct extract_result result = {.days = 0};
	struct extracting x = {.out = &result,
	                       .db = db,
	                       .backup = backup,
	                       .request = request,
	                       .fn = fn,
	                       .arg = arg};
	enum dum_status status = db_begin_long(db, who, err);

	if (status == DUM_OK)
		status = compare_ids(&x, err);
	if (status == DUM_OK)
		status = usage_batch_open(&x.batch, db, 0, err);
	if (status == DUM_OK)
		status = put_all(&x, err);
	if (status == DUM_OK)
		status = usage_batch_finish(x.batch, err);
	if (status == DUM_OK && !request->dry_run)
		status = db_commit(db, err);
	usage_batch_free(x.batch);
	db_rollback(db);
	free(x.places);
	if (status == DUM_OK)
		*out = result;
	return status;
}
