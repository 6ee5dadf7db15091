/* dum-backup create: make one, and prove it. */
#include <string.h>

#include "backup/backup_json.h"
#include "backup/create.h"
#include "backup/installation.h"
#include "backup/retention.h"
#include "backup/segment_prune.h"
#include "backup_commands.h"
#include "base/plural.h"

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
	if (m->config.files > 0)
		printf("the configuration went along (%lld file%s)\n",
		       (long long)m->config.files, plural_s(m->config.files));
}

static void tell_missing(void *arg, const char *what,
                         const struct dum_error *why)
{
	const struct backup *backup = arg;

	fprintf(stderr, "%s: %s did not go along: %s\n", backup->who.source,
	        what, why->text);
}

/*
 * Before the database is read: what is noted in these files of its journal is
 * in the backup then. Keys are nowhere without a lock.
 */
static enum dum_status collect(struct strbuf *tar,
                               struct backup_options *options,
                               struct backup *backup, struct dum_error *err)
{
	struct installation installation;
	enum dum_status status;

	if (!backup->with_config)
		return DUM_OK;
	if (options->key == NULL)
		fprintf(stderr,
		        "%s: the backup is not encrypted, so the secret keys "
		        "do not go along: keep them elsewhere\n",
		        backup->who.source);
	status = installation_of(&installation, &backup->config,
	                         tool_config_path(backup->config_path),
	                         backup_cron_file(backup), err);
	if (status == DUM_OK)
		status = installation_collect(
		    tar, &options->config_files, &installation,
		    options->key != NULL, tell_missing, backup, err);
	options->config_tar = tar;
	return status;
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
	struct strbuf tar = STRBUF_INIT;
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
	status = collect(&tar, &options, backup, err);
	if (status == DUM_OK)
		status = backup_take_dir(backup, err);
	if (status == DUM_OK)
		status = backup_create(&m, &backup->config, backup->dir,
		                       &options, err);
	tool_progress_end(&progress);
	container_key_wipe(&key);
	explicit_bzero(tar.buf, tar.cap);
	strbuf_release(&tar);
	if (status != DUM_OK)
		return status;
	backup_make_room(backup);
	if (backup->json)
		print_json(&m);
	else
		print_text(&m);
	return DUM_OK;
}
