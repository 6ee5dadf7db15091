/* dum-admin doctor: what is open, broken or about to be. */
#include <stdlib.h>

#include "admin_command.h"
#include "base/json_writer.h"
#include "base/plural.h"
#include "ops/doctor.h"

struct report {
	const struct admin *admin;
	struct json_writer w;
	int count[FINDING_PROBLEM + 1];
};

static void show(void *arg, const struct finding *f)
{
	struct report *report = arg;

	report->count[f->level]++;
	if (report->admin->json) {
		jsonw_object_begin(&report->w);
		jsonw_member_string(&report->w, "check", f->check);
		jsonw_member_string(&report->w, "level",
		                    finding_level_name(f->level));
		jsonw_member_string(&report->w, "text", f->text);
		if (f->level == FINDING_OK)
			jsonw_member_null(&report->w, "advice");
		else
			jsonw_member_string(&report->w, "advice", f->advice);
		jsonw_object_end(&report->w);
		return;
	}
	printf("%-8s %-18s %s\n", finding_level_name(f->level), f->check,
	       f->text);
	if (f->level != FINDING_OK)
		printf("%-8s %-18s -> %s\n", "", "", f->advice);
}

enum dum_status admin_doctor(struct admin *admin, int *exit_out,
                             struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	struct report report = {.admin = admin, .w = {.out = &text}};
	const struct finder to = {.fn = show, .arg = &report};

	(void)err;
	jsonw_array_begin(&report.w);
	doctor(&admin->config, tool_config_path(admin->options.config_path),
	       &to);
	jsonw_array_end(&report.w);
	if (admin->json)
		printf("{\"problems\":%d,\"warnings\":%d,\"findings\":%s}\n",
		       report.count[FINDING_PROBLEM],
		       report.count[FINDING_WARNING], text.buf);
	else
		printf("%d problem%s, %d warning%s\n",
		       report.count[FINDING_PROBLEM],
		       plural_s(report.count[FINDING_PROBLEM]),
		       report.count[FINDING_WARNING],
		       plural_s(report.count[FINDING_WARNING]));
	strbuf_release(&text);
	*exit_out = report.count[FINDING_PROBLEM] == 0 ? TOOL_DONE
	                                               : TOOL_PROBLEM;
	return DUM_OK;
}
