/* dum-backup create: make one, and prove it. */
#include "backup.h"
#include "backup/backup_json.h"
#include "backup/create.h"
#include "backup/retention.h"
#include "backup/segment_prune.h"

/* The backup is made, whatever becomes of the old ones. */
void backup_make_room(struct backup *backup)
{
	struct retention_policy policy = retention_policy(&backup->config);
	struct dum_error err = {0};
	int removed = 0;

	if (retention_apply(&removed, backup->dir, &policy, false, NULL, NULL,
	                    &err) != DUM_OK)
		fprintf(stderr, "%s: old backups were kept: %s\n",
		        backup->who.source, err.text);
	else if (segment_prune(&removed, &backup->config, false, NULL, NULL,
	                       &err) != DUM_OK)
		fprintf(stderr,
		        "%s: old segments of the journal were kept: %s\n",
		        backup->who.source, err.text);
}

static void print_json(const struct manifest *m)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};

	backup_json_made(&w, m);
	puts(text.buf);
	strbuf_release(&text);
}

static void print_text(const struct manifest *m)
{
	char size[BACKUP_SIZE_TEXT], whole[BACKUP_SIZE_TEXT];

	backup_size_text(size, m->stored_bytes);
	backup_size_text(whole, m->facts.page_size * m->facts.page_count);
	printf("%s\n%s of %s%s, made in %lld.%lld s; verified: %s\n", m->name,
	       size, whole, m->encrypted ? ", encrypted" : "",
	       (long long)m->duration_ms / 1000,
	       (long long)m->duration_ms % 1000 / 100,
	       verify_level_text(m->verification.level));
}

enum dum_status backup_cmd_create(struct backup *backup, int *exit_out,
                                  struct dum_error *err)
{
	struct backup_options options = {
	    .label = backup->label,
	    .packed = backup->config.backup_compression,
	    .level = backup->level >= 0 ? backup->level : 1,
	    .pace = {.bytes_per_s = backup->throttle_mb_s * 1000000,
	             .progress = backup_show_progress}};
	struct tool_progress progress;
	struct container_key key;
	struct manifest m;
	enum dum_status status;
	bool has_key = false;

	(void)exit_out;
	status = backup_key(&key, &has_key, backup, true, err);
	if (status != DUM_OK)
		return status;
	options.key = has_key ? &key : NULL;
	tool_progress_start(&progress, "backing up");
	options.pace.arg = &progress;
	status = backup_take_dir(backup, err);
	if (status == DUM_OK)
		status = backup_create(&m, &backup->config, backup->dir,
		                       &options, err);
	tool_progress_end(&progress);
	container_key_wipe(&key);
	if (status != DUM_OK)
		return status;
	backup_make_room(backup);
	if (backup->json)
		print_json(&m);
	else
		print_text(&m);
	return DUM_OK;
}
