/* dum-admin audit: is the journal as it was written? */
#include "admin_command.h"
#include "base/json_writer.h"
#include "store/journal.h"

static void step(void *arg, int64_t done, int64_t all)
{
	tool_progress_step(arg, done, all);
}

static void print_json(const struct journal_verdict *verdict)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};

	jsonw_object_begin(&w);
	jsonw_member_bool(&w, "sound", verdict->broken_id == 0);
	jsonw_member_int(&w, "entries", verdict->entries);
	if (verdict->broken_id != 0) {
		jsonw_member_int(&w, "broken_id", verdict->broken_id);
		jsonw_member_string(&w, "why", verdict->why);
	} else {
		jsonw_member_null(&w, "broken_id");
		jsonw_member_null(&w, "why");
	}
	jsonw_object_end(&w);
	puts(text.buf);
	strbuf_release(&text);
}

enum dum_status admin_audit_verify(struct admin *admin, int *exit_out,
                                   struct dum_error *err)
{
	struct journal_verdict verdict;
	struct tool_progress progress;
	enum dum_status status;

	status = db_open(&admin->db, &admin->config, err);
	if (status != DUM_OK)
		return status;
	tool_progress_start(&progress, "checking the journal");
	status = journal_verify(&verdict, admin->db, step, &progress, err);
	tool_progress_end(&progress);
	if (status != DUM_OK)
		return status;
	if (admin->json)
		print_json(&verdict);
	else if (verdict.broken_id == 0)
		printf("the journal is sound: %lld entries\n",
		       (long long)verdict.entries);
	else
		printf("entry %lld is broken: %s\n",
		       (long long)verdict.broken_id, verdict.why);
	*exit_out = verdict.broken_id == 0 ? TOOL_DONE : TOOL_PROBLEM;
	return DUM_OK;
}
