/*
 * dum-admin checkpoint, compact: what the database's file needs now and then.
 */
#include "admin_command.h"
#include "base/json_writer.h"
#include "store/checkpoint.h"
#include "store/compact.h"

enum dum_status admin_checkpoint(struct admin *admin, int *exit_out,
                                 struct dum_error *err)
{
	enum dum_status status;

	(void)exit_out;
	status = db_open(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = db_checkpoint(admin->db, err);
	return status;
}

static void tell(const struct admin *admin, const struct db_compacted *result)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};

	if (!admin->json) {
		printf(result->done
		           ? "%lld bytes, %lld before\n"
		           : "%lld bytes; there is too little to gain\n",
		       (long long)result->bytes_after,
		       (long long)result->bytes_before);
		return;
	}
	jsonw_object_begin(&w);
	jsonw_member_bool(&w, "compacted", result->done);
	jsonw_member_int(&w, "bytes_before", result->bytes_before);
	jsonw_member_int(&w, "bytes_after", result->bytes_after);
	jsonw_object_end(&w);
	puts(text.buf);
	strbuf_release(&text);
}

enum dum_status admin_compact(struct admin *admin, int *exit_out,
                              struct dum_error *err)
{
	bool force = admin_value(admin, OPTION_FORCE) != NULL;
	struct db_compacted result;
	enum dum_status status;

	(void)exit_out;
	status = db_open(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = db_compact(&result, admin->db, &admin->who, force,
		                    err);
	if (status == DUM_OK)
		tell(admin, &result);
	return status;
}
