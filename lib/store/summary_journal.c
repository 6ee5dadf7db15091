#include "store/summary_journal.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "store/journal.h"
#include "store/query.h"

static void write_json(struct strbuf *out, const struct summary *s)
{
	struct json_writer w = {.out = out};
	char start[DATE_TEXT_MAX], end[DATE_TEXT_MAX];

	date_format(start, s->start);
	date_format(end, s->end);
	jsonw_object_begin(&w);
	jsonw_member_int(&w, "id", s->id);
	jsonw_member_string(&w, "period_start", start);
	jsonw_member_string(&w, "period_end", end);
	jsonw_member_int(&w, "location_id", s->location_id);
	jsonw_member_int(&w, "total_usage_bytes", s->bytes);
	jsonw_member_bool(&w, "manual_entry", s->manual);
	jsonw_member_string(&w, "created_at", s->created_at);
	jsonw_member_string(&w, "updated_at", s->updated_at);
	jsonw_object_end(&w);
}

enum dum_status summary_journal(struct db *db, const char *op,
                                const struct summary *before,
                                const struct summary *after,
                                struct dum_error *err)
{
	struct strbuf old = STRBUF_INIT, new = STRBUF_INIT;
	struct journal_change change = {.op = op, .table = "monthly_summaries"};
	enum dum_status status;
	int64_t id = 0;
	char pk[24];

	if (before != NULL) {
		id = before->id;
		write_json(&old, before);
		change.before = old.buf;
	}
	if (after != NULL) {
		id = after->id;
		write_json(&new, after);
		change.after = new.buf;
	}
	snprintf(pk, sizeof(pk), "%lld", (long long)id);
	change.pk = pk;
	if (!strbuf_ok(&old) || !strbuf_ok(&new))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = journal_append(db, &change, err);
	strbuf_release(&old);
	strbuf_release(&new);
	return status;
}

static bool read_date(struct date *out, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL && date_parse(out, text, strlen(text));
}

static void copy_time(char out[static CLOCK_TEXT_MAX], const json_t *object,
                      const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	snprintf(out, CLOCK_TEXT_MAX, "%s", text != NULL ? text : "");
}

static enum dum_status read_json(struct summary *out, const char *text,
                                 struct dum_error *err)
{
	json_t *o = json_loads(text, 0, NULL);
	struct summary s = {0};
	bool good;

	s.id = json_integer_value(json_object_get(o, "id"));
	s.location_id = json_integer_value(json_object_get(o, "location_id"));
	s.bytes = json_integer_value(json_object_get(o, "total_usage_bytes"));
	s.manual = json_is_true(json_object_get(o, "manual_entry"));
	good = s.id > 0 && s.location_id > 0 &&
	       read_date(&s.start, o, "period_start") &&
	       read_date(&s.end, o, "period_end");
	copy_time(s.created_at, o, "created_at");
	copy_time(s.updated_at, o, "updated_at");
	json_decref(o);
	if (!good)
		return error_set(err, DUM_EDAMAGED,
		                 "an entry of the journal does not have the "
		                 "form that this program knows");
	*out = s;
	return DUM_OK;
}

static enum dum_status restore(struct db *db, const struct summary *now,
                               const struct summary *before,
                               struct dum_error *err)
{
	enum dum_status status;
	struct query q;

	if (before == NULL) {
		query_start(&q, db, SQL_SUMMARY_DELETE, err);
	} else {
		query_start(&q, db, SQL_SUMMARY_SET, err);
		query_bind_date(&q, ":end", before->end);
		query_bind_int(&q, ":bytes", before->bytes);
		query_bind_int(&q, ":manual", before->manual);
		query_bind_text(&q, ":updated_at", before->updated_at);
	}
	query_bind_int(&q, ":id", now->id);
	status = query_run(&q);
	if (status == DUM_OK)
		status = summary_journal(db, "undo", now, before, err);
	return status;
}

static bool same(const struct summary *a, const struct summary *b)
{
	return a->id == b->id && date_cmp(a->end, b->end) == 0 &&
	       a->bytes == b->bytes && a->manual == b->manual &&
	       strcmp(a->updated_at, b->updated_at) == 0;
}

enum dum_status summary_undo(bool *touched_out, struct summary *out,
                             struct db *db, const char *before,
                             const char *after, struct dum_error *err)
{
	struct summary was = {0}, left = {0}, now = {0};
	enum dum_status status;
	bool found = false;

	status = read_json(&left, after, err);
	if (status == DUM_OK && before != NULL)
		status = read_json(&was, before, err);
	if (status == DUM_OK)
		status = summary_find(&now, &found, db, left.start,
		                      left.location_id, err);
	if (status != DUM_OK)
		return status;
	*out = left;
	*touched_out = !found || !same(&now, &left);
	if (*touched_out)
		return DUM_OK;
	return restore(db, &now, before != NULL ? &was : NULL, err);
}
