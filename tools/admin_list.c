#include "admin_list.h"

enum dum_status admin_list_print(struct admin *admin, admin_list_fn fn,
                                 struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	struct admin_list list = {.admin = admin, .w = {.out = &text}};
	enum dum_status status;

	status = db_open(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = db_read_begin(admin->db, 0, err);
	if (status != DUM_OK)
		return status;
	jsonw_array_begin(&list.w);
	status = fn(&list, err);
	jsonw_array_end(&list.w);
	db_read_end(admin->db);
	if (status == DUM_OK && admin->json)
		puts(text.buf);
	strbuf_release(&text);
	return status;
}
