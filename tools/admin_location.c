/* dum-admin location: the metered lines. */
#include "admin_command.h"
#include "base/json_writer.h"
#include "store/location.h"

static void add_json(struct json_writer *w, const struct location *location)
{
	jsonw_object_begin(w);
	jsonw_member_int(w, "id", location->id);
	jsonw_member_string(w, "name", location->name);
	jsonw_member_string(w, "display_name", location->display_name);
	jsonw_member_bool(w, "is_active", location->is_active);
	jsonw_object_end(w);
}

static void print_one(const struct admin *admin,
                      const struct location *location)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};

	if (admin->json) {
		add_json(&w, location);
		puts(text.buf);
	} else {
		printf("%lld\t%s\t%s\t%s\n", (long long)location->id,
		       location->is_active ? "active" : "inactive",
		       location->name, location->display_name);
	}
	strbuf_release(&text);
}

struct list {
	const struct admin *admin;
	struct json_writer w;
};

static enum dum_status list_one(void *arg, const struct location *location,
                                struct dum_error *err)
{
	struct list *list = arg;

	(void)err;
	if (list->admin->json)
		add_json(&list->w, location);
	else
		print_one(list->admin, location);
	return DUM_OK;
}

enum dum_status admin_location_list(struct admin *admin, int *exit_out,
                                    struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	struct list list = {.admin = admin, .w = {.out = &text}};
	enum dum_status status;

	(void)exit_out;
	status = db_open(&admin->db, &admin->config, err);
	if (status != DUM_OK)
		return status;
	jsonw_array_begin(&list.w);
	status = location_each(admin->db,
	                       admin_value(admin, OPTION_ALL) != NULL, list_one,
	                       &list, err);
	jsonw_array_end(&list.w);
	if (status == DUM_OK && admin->json)
		puts(text.buf);
	strbuf_release(&text);
	return status;
}

enum dum_status admin_location_add(struct admin *admin, int *exit_out,
                                   struct dum_error *err)
{
	struct location location;
	enum dum_status status;

	(void)exit_out;
	status = db_open(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = db_begin(admin->db, &admin->who, err);
	if (status == DUM_OK)
		status = location_add(&location, admin->db, admin->argv[0],
		                      admin_value(admin, OPTION_DISPLAY_NAME),
		                      err);
	if (status == DUM_OK)
		status = db_commit(admin->db, err);
	if (status == DUM_OK)
		print_one(admin, &location);
	return status;
}

static enum dum_status update(struct admin *admin,
                              const struct location_change *change,
                              struct dum_error *err)
{
	struct location location;
	enum dum_status status;

	status = db_open(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = db_begin(admin->db, &admin->who, err);
	if (status == DUM_OK)
		status = location_find(&location, admin->db, admin->argv[0],
		                       err);
	if (status == DUM_OK)
		status = location_update(&location, admin->db, location.id,
		                         change, err);
	if (status == DUM_OK)
		status = db_commit(admin->db, err);
	if (status == DUM_OK)
		print_one(admin, &location);
	return status;
}

enum dum_status admin_location_rename(struct admin *admin, int *exit_out,
                                      struct dum_error *err)
{
	struct location_change change = {
	    .name = admin->argc == 2 ? admin->argv[1] : NULL,
	    .display_name = admin_value(admin, OPTION_DISPLAY_NAME),
	    .is_active = -1};

	(void)exit_out;
	if (change.name == NULL && change.display_name == NULL)
		return error_set(err, DUM_EINVAL,
		                 "rename to what? Give a new name, or "
		                 "--display-name TEXT");
	return update(admin, &change, err);
}

enum dum_status admin_location_activate(struct admin *admin, int *exit_out,
                                        struct dum_error *err)
{
	(void)exit_out;
	return update(admin, &(struct location_change){.is_active = 1}, err);
}

enum dum_status admin_location_deactivate(struct admin *admin, int *exit_out,
                                          struct dum_error *err)
{
	(void)exit_out;
	return update(admin, &(struct location_change){.is_active = 0}, err);
}
