/* dum-backup restore: bring a backup back. */
#include "backup/restore.h"

#include <stdlib.h>

#include "backup.h"
#include "base/json_writer.h"

static void print_json(const struct restore_result *r)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "file", r->manifest.name);
	jsonw_member_bool(&w, "whole", r->whole);
	jsonw_member_int(&w, "timeline", r->timeline);
	if (r->safety[0] != '\0')
		jsonw_member_string(&w, "safety_backup", r->safety);
	else
		jsonw_member_null(&w, "safety_backup");
	if (r->aside[0] != '\0')
		jsonw_member_string(&w, "kept_aside", r->aside);
	else
		jsonw_member_null(&w, "kept_aside");
	if (r->fresh[0] != '\0')
		jsonw_member_string(&w, "fresh_backup", r->fresh);
	else
		jsonw_member_null(&w, "fresh_backup");
	jsonw_key(&w, "tables");
	jsonw_object_begin(&w);
	for (size_t i = 0; i < r->table_count; i++) {
		jsonw_key(&w, r->tables[i].name);
		jsonw_object_begin(&w);
		jsonw_member_int(&w, "rows", r->tables[i].rows);
		jsonw_member_int(&w, "removed", r->tables[i].removed);
		jsonw_member_int(&w, "added", r->tables[i].added);
		jsonw_object_end(&w);
	}
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	puts(text.buf);
	strbuf_release(&text);
}

static void print_text(const struct restore_result *r)
{
	printf("restored %s%s\n", r->manifest.name,
	       r->whole ? ", the whole database" : "");
	for (size_t i = 0; i < r->table_count; i++) {
		const struct restore_table *t = &r->tables[i];

		printf("  %-18s %10lld rows", t->name, (long long)t->rows);
		if (!r->whole)
			printf("  (%lld taken out, %lld put in)",
			       (long long)t->removed, (long long)t->added);
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
	struct restore_request request = {.key = has_key ? key : NULL,
	                                  .whole = backup->whole,
	                                  .options = &options};
	enum dum_status status;
	char *folder = NULL;

	status = backup_word(&folder, &request.name, backup->argv[0], err);
	request.folder = folder;
	if (status == DUM_OK)
		status = backup_take_dir(backup, err);
	if (status == DUM_OK)
		status = backup_restore(r, &backup->config, backup->dir,
		                        &backup->who, &request, err);
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
	if (!backup->confirm)
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
		print_json(r);
	else if (status == DUM_OK)
		print_text(r);
	if (status == DUM_OK && r->fresh[0] == '\0') {
		fprintf(stderr,
		        "%s: the data is restored, but a fresh backup of it "
		        "could not be made:\n",
		        backup->who.source);
		*exit_out = tool_fail(backup->who.source, &r->fresh_error);
	}
	free(r);
	return status;
}
