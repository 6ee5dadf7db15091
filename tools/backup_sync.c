/* dum-backup sync: bring the copies in another place up to date. */
#include <string.h>

#include "backup/offsite.h"
#include "backup_commands.h"
#include "base/json_writer.h"
#include "base/plural.h"
#include "config/config_target.h"

struct telling {
	struct backup *backup;
	struct tool_progress progress;
	struct strbuf text;
	struct json_writer w;
};

/* Manifests go along with what they describe, without a word. */
static bool is_worth_a_line(const struct offsite_step *step)
{
	return step->backup[0] == '\0' || strcmp(step->name, step->backup) == 0;
}

static void tell(void *arg, const struct offsite_step *step)
{
	const bool copied = step->action == OFFSITE_COPY;
	struct telling *t = arg;
	char size[BACKUP_SIZE_TEXT];

	backup_size_text(size, step->bytes);
	if (t->backup->json) {
		jsonw_object_begin(&t->w);
		jsonw_member_string(&t->w, "file", step->name);
		jsonw_member_string(&t->w, "action",
		                    copied ? "copy" : "remove");
		jsonw_member_int(&t->w, "bytes", step->bytes);
		if (copied)
			jsonw_member_null(&t->w, "why");
		else
			jsonw_member_string(&t->w, "why", step->why);
		jsonw_object_end(&t->w);
		return;
	}
	if (!is_worth_a_line(step))
		return;
	tool_progress_end(&t->progress);
	if (copied)
		printf("%s %s (%s)\n",
		       t->backup->dry_run ? "would copy" : "copied", step->name,
		       size);
	else
		printf("%s %s (%s)\n",
		       t->backup->dry_run ? "would remove" : "removed",
		       step->name, step->why);
}

static void tell_problem(void *arg, const struct dum_error *problem)
{
	struct telling *t = arg;

	tool_progress_end(&t->progress);
	tool_fail(t->backup->who.source, problem);
}

static void show_progress(void *arg, int64_t done, int64_t all)
{
	struct telling *t = arg;

	tool_progress_step(&t->progress, done, all);
}

static enum dum_status print_json(const struct telling *t,
                                  const struct offsite_result *r,
                                  struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};
	enum dum_status status = DUM_OK;

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "target", t->backup->config.sync_target);
	jsonw_member_bool(&w, "dry_run", t->backup->dry_run);
	jsonw_member_int(&w, "copied", r->copied);
	jsonw_member_int(&w, "copied_bytes", r->copied_bytes);
	jsonw_member_int(&w, "removed", r->removed);
	jsonw_member_int(&w, "backups", r->backups);
	jsonw_member_int(&w, "verified", r->verified);
	jsonw_member_int(&w, "problems", r->problems);
	jsonw_key(&w, "files");
	jsonw_raw(&w, t->text.buf, t->text.len);
	jsonw_object_end(&w);
	if (strbuf_ok(&text) && strbuf_ok(&t->text))
		puts(text.buf);
	else
		status = error_set(err, DUM_ENOMEM, "out of memory");
	strbuf_release(&text);
	return status;
}

static void print_text(const struct telling *t, const struct offsite_result *r)
{
	char size[BACKUP_SIZE_TEXT];

	backup_size_text(size, r->copied_bytes);
	printf("%s: %lld backup%s%s; %lld file%s copied (%s), %lld removed",
	       t->backup->config.sync_target, (long long)r->backups,
	       plural_s(r->backups),
	       t->backup->dry_run ? " there would be" : "",
	       (long long)r->copied, plural_s(r->copied), size,
	       (long long)r->removed);
	if (t->backup->verify_remote)
		printf("; %lld read back, %lld not right",
		       (long long)r->verified, (long long)r->problems);
	printf("\n");
}

static enum dum_status prepare(const struct backup *backup,
                               struct dum_error *err)
{
	const char *target = backup->config.sync_target;
	enum dum_status status;
	bool same_disk = false;

	if (target[0] == '\0')
		return error_set(err, DUM_EINVAL,
		                 "SYNC_TARGET is not set: it says where the "
		                 "copies go");
	if (!config_target_is_folder(target)) {
		printf("%s is an rclone remote, and needs no preparation\n",
		       target);
		return DUM_OK;
	}
	status = remote_prepare(&same_disk, &backup->config, err);
	if (status != DUM_OK)
		return status;
	printf("%s is ready for copies\n", target);
	if (same_disk)
		fprintf(stderr,
		        "%s: it is on the disk of the backups: what takes one "
		        "takes both\n",
		        backup->who.source);
	return DUM_OK;
}

enum dum_status backup_cmd_sync(struct backup *backup, int *exit_out,
                                struct dum_error *err)
{
	struct telling t = {.backup = backup, .text = STRBUF_INIT};
	const struct offsite_options options = {.who = "dum-backup sync",
	                                        .dry_run = backup->dry_run,
	                                        .verify = backup->verify_remote,
	                                        .tell = tell,
	                                        .problem = tell_problem,
	                                        .progress = show_progress,
	                                        .arg = &t};
	struct offsite_result result;
	enum dum_status status;

	if (backup->prepare)
		return prepare(backup, err);
	t.w = (struct json_writer){.out = &t.text};
	jsonw_array_begin(&t.w);
	tool_progress_start(&t.progress, "copying");
	status = offsite_sync(&result, &backup->config, &options, err);
	tool_progress_end(&t.progress);
	jsonw_array_end(&t.w);
	if (status == DUM_OK && backup->json)
		status = print_json(&t, &result, err);
	else if (status == DUM_OK)
		print_text(&t, &result);
	if (status == DUM_OK && result.problems > 0)
		*exit_out = tool_exit_status(result.problem);
	strbuf_release(&t.text);
	return status;
}
