/* The location that an import made goes, unless it is in use. */
#include <jansson.h>

#include "store/counter.h"
#include "store/import_undo_parts.h"
#include "store/journal.h"
#include "store/query.h"

/* Delete the location, unless something refers to it. */
static enum dum_status delete_location(bool *done, struct import_undo *u,
                                       int64_t id, const json_t *left,
                                       struct dum_error *err)
{
	struct dum_error refused = {0};
	enum dum_status status;
	struct query q;

	query_start(&q, u->db, SQL_IMPORT_UNDO_LOCATION_RECORDS, &refused);
	query_bind_int(&q, ":id", id);
	status = query_run(&q);
	if (status == DUM_OK) {
		query_start(&q, u->db, SQL_IMPORT_UNDO_LOCATION, &refused);
		query_bind_int(&q, ":id", id);
		query_bind_text(
		    &q, ":name",
		    json_string_value(json_object_get(left, "name")));
		query_bind_text(
		    &q, ":display_name",
		    json_string_value(json_object_get(left, "display_name")));
		query_bind_int(
		    &q, ":is_active",
		    json_is_true(json_object_get(left, "is_active")));
		status = query_run(&q);
		*done = sqlite3_changes(u->db->sqlite) > 0;
	}
	if (status == DUM_OK || status == DUM_ECONFLICT)
		return DUM_OK;
	return error_set(err, status, "%s", refused.text);
}

/*
 * What refers to a location is known to the foreign keys of all tables; so it
 * is tried, and what was tried is taken back where they object.
 */
static enum dum_status try_location(bool *done, struct import_undo *u,
                                    int64_t id, const json_t *left,
                                    struct dum_error *err)
{
	enum dum_status status;

	*done = false;
	status = db_exec(u->db, "SAVEPOINT undo_location", err);
	if (status == DUM_OK)
		status = delete_location(done, u, id, left, err);
	if (status == DUM_OK && !*done)
		status = db_exec(u->db, "ROLLBACK TO undo_location", err);
	if (status == DUM_OK)
		status = db_exec(u->db, "RELEASE undo_location", err);
	return status;
}

enum dum_status import_undo_location(struct import_undo *u,
                                     const struct import_undo_entry *e,
                                     struct dum_error *err)
{
	json_t *left = json_loads(e->after != NULL ? e->after : "", 0, NULL);
	int64_t id = json_integer_value(json_object_get(left, "id"));
	bool done = false, active;
	enum dum_status status;

	/* Its records go off the counter first: none may be left. */
	status = record_counts_store(&u->gone, u->db, err);
	if (status == DUM_OK)
		status = try_location(&done, u, id, left, err);
	active = json_is_true(json_object_get(left, "is_active"));
	json_decref(left);
	if (status != DUM_OK)
		return status;
	if (!done) {
		u->out->locations_left++;
		return DUM_OK;
	}
	u->out->locations_removed++;
	status = counter_add_locations(u->db, active ? -1 : 0, err);
	if (status == DUM_OK)
		status = journal_append(
		    u->db,
		    &(struct journal_change){.op = "undo",
		                             .table = "locations",
		                             .pk = e->pk,
		                             .before = e->after},
		    err);
	return status;
}
