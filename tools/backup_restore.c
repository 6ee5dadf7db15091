/* dum-backup restore: bring a backup back, or the data as it was once. */
#include "backup/restore.h"

#include <stdlib.h>

#include "backup/backup_json.h"
#include "backup_commands.h"
#include "base/instant.h"
#include "base/plural.h"

static void print_json(const struct backup *backup,
                       const struct restore_result *r)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};

	backup_json_restored(&w, r, backup->at, backup->to);
	puts(text.buf);
	strbuf_release(&text);
}

static void print_instant(const struct restore_result *r)
{
	printf("and %lld %s of the journal after it, up to entry %lld%s%s\n",
	       (long long)r->replayed, plural(r->replayed, "entry", "entries"),
	       (long long)r->last_id, r->last_at[0] != '\0' ? " of " : "",
	       r->last_at);
	if (r->checked > 0)
		printf("held against %d other backup%s on the way: the same\n",
		       r->checked, plural_s(r->checked));
	if (r->open_end && r->not_shipped[0] != '\0')
		printf(
		    "the journal that is known ends there; the database could "
		    "not give its end: %s\n",
		    r->not_shipped);
}

static void print_text(const struct backup *backup,
                       const struct restore_result *r)
{
	printf("restored %s%s%s%s\n", r->manifest.name,
	       r->whole ? ", the whole database" : "",
	       backup->to != NULL ? " to " : "",
	       backup->to != NULL ? backup->to : "");
	if (backup->at != NULL)
		print_instant(r);
	for (size_t i = 0; i < r->table_count; i++) {
		const struct restore_table *t = &r->tables[i];

		printf("  %-18s %10lld %s", t->name, (long long)t->rows,
		       plural(t->rows, "row", "rows"));
		if (!r->whole && backup->to == NULL)
			printf("%s  (%lld taken out, %lld put in)",
			       plural(t->rows, " ", ""), (long long)t->removed,
			       (long long)t->added);
		printf("\n");
	}
	if (r->schema_from != r->schema_to)
		printf("its schema was version %d and is %d now\n",
		       r->schema_from, r->schema_to);
	if (r->safety[0] != '\0')
		printf("what was there before: %s\n", r->safety);
	if (r->aside[0] != '\0')
		printf("the damaged file was copied to %s\n", r->aside);
	if (r->fresh[0] != '\0')
		printf("backed up again: %s\n", r->fresh);
	if (r->codes_dropped > 0)
		printf("no longer valid, since used or replaced, or nobody "
		       "knows: %lld recovery code%s of second factors; make "
		       "new ones\n",
		       (long long)r->codes_dropped, plural_s(r->codes_dropped));
	if (r->whole)
		printf("all sessions were ended; restart the service if it "
		       "was running\n");
}

static enum dum_status restore(struct restore_result *r, struct backup *backup,
                               const struct container_key *key, bool has_key,
                               struct dum_error *err)
{
	struct backup_options options = {
	    .packed = backup->config.backup_compression,
	    .key = has_key ? key : NULL,
	    .level = 1};
	struct tool_progress progress;
	struct restore_request request = {.key = has_key ? key : NULL,
	                                  .whole = backup->whole,
	                                  .options = &options,
	                                  .progress = backup_show_progress,
	                                  .progress_arg = &progress};
	enum dum_status status;
	char *folder = NULL;

	request.to = backup->to;
	if (backup->at != NULL)
		status = instant_read(&request.at, backup->at, err);
	else
		status = backup_word(&folder, &request.name, backup->argv[0],
		                     err);
	request.folder = folder;
	if (status == DUM_OK)
		status = backup_take_dir(backup, err);
	if (status == DUM_OK && backup->to != NULL)
		backup_note_export(
		    backup, backup->at != NULL ? backup->at : request.name,
		    backup->to);
	tool_progress_start(&progress, "restoring");
	if (status == DUM_OK)
		status = backup_restore(r, &backup->config, backup->dir,
		                        &backup->who, &request, err);
	tool_progress_end(&progress);
	free(folder);
	return status;
}

enum dum_status backup_cmd_restore(struct backup *backup, int *exit_out,
                                   struct dum_error *err)
{
	struct restore_result *r = calloc(1, sizeof(*r));
	struct container_key key = {.kind = CONTAINER_KEY_FILE};
	enum dum_status status;
	bool has_key = false;

	if (r == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	if ((backup->argc == 1) == (backup->at != NULL))
		status = error_set(err, DUM_EINVAL,
		                   "name what to restore: FILE, or --at "
		                   "INSTANT such as '2026-11-02 14:00'");
	else if (!backup->confirm && backup->to == NULL)
		status = error_set(err, DUM_EINVAL,
		                   "a restore replaces the data of %s; say "
		                   "--confirm to do it",
		                   backup->config.database_path);
	else
		status = backup_key(&key, &has_key, backup, false, err);
	if (status == DUM_OK)
		status = restore(r, backup, &key, has_key, err);
	container_key_wipe(&key);
	if (status == DUM_OK && backup->json)
		print_json(backup, r);
	else if (status == DUM_OK)
		print_text(backup, r);
	if (status == DUM_OK && backup->to == NULL && r->fresh[0] == '\0') {
		fprintf(stderr,
		        "%s: the data is restored, but a fresh backup of it "
		        "could not be made:\n",
		        backup->who.source);
		*exit_out = tool_fail(backup->who.source, &r->fresh_error);
	}
	free(r);
	return status;
}
