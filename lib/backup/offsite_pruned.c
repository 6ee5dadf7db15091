/*
 * pruned.json of the copies: which backups are not there on purpose, because
 * they were let go of here before they were copied, or there.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backup/offsite_parts.h"
#include "backup/pruned.h"

#define NAME "pruned.json"

struct noting {
	struct pruned list;
	size_t room;
	int64_t keep_from; /* below it, none matters to the chain any more */
	const struct offsite_view *view;
};

/* Is it, after this run, there? */
static bool is_kept(const struct offsite_view *v, const char *id)
{
	for (size_t i = 0; i < v->all.count; i++)
		if (strcmp(v->all.list[i].id, id) == 0)
			return v->verdicts[i].keep;
	return false;
}

static enum dum_status note(struct noting *n, const struct pruned_entry *entry,
                            struct dum_error *err)
{
	if (entry->sequence < n->keep_from || is_kept(n->view, entry->id) ||
	    pruned_has(&n->list, entry->id, entry->hash))
		return DUM_OK;
	if (n->list.count == n->room) {
		size_t room = n->room == 0 ? 64 : n->room * 2;
		struct pruned_entry *grown = realloc(n->list.list,
		                                     room * sizeof(*grown));

		if (grown == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
		n->list.list = grown;
		n->room = room;
	}
	n->list.list[n->list.count++] = *entry;
	return DUM_OK;
}

static enum dum_status note_all(struct noting *n, const struct pruned *from,
                                struct dum_error *err)
{
	enum dum_status status = DUM_OK;

	for (size_t i = 0; i < from->count && status == DUM_OK; i++)
		status = note(n, &from->list[i], err);
	return status;
}

static enum dum_status note_let_go(struct noting *n, struct dum_error *err)
{
	const struct catalog *all = &n->view->all;
	enum dum_status status = DUM_OK;

	for (size_t i = 0; i < all->count && status == DUM_OK; i++) {
		const struct catalog_entry *e = &all->list[i];
		struct pruned_entry entry = {.sequence = e->sequence};

		memcpy(entry.id, e->id, sizeof(entry.id));
		memcpy(entry.hash, e->hash, sizeof(entry.hash));
		status = note(n, &entry, err);
	}
	return status;
}

static int64_t oldest_kept(const struct offsite_view *v)
{
	int64_t oldest = INT64_MAX;

	for (size_t i = 0; i < v->all.count; i++)
		if (v->verdicts[i].keep && v->all.list[i].sequence < oldest)
			oldest = v->all.list[i].sequence;
	return oldest;
}

static bool same(const struct pruned *a, const struct pruned *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (!pruned_has(b, a->list[i].id, a->list[i].hash))
			return false;
	return a->count == b->count;
}

static enum dum_status send(struct offsite *o, const struct pruned *list,
                            struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	enum dum_status status;

	pruned_format(&text, list);
	if (strbuf_ok(&text))
		status = offsite_put_text(o, NAME, &text, err);
	else
		status = error_set(err, DUM_ENOMEM, "out of memory");
	strbuf_release(&text);
	return status;
}

enum dum_status offsite_note_pruned(struct offsite *o, struct dum_error *err)
{
	struct noting n = {.keep_from = oldest_kept(&o->view) - 1,
	                   .view = &o->view};
	struct pruned here = {.count = 0}, there = {.count = 0};
	enum dum_status status;

	status = pruned_read(&here, o->view.folder, err);
	if (status == DUM_OK)
		status = pruned_read(&there, backup_dir_path(o->known), err);
	if (status == DUM_OK)
		status = note_all(&n, &here, err);
	if (status == DUM_OK)
		status = note_all(&n, &there, err);
	if (status == DUM_OK)
		status = note_let_go(&n, err);
	if (status == DUM_OK &&
	    (!same(&n.list, &there) ||
	     (n.list.count > 0 &&
	      remote_list_find(&o->view.there, NAME) == NULL)))
		status = send(o, &n.list, err);
	pruned_release(&n.list);
	pruned_release(&here);
	pruned_release(&there);
	return status;
}
