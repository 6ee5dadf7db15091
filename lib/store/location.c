#include "store/location.h"

#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/utf8.h"
#include "store/counter.h"
#include "store/journal.h"
#include "store/query.h"

static void read_row(struct location *out, struct query *q)
{
	out->id = query_int(q, 0);
	snprintf(out->name, sizeof(out->name), "%s", query_text(q, 1));
	snprintf(out->display_name, sizeof(out->display_name), "%s",
	         query_text(q, 2));
	out->is_active = query_int(q, 3) != 0;
	snprintf(out->created_at, sizeof(out->created_at), "%s",
	         query_text(q, 4));
}

enum dum_status location_each(struct db *db, bool include_inactive,
                              location_fn fn, void *arg, struct dum_error *err)
{
	struct location location;
	struct query q;

	query_start(&q, db, SQL_LOCATION_LIST, err);
	query_bind_int(&q, ":include_inactive", include_inactive);
	while (query_row(&q)) {
		read_row(&location, &q);
		query_fail(&q, fn(arg, &location, err));
	}
	return query_end(&q);
}

/* The row of a query that gives at most one. */
static enum dum_status read_one(struct location *out, struct query *q,
                                bool *found)
{
	struct location location = {0};
	enum dum_status status;

	*found = false;
	while (query_row(q)) {
		read_row(&location, q);
		*found = true;
	}
	status = query_end(q);
	if (status == DUM_OK && *found)
		*out = location;
	return status;
}

enum dum_status location_get(struct location *out, struct db *db, int64_t id,
                             struct dum_error *err)
{
	enum dum_status status;
	struct query q;
	bool found;

	query_start(&q, db, SQL_LOCATION_GET, err);
	query_bind_int(&q, ":id", id);
	status = read_one(out, &q, &found);
	if (status == DUM_OK && !found)
		status = error_field(err, DUM_ENOTFOUND, "location_id",
		                     "there is no location %lld",
		                     (long long)id);
	return status;
}

enum dum_status location_find(struct location *out, struct db *db,
                              const char *name, struct dum_error *err)
{
	enum dum_status status;
	bool found = false;
	struct query q;

	query_start(&q, db, SQL_LOCATION_FIND, err);
	query_bind_text(&q, ":name", name);
	status = read_one(out, &q, &found);
	if (status == DUM_OK && !found)
		status = error_field(err, DUM_ENOTFOUND, "name",
		                     "there is no location '%.100s'", name);
	return status;
}

enum dum_status location_count(int64_t *out, struct db *db,
                               struct dum_error *err)
{
	enum dum_status status;
	struct query q;
	int64_t n = 0;

	query_start(&q, db, SQL_LOCATION_COUNT, err);
	while (query_row(&q))
		n = query_int(&q, 0);
	status = query_end(&q);
	if (status == DUM_OK)
		*out = n;
	return status;
}

static enum dum_status check_text(const char *field, const char *text,
                                  size_t chars_max, struct dum_error *err)
{
	size_t len = strlen(text);

	if (len == 0)
		return error_field(err, DUM_EINVAL, field,
		                   "%s must not be empty", field);
	if (!utf8_printable(text, len))
		return error_field(err, DUM_EINVAL, field,
		                   "%s must be one line of printable UTF-8 "
		                   "text",
		                   field);
	if (utf8_count(text, len) > chars_max)
		return error_field(err, DUM_EINVAL, field,
		                   "%s is longer than %zu characters", field,
		                   chars_max);
	if (text[0] == ' ' || text[len - 1] == ' ')
		return error_field(err, DUM_EINVAL, field,
		                   "%s must not start or end with a blank",
		                   field);
	return DUM_OK;
}

static void write_json(struct strbuf *out, const struct location *location)
{
	struct json_writer w = {.out = out};

	jsonw_object_begin(&w);
	jsonw_member_int(&w, "id", location->id);
	jsonw_member_string(&w, "name", location->name);
	jsonw_member_string(&w, "display_name", location->display_name);
	jsonw_member_bool(&w, "is_active", location->is_active);
	jsonw_member_string(&w, "created_at", location->created_at);
	jsonw_object_end(&w);
}

/* before NULL: the location is new. */
static enum dum_status enter_journal(struct db *db,
                                     const struct location *before,
                                     const struct location *after,
                                     struct dum_error *err)
{
	struct strbuf old = STRBUF_INIT, new = STRBUF_INIT;
	enum dum_status status;
	char pk[24];

