/*
 * The segments of the journal: which go there, and which are no longer needed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "backup/offsite_parts.h"
#include "backup/segment_prune.h"

#define JOURNAL "journal/"

/* Those that are there; of a database that is no longer known here, none. */
static enum dum_status segments_there(struct segment_list *out,
                                      const struct offsite_view *v,
                                      struct dum_error *err)
{
	struct segment_name *name;

	out->list = calloc(v->there.count + 1, sizeof(*out->list));
	if (out->list == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	for (size_t i = 0; i < v->there.count; i++) {
		const char *text = v->there.list[i].name;

		name = &out->list[out->count];
		if (strncmp(text, JOURNAL, sizeof(JOURNAL) - 1) == 0 &&
		    segment_name_parse(name, text + sizeof(JOURNAL) - 1) &&
		    offsite_is_ours(v, name->database))
			out->count++;
	}
	return DUM_OK;
}

static enum dum_status copy_segment(struct offsite *o, const char *name,
                                    struct dum_error *err)
{
	const struct offsite_known *known = offsite_ledger_find(&o->ledger,
	                                                        name);
	struct strbuf path = STRBUF_INIT;
	enum dum_status status = DUM_OK;
	struct stat st;

	strbuf_addf(&path, "%s/%s", o->view.folder, name);
	if (!strbuf_ok(&path))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else if (lstat(path.buf, &st) == 0 && S_ISREG(st.st_mode) &&
	         (known == NULL ||
	          !offsite_is_there(&o->view, name, known->bytes) ||
	          known->bytes != st.st_size ||
	          known->changed_ns != (int64_t)st.st_mtim.tv_sec * 1000000000 +
	                                   st.st_mtim.tv_nsec))
		status = offsite_plan_copy(o, name, "", st.st_size, "", err);
	strbuf_release(&path);
	return status;
}

static void journal_name(char out[static REMOTE_NAME_MAX],
                         const struct segment_name *name)
{
	char text[SEGMENT_NAME_MAX];

	segment_name_format(text, name);
	snprintf(out, REMOTE_NAME_MAX, JOURNAL "%s", text);
}

/* Open ones whose sealed ones are there: what is in no list any more. */
static enum dum_status remove_sealed(struct offsite *o,
                                     const struct segment_list *there,
                                     const struct segment_list *all,
                                     struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	char name[REMOTE_NAME_MAX];

	for (size_t i = 0; i < there->count && status == DUM_OK; i++) {
		const struct segment_name *open = &there->list[i];
		bool sealed = false;

		for (size_t j = 0; j < all->count && open->last_id == 0; j++)
			sealed = sealed ||
			         (all->list[j].last_id != 0 &&
			          all->list[j].first_id == open->first_id &&
			          all->list[j].timeline == open->timeline &&
			          strcmp(all->list[j].database,
			                 open->database) == 0);
		journal_name(name, open);
		if (sealed)
			status = offsite_plan_remove(o, name, "",
			                             "it is sealed", err);
	}
	return status;
}

static enum dum_status plan_all(struct offsite *o,
                                const struct segment_list *there,
                                const struct segment_list *all, bool *gone,
                                struct dum_error *err)
{
	const struct offsite_view *v = &o->view;
	enum dum_status status = DUM_OK;
	char name[REMOTE_NAME_MAX];

	if (v->clock.status == DUM_OK)
		segment_plan(gone, all, &v->all, v->verdicts, INT64_MAX);
	for (size_t i = 0; i < all->count && status == DUM_OK; i++) {
		journal_name(name, &all->list[i]);
		if (!gone[i])
			status = copy_segment(o, name, err);
	}
	for (size_t i = 0; i < all->count && status == DUM_OK; i++) {
		journal_name(name, &all->list[i]);
		if (gone[i])
			status = offsite_plan_remove(o, name, "",
			                             "no copy needs it", err);
	}
	if (status == DUM_OK)
		status = remove_sealed(o, there, all, err);
	return status;
}

enum dum_status offsite_plan_segments(struct offsite *o, struct dum_error *err)
{
	struct segment_list there = {.count = 0}, all = {.count = 0};
	enum dum_status status;
	bool *gone = NULL;

	status = segments_there(&there, &o->view, err);
	if (status == DUM_OK)
		status = segment_list_join(&all, &o->view.segments_here, err);
	if (status == DUM_OK)
		status = segment_list_join(&all, &there, err);
	if (status != DUM_OK)
		goto out;
	gone = calloc(all.count + 1, sizeof(*gone));
	if (gone == NULL)
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = plan_all(o, &there, &all, gone, err);
out:
	free(gone);
	segment_list_release(&there);
	segment_list_release(&all);
	return status;
}
