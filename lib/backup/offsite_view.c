/*
 * What is there is known by the manifests that are there. Those that this
 * folder "offsite" has no copy of are fetched, once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/companion.h"
#include "backup/offsite_parts.h"

void offsite_view_release(struct offsite_view *v)
{
	free(v->journal);
	catalog_release(&v->here);
	segment_list_release(&v->segments_here);
	remote_list_release(&v->there);
	free(v->copies);
	catalog_release(&v->all);
	free(v->verdicts);
	*v = (struct offsite_view){.folder = NULL};
}

const struct offsite_copy *offsite_copy_find(const struct offsite_view *v,
                                             const char *name)
{
	for (size_t i = 0; i < v->copy_count; i++)
		if (strcmp(v->copies[i].entry.name, name) == 0)
			return &v->copies[i];
	return NULL;
}

static bool is_sound(const struct catalog_entry *e)
{
	return e->has_manifest &&
	       (e->state == BACKUP_PROVEN || e->state == BACKUP_UNPROVEN);
}

const struct catalog_entry *offsite_here(const struct offsite_view *v,
                                         const char *name)
{
	const struct catalog_entry *e = catalog_find(&v->here, name);

	return e != NULL && is_sound(e) ? e : NULL;
}

bool offsite_is_ours(const struct offsite_view *v, const char *database_id)
{
	for (size_t i = 0; i < v->here.count; i++)
		if (v->here.list[i].has_manifest &&
		    strncmp(v->here.list[i].database_id, database_id,
		            strlen(database_id)) == 0)
			return true;
	return false;
}

/* --- what is there -------------------------------------------------------- */

/* Into the folder "offsite". One that is no manifest is as good as none. */
static enum dum_status fetch(struct offsite *o, const char *name,
                             struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	char there[REMOTE_NAME_MAX + 5];
	struct dum_error inner = {0};
	enum dum_status status;

	snprintf(there, sizeof(there), "%s.json", name);
	status = remote_get(&text, o->remote, there, MANIFEST_BYTES_MAX,
	                    &inner);
	if (status == DUM_EDAMAGED)
		error_clear(&inner);
	else if (status != DUM_OK)
		error_set(err, status, "%s", inner.text);
	if (status == DUM_OK)
		status = backup_dir_put_text(backup_dir_path(o->known), there,
		                             &text, err);
	strbuf_release(&text);
	return status == DUM_EDAMAGED ? DUM_OK : status;
}

static void take_copy(struct offsite_view *v, const char *name, int64_t bytes,
                      const struct manifest *m)
{
	struct offsite_copy *copy = &v->copies[v->copy_count++];

	*copy = (struct offsite_copy){.config_bytes = 0};
	catalog_entry_of(&copy->entry, name, bytes, m);
	memcpy(copy->stored_sha256, m->stored_sha256,
	       sizeof(copy->stored_sha256));
	if (m->config.files > 0)
		copy->config_bytes = m->config.stored_bytes;
	memcpy(copy->config_sha256, m->config.stored_sha256,
	       sizeof(copy->config_sha256));
}

/* At two in the morning two machines give the same name. */
static enum dum_status other_database(const char *name, struct dum_error *err)
{
	return error_set(err, DUM_ECONFLICT,
	                 "SYNC_TARGET holds backups of another database "
	                 "(%.80s): give each its own folder, or move these "
	                 "away; nothing was changed there",
	                 name);
}

/* A backup there. Without a manifest it was not copied to its end. */
static enum dum_status learn(struct offsite *o, const struct remote_file *file,
                             struct dum_error *err)
{
	const char *folder = backup_dir_path(o->known);
	struct offsite_view *v = &o->view;
	char manifest[REMOTE_NAME_MAX + 5];
	struct dum_error inner = {0};
	enum dum_status status;
	struct manifest m;

	snprintf(manifest, sizeof(manifest), "%s.json", file->name);
	if (remote_list_find(&v->there, manifest) == NULL)
		return DUM_OK;
	status = manifest_read(&m, folder, file->name, &inner);
	if (status == DUM_ENOTFOUND) {
		status = fetch(o, file->name, err);
		if (status != DUM_OK)
			return status;
		error_clear(&inner);
		status = manifest_read(&m, folder, file->name, &inner);
	}
	if (status == DUM_ENOMEM)
		return error_set(err, status, "%s", inner.text);
	if (status != DUM_OK)
		return DUM_OK;
	if (!offsite_is_ours(v, m.facts.database_id))
		return other_database(file->name, err);
	take_copy(v, file->name, file->bytes, &m);
	return DUM_OK;
}

/* What is known of copies that are not there, or of another place. */
static enum dum_status forget(struct offsite *o, struct dum_error *err)
{
	struct catalog known = {.count = 0};
	char manifest[BACKUP_NAME_MAX + 5];
	enum dum_status status;

