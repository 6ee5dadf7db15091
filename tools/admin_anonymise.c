/* dum-admin anonymise: a copy that can be given away. */
#include "admin_command.h"
#include "base/json_writer.h"
#include "base/plural.h"
#include "store/anonymise.h"

enum dum_status admin_anonymise(struct admin *admin, int *exit_out,
                                struct dum_error *err)
{
	const char *path = admin_value(admin, OPTION_OUT);
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};
	struct anonymise_counts counts;
	enum dum_status status;

	(void)exit_out;
	if (path[0] == '\0')
		return error_set(err, DUM_EINVAL, "--out: the name is empty");
	status = db_open(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = tool_enter_event(
		    admin->db, ADMIN_PROGRAM,
		    &(struct journal_event){
		        .name = "export",
		        .object = path,
		        .detail = "{\"format\":\"anonymised\"}"},
		    err);
	if (status == DUM_OK)
		status = anonymise(&counts, admin->db, path, err);
	if (status != DUM_OK)
		return status;
	jsonw_object_begin(&w);
	jsonw_member_string(&w, "file", path);
	jsonw_member_int(&w, "locations", counts.locations);
	jsonw_member_int(&w, "records", counts.records);
	jsonw_object_end(&w);
	if (admin->json)
		puts(text.buf);
	else
		printf("%s: %lld record%s of %lld location%s, without names\n",
		       path, (long long)counts.records,
		       plural_s(counts.records), (long long)counts.locations,
		       plural_s(counts.locations));
	strbuf_release(&text);
	return DUM_OK;
}
