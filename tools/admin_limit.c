#include "admin_limit.h"

#include <stdlib.h>

#include "store/location.h"

enum dum_status admin_limit_read(struct admin_limit *out,
                                 const struct admin *admin,
                                 struct dum_error *err)
{
	const char *name;
	int count = 0;

	*out = (struct admin_limit){.limit = {.count = -1}};
	while (admin_options_value(&admin->options, OPTION_LOCATION, count))
		count++;
	if (count == 0)
		return DUM_OK;
	out->ids = calloc((size_t)count, sizeof(out->ids[0]));
	if (out->ids == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	for (int i = 0; i < count; i++) {
		struct location location;
		enum dum_status status;

		name = admin_options_value(&admin->options, OPTION_LOCATION, i);
		status = location_find(&location, admin->db, name, err);
		if (status != DUM_OK)
			return status;
		out->ids[i] = location.id;
	}
	out->limit = (struct location_limit){.count = count, .ids = out->ids};
	return DUM_OK;
}

struct names {
	struct strbuf *out;
	struct db *db;
};

static enum dum_status add_name(void *arg, int64_t location_id,
                                struct dum_error *err)
{
	struct names *names = arg;
	struct location location;
	enum dum_status status;

	status = location_get(&location, names->db, location_id, err);
	if (status == DUM_OK)
		strbuf_addf(names->out, "%s%s", names->out->len > 0 ? "," : "",
		            location.name);
	return status;
}

enum dum_status admin_limit_names(struct strbuf *out, struct db *db,
                                  const char *grantee, struct dum_error *err)
{
	struct names names = {.out = out, .db = db};

	return grant_each(db, grantee, add_name, &names, err);
}
