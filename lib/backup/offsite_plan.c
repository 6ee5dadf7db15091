/*
 * The order is what makes a run that is cut short harmless: the newest backup
 * first, each file before the manifest that describes it, copies before
 * removals, and of what is removed the manifest last.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "backup/companion.h"
#include "backup/offsite_parts.h"

static struct offsite_step *add(struct offsite *o, enum offsite_action action,
                                const char *name, const char *backup,
                                struct dum_error *err)
{
	struct offsite_steps *steps = &o->steps;
	struct offsite_step *step;

	if (steps->count == steps->room) {
		size_t room = steps->room == 0 ? 64 : steps->room * 2;

		step = realloc(steps->list, room * sizeof(*step));
		if (step == NULL) {
			error_set(err, DUM_ENOMEM, "out of memory");
			return NULL;
		}
		steps->list = step;
		steps->room = room;
	}
	step = &steps->list[steps->count++];
	*step = (struct offsite_step){.action = action};
	snprintf(step->name, sizeof(step->name), "%s", name);
	snprintf(step->backup, sizeof(step->backup), "%s", backup);
	return step;
}

enum dum_status offsite_plan_copy(struct offsite *o, const char *name,
                                  const char *backup, int64_t bytes,
                                  const char *sha256, struct dum_error *err)
{
	struct offsite_step *step = add(o, OFFSITE_COPY, name, backup, err);

	if (step == NULL)
		return DUM_ENOMEM;
	step->bytes = bytes;
	snprintf(step->sha256, sizeof(step->sha256), "%s", sha256);
	o->to_do += 2 * bytes; /* there, and back */
	return DUM_OK;
}

enum dum_status offsite_plan_remove(struct offsite *o, const char *name,
                                    const char *backup, const char *why,
                                    struct dum_error *err)
{
	const struct remote_file *file = remote_list_find(&o->view.there, name);
	struct offsite_step *step;

	if (file == NULL)
		return DUM_OK;
	step = add(o, OFFSITE_REMOVE, name, backup, err);
	if (step == NULL)
		return DUM_ENOMEM;
	step->bytes = file->bytes;
	step->why = why;
	return DUM_OK;
}

/* --- backups -------------------------------------------------------------- */

bool offsite_is_there(const struct offsite_view *v, const char *name,
                      int64_t bytes)
{
	const struct remote_file *file = remote_list_find(&v->there, name);

	return file != NULL && file->bytes == bytes;
}

static int64_t size_of(const char *folder, const char *name)
{
	struct strbuf path = STRBUF_INIT;
	struct stat st = {.st_size = 0};

	strbuf_addf(&path, "%s/%s", folder, name);
	if (!strbuf_ok(&path) || stat(path.buf, &st) != 0)
		st.st_size = 0;
	strbuf_release(&path);
	return st.st_size;
}

/* Is the manifest the one that was copied, to the byte? */
static bool same_manifest(const struct offsite *o, const char *name)
{
	struct strbuf here = STRBUF_INIT, there = STRBUF_INIT;
	bool same;

	same = backup_dir_text(&here, o->view.folder, name, MANIFEST_BYTES_MAX,
	                       NULL) == DUM_OK &&
	       backup_dir_text(&there, backup_dir_path(o->known), name,
	                       MANIFEST_BYTES_MAX, NULL) == DUM_OK &&
	       here.len == there.len &&
	       memcmp(here.buf, there.buf, here.len) == 0;
	strbuf_release(&here);
	strbuf_release(&there);
	return same;
}

/* Of a backup that is here and to be there: the parts that are not, yet. */
static enum dum_status copy_parts(struct offsite *o, const struct manifest *m,
                                  struct dum_error *err)
{
	const struct offsite_view *v = &o->view;
	const struct offsite_copy *there = offsite_copy_find(v, m->name);
	char manifest[BACKUP_NAME_MAX + 5], config[COMPANION_NAME_MAX];
	enum dum_status status = DUM_OK;
	size_t before = o->steps.count;
	bool sound = there != NULL && there->entry.state != BACKUP_DAMAGED;