	snprintf(pk, sizeof(pk), "%lld", (long long)after->id);
	if (before != NULL)
		write_json(&old, before);
	write_json(&new, after);
	if (!strbuf_ok(&old) || !strbuf_ok(&new))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = journal_append(
		    db,
		    &(struct journal_change){
		        .op = before != NULL ? "update" : "insert",
		        .table = "locations",
		        .pk = pk,
		        .before = before != NULL ? old.buf : NULL,
		        .after = new.buf},
		    err);
	strbuf_release(&old);
	strbuf_release(&new);
	return status;
}

static enum dum_status check_free(struct db *db, const char *name,
                                  struct dum_error *err)
{
	enum dum_status status;
	bool taken = false;
	struct query q;

	query_start(&q, db, SQL_LOCATION_NAME_TAKEN, err);
	query_bind_text(&q, ":name", name);
	while (query_row(&q))
		taken = true;
	status = query_end(&q);
	if (status == DUM_OK && taken)
		status = error_field(err, DUM_ECONFLICT, "name",
		                     "the name '%.100s' is taken", name);
	return status;
}

enum dum_status location_add(struct location *out, struct db *db,
                             const char *name, const char *display_name,
                             struct dum_error *err)
{
	char readable[LOCATION_DISPLAY_MAX];
	struct location added = {.is_active = true};
	enum dum_status status;
	struct query q;

	status = check_text("name", name, LOCATION_NAME_CHARS, err);
	if (status != DUM_OK)
		return status;
	if (display_name == NULL) {
		location_readable(readable, name);
		display_name = readable;
	}
	status = check_text("display_name", display_name,
	                    LOCATION_DISPLAY_CHARS, err);
	if (status == DUM_OK)
		status = check_free(db, name, err);
	if (status != DUM_OK)
		return status;
	query_start(&q, db, SQL_LOCATION_INSERT, err);
	query_bind_text(&q, ":name", name);
	query_bind_text(&q, ":display_name", display_name);
	query_bind_text(&q, ":at", db_change_at(db));
	status = query_insert(&added.id, &q);
	snprintf(added.name, sizeof(added.name), "%s", name);
	snprintf(added.display_name, sizeof(added.display_name), "%s",
	         display_name);
	snprintf(added.created_at, sizeof(added.created_at), "%s",
	         db_change_at(db));
	if (status == DUM_OK)
		status = counter_add_locations(db, 1, err);
	if (status == DUM_OK)
		status = enter_journal(db, NULL, &added, err);
	if (status == DUM_OK)
		*out = added;
	return status;
}

static enum dum_status check_change(struct db *db,
                                    const struct location *before,
                                    const struct location_change *change,
                                    struct dum_error *err)
{
	enum dum_status status = DUM_OK;

	if (change->name != NULL && strcmp(change->name, before->name) != 0) {
		status = check_text("name", change->name, LOCATION_NAME_CHARS,
		                    err);
		if (status == DUM_OK)
			status = check_free(db, change->name, err);
	}
	if (status == DUM_OK && change->display_name != NULL)
		status = check_text("display_name", change->display_name,
		                    LOCATION_DISPLAY_CHARS, err);
	return status;
}

static bool same(const struct location *a, const struct location *b)
{
	return strcmp(a->name, b->name) == 0 &&
	       strcmp(a->display_name, b->display_name) == 0 &&
	       a->is_active == b->is_active;
}

static enum dum_status store_change(struct db *db,
                                    const struct location *before,
                                    const struct location *after,
                                    struct dum_error *err)
{
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_LOCATION_UPDATE, err);
	query_bind_int(&q, ":id", after->id);
	query_bind_text(&q, ":name", after->name);
	query_bind_text(&q, ":display_name", after->display_name);
	query_bind_int(&q, ":is_active", after->is_active);
	status = query_run(&q);
	if (status == DUM_OK)
		status = counter_add_locations(
		    db, after->is_active - before->is_active, err);
	if (status == DUM_OK)
		status = enter_journal(db, before, after, err);
	return status;
}

enum dum_status location_update(struct location *out, struct db *db, int64_t id,
                                const struct location_change *change,
                                struct dum_error *err)
{
	struct location before = {0}, after;
	enum dum_status status;

	status = location_get(&before, db, id, err);
	if (status == DUM_OK)
		status = check_change(db, &before, change, err);
	if (status != DUM_OK)
		return status;
	after = before;
	if (change->name != NULL)
		snprintf(after.name, sizeof(after.name), "%s", change->name);
	if (change->display_name != NULL)
		snprintf(after.display_name, sizeof(after.display_name), "%s",
		         change->display_name);
	if (change->is_active >= 0)
		after.is_active = change->is_active != 0;
	if (!same(&before, &after))
		status = store_change(db, &before, &after, err);
	if (status == DUM_OK)
		*out = after;
	return status;
}
