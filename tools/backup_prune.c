/* dum-backup prune: let the backups go that nobody needs any more. */
#include "backup.h"
#include "backup/retention.h"
#include "base/json_writer.h"

struct telling {
	const struct backup *backup;
	struct strbuf text;
	struct json_writer w;
};

static void tell(void *arg, const struct catalog_entry *entry, const char *why)
{
	struct telling *t = arg;

	if (!t->backup->json) {
		printf("%s %s (%s)\n",
		       t->backup->dry_run ? "would remove" : "removed",
		       entry->name, why);
		return;
	}
	jsonw_object_begin(&t->w);
	jsonw_member_string(&t->w, "file", entry->name);
	jsonw_member_string(&t->w, "why", why);
	jsonw_object_end(&t->w);
}

enum dum_status backup_cmd_prune(struct backup *backup, int *exit_out,
                                 struct dum_error *err)
{
	struct retention_policy policy = retention_policy(&backup->config);
	struct telling t = {.backup = backup, .text = STRBUF_INIT};
	enum dum_status status;
	int removed = 0;

	(void)exit_out;
	t.w = (struct json_writer){.out = &t.text};
	jsonw_array_begin(&t.w);
	status = backup_take_dir(backup, err);
	if (status == DUM_OK)
		status = retention_apply(&removed, backup->dir, &policy,
		                         backup->dry_run, tell, &t, err);
	jsonw_array_end(&t.w);
	if (status == DUM_OK && backup->json)
		puts(t.text.buf);
	else if (status == DUM_OK && removed == 0)
		printf("nothing to remove\n");
	strbuf_release(&t.text);
	return status;
}