	snprintf(manifest, sizeof(manifest), "%s.json", m->name);
	companion_name(config, m->name);
	if (!sound || !offsite_is_there(v, m->name, m->stored_bytes) ||
	    strcmp(there->stored_sha256, m->stored_sha256) != 0)
		status = offsite_plan_copy(o, m->name, m->name, m->stored_bytes,
		                           m->stored_sha256, err);
	if (status == DUM_OK && m->config.files > 0 &&
	    (!sound || !offsite_is_there(v, config, m->config.stored_bytes) ||
	     strcmp(there->config_sha256, m->config.stored_sha256) != 0))
		status = offsite_plan_copy(o, config, m->name,
		                           m->config.stored_bytes,
		                           m->config.stored_sha256, err);
	if (status == DUM_OK &&
	    (o->steps.count > before || !same_manifest(o, manifest)))
		status = offsite_plan_copy(o, manifest, m->name,
		                           size_of(v->folder, manifest),
		                           m->stored_sha256, err);
	return status;
}

static enum dum_status copy_backup(struct offsite *o, const char *name,
                                   struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status;
	struct manifest m;

	if (offsite_here(&o->view, name) == NULL)
		return DUM_OK; /* it is only there */
	status = manifest_read(&m, o->view.folder, name, &inner);
	if (status == DUM_ENOTFOUND)
		return DUM_OK; /* let go of meanwhile */
	if (status != DUM_OK)
		return error_set(err, status, "%s", inner.text);
	return copy_parts(o, &m, err);
}

static enum dum_status remove_backup(struct offsite *o, const char *name,
                                     const char *why, struct dum_error *err)
{
	char manifest[BACKUP_NAME_MAX + 5], config[COMPANION_NAME_MAX];
	enum dum_status status;

	snprintf(manifest, sizeof(manifest), "%s.json", name);
	companion_name(config, name);
	status = offsite_plan_remove(o, name, name, why, err);
	if (status == DUM_OK)
		status = offsite_plan_remove(o, config, name, why, err);
	if (status == DUM_OK)
		status = offsite_plan_remove(o, manifest, name, why, err);
	return status;
}

static enum dum_status plan_backups(struct offsite *o, bool removals,
                                    struct dum_error *err)
{
	const struct offsite_view *v = &o->view;
	enum dum_status status = DUM_OK;

	for (size_t i = v->all.count; i-- > 0 && status == DUM_OK;) {
		const char *name = v->all.list[i].name;

		if (v->verdicts[i].keep && !removals)
			status = copy_backup(o, name, err);
		else if (!v->verdicts[i].keep && removals &&
		         offsite_copy_find(v, name) != NULL)
			status = remove_backup(o, name, v->verdicts[i].why,
			                       err);
		o->result->backups += v->verdicts[i].keep && !removals;
	}
	return status;
}

/* --- all ------------------------------------------------------------------ */

/* What a run that was cut short has left half done. */
static enum dum_status plan_partials(struct offsite *o, struct dum_error *err)
{
	const struct remote_list *there = &o->view.there;
	enum dum_status status = DUM_OK;

	for (size_t i = 0; i < there->count && status == DUM_OK; i++)
		if (remote_is_partial(there->list[i].name, o->view.mark))
			status = offsite_plan_remove(
			    o, there->list[i].name, "",
			    "it was not copied to its end", err);
	return status;
}

enum dum_status offsite_plan(struct offsite *o, struct dum_error *err)
{
	enum dum_status status;

	/* First, so that they do not take the room of what comes. */
	status = plan_partials(o, err);
	if (status == DUM_OK)
		status = plan_backups(o, false, err);
	if (status == DUM_OK)
		status = offsite_plan_segments(o, err);
	if (status == DUM_OK)
		status = plan_backups(o, true, err);
	return status;
}