	status = catalog_read(&known, backup_dir_path(o->known), err);
	for (size_t i = 0; i < known.count && status == DUM_OK; i++) {
		snprintf(manifest, sizeof(manifest), "%s.json",
		         known.list[i].name);
		if (!o->ledger.is_of_target ||
		    remote_list_find(&o->view.there, manifest) == NULL)
			status = backup_dir_remove(o->known, manifest, err);
	}
	if (status == DUM_OK && !o->ledger.is_of_target)
		status = backup_dir_remove(o->known, "pruned.json", err);
	for (size_t i = o->ledger.count; i-- > 0;)
		if (remote_list_find(&o->view.there, o->ledger.list[i].name) ==
		    NULL)
			offsite_ledger_drop(&o->ledger, o->ledger.list[i].name);
	catalog_release(&known);
	return status;
}

static enum dum_status read_there(struct offsite *o, struct dum_error *err)
{
	struct offsite_view *v = &o->view;
	struct backup_name parsed;
	enum dum_status status;

	status = remote_list_read(&v->there, o->remote, err);
	if (status == DUM_OK)
		status = forget(o, err);
	if (status != DUM_OK)
		return status;
	v->copies = calloc(v->there.count + 1, sizeof(*v->copies));
	if (v->copies == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	for (size_t i = 0; i < v->there.count && status == DUM_OK; i++)
		if (backup_name_parse(&parsed, v->there.list[i].name))
			status = learn(o, &v->there.list[i], err);
	return status;
}

/* --- what is here --------------------------------------------------------- */

static enum dum_status read_here(struct offsite_view *v, struct dum_error *err)
{
	struct strbuf journal = STRBUF_INIT;
	const struct catalog_entry *end;
	enum dum_status status;

	status = catalog_read(&v->here, v->folder, err);
	if (status != DUM_OK)
		return status;
	end = catalog_chain_end(&v->here);
	if (end == NULL)
		return error_set(err, DUM_ENOTFOUND,
		                 "there is no backup in %s; the copies in "
		                 "SYNC_TARGET are left as they are",
		                 v->folder);
	snprintf(v->mark, sizeof(v->mark), "%.*s", SEGMENT_DATABASE_DIGITS,
	         end->database_id);
	status = segment_folder(&journal, v->folder, err);
	if (status == DUM_OK)
		status = segment_list_read(&v->segments_here, journal.buf, err);
	if (status == DUM_OK)
		v->journal = strbuf_detach(&journal);
	strbuf_release(&journal);
	return status;
}

/* --- both ----------------------------------------------------------------- */

/*
 * The backups that there would be, were all copied that is here: by what the
 * manifest here says, else by the one there.
 */
static enum dum_status join(struct offsite_view *v, struct dum_error *err)
{
	v->all.list = calloc(v->here.count + v->copy_count + 1,
	                     sizeof(*v->all.list));
	if (v->all.list == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	for (size_t i = 0; i < v->here.count; i++)
		if (is_sound(&v->here.list[i]))
			v->all.list[v->all.count++] = v->here.list[i];
	for (size_t i = 0; i < v->copy_count; i++)
		if (offsite_here(v, v->copies[i].entry.name) == NULL)
			v->all.list[v->all.count++] = v->copies[i].entry;
	catalog_sort(&v->all);
	return DUM_OK;
}

/* Which of them are kept. By a clock that is wrong: all. */
static enum dum_status judge(struct offsite_view *v,
                             const struct config *config, struct dum_error *err)
{
	const struct retention_policy policy = {
	    .days = config->sync_retention_days,
	    .max_count = config->sync_max_count,
	    .keep_daily = config->sync_keep_daily,
	    .keep_weekly = config->sync_keep_weekly,
	    .keep_monthly = config->sync_keep_monthly};
	enum dum_status status;

	v->verdicts = calloc(v->all.count + 1, sizeof(*v->verdicts));
	if (v->verdicts == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = retention_plan(v->verdicts, &v->all, &policy, clock_now(),
	                        &v->clock);
	for (size_t i = 0; status != DUM_OK && i < v->all.count; i++)
		v->verdicts[i] = (struct retention_verdict){.keep = true};
	return DUM_OK;
}

enum dum_status offsite_view_read(struct offsite *o, struct dum_error *err)
{
	struct offsite_view *v = &o->view;
	enum dum_status status;

	v->folder = o->config->database_backup_dir;
	status = read_here(v, err);
	if (status == DUM_OK)
		status = read_there(o, err);
	if (status == DUM_OK)
		status = join(v, err);
	if (status == DUM_OK)
		status = judge(v, o->config, err);
	return status;
}
