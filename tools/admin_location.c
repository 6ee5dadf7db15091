/* dum-admin location: the metered lines. */
#include "admin_list.h"
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

static enum dum_status list_one(void *arg, const struct location *location,
                                struct dum_error *err)
{
	struct admin_list *list = arg;

	(void)err;
	if (list->admin->json)
		add_json(&list->w, location);
	else
		print_one(list->admin, location);
	return DUM_OK;
}

static enum dum_status list_all(struct admin_list *list, struct dum_error *err)
{
	return location_each(list->admin->db,
	                     admin_value(list->admin, OPTION_ALL) != NULL,
	                     list_one, list, err);
}

enum dum_status admin_location_list(struct admin *admin, int *exit_out,
                                    struct dum_error *err)
{
	(void)exit_out;
	return admin_list_print(admin, list_all, err);
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
