/* GET /api/imports, and POST /api/imports/{id}/undo. */
#include "res/resources.h"

#include <stdlib.h>

#include "change.h"
#include "exchange/table_request.h"
#include "problem.h"
#include "res/import_parts.h"
#include "res/job_parts.h"
#include "store/import_row.h"
#include "store/import_undo.h"

enum { LIMIT, BEFORE, LIST_PARAMS };
enum { LIST_LIMIT = 50, LIST_LIMIT_MAX = 500, CELLS_TOLD = 10 };

const struct param import_list_params[] = {
    [LIMIT] = {.name = "limit",
               .type = PARAM_INT,
               .min = 1,
               .max = LIST_LIMIT_MAX,
               .initial = LIST_LIMIT},
    [BEFORE] = {.name = "before",
                .type = PARAM_INT,
                .min = 1,
                .max = PARAM_ID_MAX},
    [LIST_PARAMS] = {.name = NULL},
};

/* An import touches all locations of a file, and names the file. */
static enum dum_status check_sees_all(const struct app *app,
                                      struct dum_error *err)
{
	if (db_sees_all(app->db))
		return DUM_OK;
	return error_set(err, DUM_EAUTH,
	                 "the imports are for those who see all locations");
}

struct list {
	struct json_writer w;
	int64_t count, last;
};

static enum dum_status add_row(void *arg, const struct import_row *row,
                               struct dum_error *err)
{
	struct list *list = arg;

	(void)err;
	import_row_json(&list->w, row);
	list->count++;
	list->last = row->id;
	return DUM_OK;
}

enum dum_status imports_get(struct app *app, struct request *req,
                            struct response *res, struct dum_error *err)
{
	struct list list = {.w = {.out = &res->body}};
	int64_t limit = req->params[LIMIT].number;
	enum dum_status status = check_sees_all(app, err);

	if (status != DUM_OK)
		return status;
	jsonw_object_begin(&list.w);
	jsonw_key(&list.w, "data");
	jsonw_array_begin(&list.w);
	status = import_each(app->db, req->params[BEFORE].number, limit,
	                     add_row, &list, err);
	jsonw_array_end(&list.w);
	if (list.count == limit && list.last > 1)
		jsonw_member_int(&list.w, "next", list.last);
	else
		jsonw_member_null(&list.w, "next");
	jsonw_object_end(&list.w);
	return status;
}

/* What stands in the way: the first of it. */
static void refuse(struct request *req, struct response *res,
                   const struct import_undone *undone,
                   const struct dum_error *err)
{
	struct strbuf members = STRBUF_INIT;
	struct json_writer w = {.out = &members};

	jsonw_key(&w, "errors");
	jsonw_array_begin(&w);
	for (int i = 0; i < undone->touched && i < CELLS_TOLD; i++) {
		const struct import_touched *t = &undone->first[i];

		jsonw_object_begin(&w);
		jsonw_member_string(&w, "pointer", "");
		jsonw_member_string(&w, "detail",
		                    t->summary ? "this monthly summary was "
		                                 "changed since"
		                               : "this day was changed since");
		jsonw_member_string(&w, "date", t->date);
		jsonw_member_string(&w, "location", t->location);
		jsonw_member_bool(&w, "summary", t->summary);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_member_int(&w, "touched_total", undone->touched);
	problem_write(res, req,
	              &(struct problem){.status = 409,
	                                .detail = err->text,
	                                .members = &members});
	strbuf_release(&members);
}

static enum dum_status undo_now(struct app *app, struct request *req,
                                struct response *res,
                                struct import_undone *undone,
                                struct dum_error *err)
{
	struct json_writer w = {.out = &res->body};
	enum dum_status status;

	if (!change_begin(app, req, res, &status, err))
		return status;
	status = import_undo(undone, app->db, req->path_id, err);
	if (status == DUM_ECONFLICT && undone->touched > 0) {
		db_rollback(app->db);
		refuse(req, res, undone, err);
		return DUM_OK;
	}
	if (status != DUM_OK)
		return status;
	import_undone_json(&w, req->path_id, undone);
	return change_commit(app, req, res, err);
}

static enum dum_status undo_as_job(struct app *app, struct request *req,
                                   struct response *res, struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	enum dum_status status;

	undo_request_write(&text, req->path_id);
	if (!strbuf_ok(&text))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = job_answer(app, req, res,
		                    &(struct job_wish){.kind = JOB_KIND_UNDO,
		                                       .request = text.buf,
		                                       .program = "dum-import",
		                                       .input = -1},
		                    err);
	strbuf_release(&text);
	return status;
}

/* How many records it changed; 0 where there is nothing to take back. */
static enum dum_status measure(void *arg, const struct import_row *row,
                               struct dum_error *err)
{
	int64_t *records = arg;

	(void)err;
	if (row->undone_at == NULL)
		*records = row->record.counts.new + row->record.counts.changed;
	return DUM_OK;
}

enum dum_status imports_undo(struct app *app, struct request *req,
                             struct response *res, struct dum_error *err)
{
	struct import_undone *undone;
	enum dum_status status;
	int64_t records = 0;

	status = check_sees_all(app, err);
	if (status == DUM_OK)
		status = import_get(app->db, req->path_id, measure, &records,
		                    err);
	if (status != DUM_OK)
		return status;
	if (records > IMPORT_IN_WORKER)
		return undo_as_job(app, req, res, err);
	undone = calloc(1, sizeof(*undone));
	if (undone == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = undo_now(app, req, res, undone, err);
	free(undone);
	return status;
}
