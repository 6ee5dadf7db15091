/*
 * dum-backup prune: let go what nobody needs any more: backups, then entries of
 * the journal that are in segments, then segments that no backup needs.
 */
#include "backup/retention.h"
#include "backup/segment_prune.h"
#include "backup_commands.h"
#include "base/json_writer.h"
#include "base/plural.h"

struct telling {
	struct backup *backup;
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

static void tell_segment(void *arg, const char *name)
{
	struct telling *t = arg;

	if (!t->backup->json) {
		printf("%s journal/%s (no backup needs it)\n",
		       t->backup->dry_run ? "would remove" : "removed", name);
		return;
	}
	jsonw_object_begin(&t->w);
	jsonw_member_string(&t->w, "segment", name);
	jsonw_member_string(&t->w, "why", "no backup needs it");
	jsonw_object_end(&t->w);
}

static void tell_journal(struct telling *t, const struct journal_gone *gone)
{
	if (t->backup->json) {
		if (gone->entries == 0)
			return;
		jsonw_object_begin(&t->w);
		jsonw_member_int(&t->w, "journal_upto", gone->upto_id);
		jsonw_member_int(&t->w, "entries", gone->entries);
		jsonw_member_string(&t->w, "why",
		                    "older than JOURNAL_RETENTION_DAYS");
		jsonw_object_end(&t->w);
		return;
	}
	if (gone->entries > 0)
		printf("%s %lld %s of the journal, up to %lld (older than "
		       "JOURNAL_RETENTION_DAYS, and in segments)\n",
		       t->backup->dry_run ? "would remove" : "removed",
		       (long long)gone->entries,
		       plural(gone->entries, "entry", "entries"),
		       (long long)gone->upto_id);
	if (gone->held > 0)
		printf("old enough, and yet kept: %lld %s of the journal, not "
		       "in sealed segments\n",
		       (long long)gone->held,
		       plural(gone->held, "entry", "entries"));
}

static enum dum_status prune_journal(int *removed, struct telling *t,
                                     struct dum_error *err)
{
	struct backup *backup = t->backup;
	struct container_key key = {.kind = CONTAINER_KEY_FILE};
	struct segment_key seals = {.hmac = NULL};
	struct segment_access access = {.seals = &seals};
	struct journal_gone gone;
	enum dum_status status;
	bool has_key = false;

	if (backup->config.journal_retention_days == 0)
		return DUM_OK;
	status = backup_key(&key, &has_key, backup, false, err);
	access.container = has_key ? &key : NULL;
	if (status == DUM_OK)
		status = segment_key_read(&seals,
		                          backup->config.secret_key_file, err);
	if (status == DUM_OK)
		status = journal_let_go(&gone, &backup->config, &backup->who,
		                        &access,
		                        backup->config.journal_retention_days,
		                        backup->dry_run, err);
	if (status == DUM_OK) {
		tell_journal(t, &gone);
		*removed += gone.entries > 0;
	}
	segment_key_release(&seals);
	container_key_wipe(&key);
	return status;
}

static enum dum_status prune_all(int *removed, struct backup *backup,
                                 struct telling *t, struct dum_error *err)
{
	struct retention_policy policy = retention_policy(&backup->config);
	enum dum_status status;
	int segments = 0;

	status = backup_take_dir(backup, err);
	if (status == DUM_OK)
		status = retention_apply(removed, backup->dir, &policy,
		                         backup->dry_run, tell, t, err);
	/* Entries first: a segment stays as long as they are in both. */
	if (status == DUM_OK)
		status = prune_journal(removed, t, err);
	if (status == DUM_OK)
		status = segment_prune(&segments, &backup->config,
		                       backup->dry_run, tell_segment, t, err);
	*removed += segments;
	return status;
}

enum dum_status backup_cmd_prune(struct backup *backup, int *exit_out,
                                 struct dum_error *err)
{
	struct telling t = {.backup = backup, .text = STRBUF_INIT};
	enum dum_status status;
	int removed = 0;

	(void)exit_out;
	t.w = (struct json_writer){.out = &t.text};
	jsonw_array_begin(&t.w);
	status = prune_all(&removed, backup, &t, err);
	jsonw_array_end(&t.w);
	if (status == DUM_OK && backup->json)
		puts(t.text.buf);
	else if (status == DUM_OK && removed == 0)
		printf("nothing to remove\n");
	strbuf_release(&t.text);
	return status;
}
