#include "store/data_state.h"

#include "store/query.h"

/* Moves with each commit of another connection, and only then. */
static enum dum_status read_data_version(int64_t *out, struct db *db,
                                         struct dum_error *err)
{
	enum dum_status status;
	int64_t n = 0;
	struct query q;

	query_start(&q, db, SQL_DATA_VERSION, err);
	while (query_row(&q))
		n = query_int(&q, 0);
	status = query_end(&q);
	if (status == DUM_OK)
		*out = n;
	return status;
}

static enum dum_status read_state(struct data_state *out, struct db *db,
                                  struct dum_error *err)
{
	struct data_state state = {.timeline = -1, .generation = -1};
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_DATA_STATE, err);
	while (query_row(&q)) {
		state.timeline = query_int(&q, 0);
		state.generation = query_int(&q, 1);
	}
	status = query_end(&q);
	if (status == DUM_OK && (state.timeline < 1 || state.generation < 0))
		status = error_set(err, DUM_EDAMAGED,
		                   "system_info has no timeline or no "
		                   "data_generation");
	if (status == DUM_OK)
		*out = state;
	return status;
}

enum dum_status data_state_now(struct data_state *out, struct db *db,
                               struct dum_error *err)
{
	struct db_seen *seen = &db->seen;
	int64_t version = 0;
	enum dum_status status;

	status = read_data_version(&version, db, err);
	if (status == DUM_OK &&
	    (!seen->known || version != seen->data_version ||
	     db->commits != seen->commits)) {
		status = read_state(&seen->state, db, err);
		/* A commit in between is seen by the next call. */
		if (status == DUM_OK) {
			seen->known = true;
			seen->data_version = version;
			seen->commits = db->commits;
		}
	}
	if (status == DUM_OK)
		*out = seen->state;
	return status;
}
