#include "backup/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/segment_dir.h"

enum dum_status history_open(struct history *out, const char *backup_dir,
                             const char *database_id,
                             const struct segment_access *access,
                             struct dum_error *err)
{
	struct history h = {.folder = STRBUF_INIT, .access = *access};
	enum dum_status status = segment_folder(&h.folder, backup_dir, err);

	if (status == DUM_OK)
		status = segment_dir_take(&h.dir, backup_dir, "dum-backup",
		                          false, err);
	if (status == DUM_OK)
		status = segment_list_read(&h.list, h.folder.buf, err);
	if (status != DUM_OK) {
		history_close(&h);
		return status;
	}
	segment_list_keep(&h.list, database_id);
	*out = h;
	return DUM_OK;
}

void history_close(struct history *h)
{
	segment_list_release(&h->list);
	backup_dir_close(h->dir);
	h->dir = NULL;
	strbuf_release(&h->folder);
}

static enum dum_status read_one(struct segment_seen *out,
                                const struct history *h, size_t i,
                                journal_record_fn fn, void *arg,
                                struct dum_error *err)
{
	struct segment_file *file = calloc(1, sizeof(*file));
	char name[SEGMENT_NAME_MAX];
	enum dum_status status;

	if (file == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = segment_file_read(file, h->folder.buf, &h->list.list[i],
	                           &h->access, fn, arg, err);
	/* A tail that was torn off was not shipped; damage is another thing. */
	if (status == DUM_OK && file->torn.status == DUM_EDAMAGED) {
		segment_name_format(name, &h->list.list[i]);
		status = error_set(err, DUM_EDAMAGED, "%s: %s", name,
		                   file->torn.text);
	}
	if (status == DUM_OK)
		*out = file->seen;
	free(file);
	return status;
}

int64_t history_last_timeline(const struct history *h)
{
	return h->list.count > 0 ? h->list.list[h->list.count - 1].timeline : 0;
}

enum dum_status history_timeline(int64_t *out, const struct history *h,
                                 const char *at, struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	int64_t found = 0;

	for (size_t i = 0; i < h->list.count && status == DUM_OK; i++) {
		struct segment_seen seen = {.entries = 0};

		if (i > 0 &&
		    h->list.list[i].timeline == h->list.list[i - 1].timeline)
			continue;
		status = read_one(&seen, h, i, NULL, NULL, err);
		if (status == DUM_OK && strcmp(seen.first_at, at) <= 0)
			found = h->list.list[i].timeline;
	}
	if (status == DUM_OK)
		*out = found;
	return status;
}

struct walking {
	const struct history_walk *walk;
	struct history_end *end;
	int64_t whole_id; /* of the segment in hand */
	journal_record_fn fn;
	void *arg;
};

static bool is_beyond(const struct history_walk *walk,
                      const struct journal_record *e)
{
	return (walk->until != NULL && strcmp(e->at, walk->until) > 0) ||
	       (walk->upto_id != 0 && e->id > walk->upto_id);
}

static enum dum_status give(void *arg, const struct journal_record *e,
                            struct dum_error *err)
{
	struct walking *w = arg;
	enum dum_status status;

	if (e->id <= w->walk->after_id || e->id > w->whole_id ||
	    w->end->reached)
		return DUM_OK;
	if (is_beyond(w->walk, e)) {
		w->end->reached = true;
		return DUM_OK;
	}
	status = w->fn(w->arg, e, err);
	if (status != DUM_OK)
		return status;
	w->end->entries++;
	w->end->last_id = e->id;
	snprintf(w->end->last_at, sizeof(w->end->last_at), "%s", e->at);
	return DUM_OK;
}

static enum dum_status gap(const struct history *h, size_t i, int64_t from,
                           struct dum_error *err)
{
	char name[SEGMENT_NAME_MAX];

	segment_name_format(name, &h->list.list[i]);
	return error_set(err, DUM_EDAMAGED,
	                 "%s does not follow entry %lld of the journal: a "
	                 "segment before it is missing or was replaced",
	                 name, (long long)from);
}

/* Where the start lies in a segment, it has to be the same entry. */
struct meeting {
	const struct history_walk *walk;
	bool met;
	bool reached; /* an entry beyond the end of the walk */
};

static enum dum_status meet(void *arg, const struct journal_record *e,
                            struct dum_error *err)
{
	struct meeting *m = arg;

	if (e->id == m->walk->after_id)
		m->met = hash_equal(e->mac, m->walk->after_mac, HASH_BYTES);
	else if (e->id > m->walk->after_id && is_beyond(m->walk, e))
		m->reached = true;
	(void)err;
	return DUM_OK;
}

/* Do the segments lead on from the start? *count becomes what is needed. */
static enum dum_status check_path(int64_t *whole, size_t *count,
                                  const struct history *h,
                                  const struct history_walk *walk,
                                  const size_t *path, struct dum_error *err)
{
	unsigned char mac[HASH_BYTES];
	int64_t last = walk->after_id;
	enum dum_status status = DUM_OK;

	memcpy(mac, walk->after_mac, HASH_BYTES);
	for (size_t i = 0; i < *count && status == DUM_OK; i++) {
		struct meeting m = {.walk = walk, .met = false};
		struct segment_seen seen = {.entries = 0};
		bool follows;

		status = read_one(&seen, h, path[i], meet, &m, err);
		if (status != DUM_OK)
			break;
		follows = seen.head.first_id == last + 1 &&
		          hash_equal(seen.head.prev, mac, HASH_BYTES);
		if (!follows && !m.met)
			return gap(h, path[i], last, err);
		last = seen.last_id;
		memcpy(mac, seen.last_mac, HASH_BYTES);
		whole[i] = seen.whole_id;
		if (m.reached)
			*count = i + 1;
	}
	return status;
}

enum dum_status history_walk(struct history_end *out, const struct history *h,
                             const struct history_walk *walk,
                             journal_record_fn fn, void *arg,
                             struct dum_error *err)
{
	struct history_end end = {.last_id = walk->after_id};
	struct walking w = {.walk = walk, .end = &end, .fn = fn, .arg = arg};
	size_t *path = calloc(h->list.count + 1, sizeof(*path));
	int64_t *whole = calloc(h->list.count + 1, sizeof(*whole));
	enum dum_status status = DUM_OK;
	struct segment_seen seen = {.entries = 0};
	size_t count = 0;

	if (path == NULL || whole == NULL)
		status = error_set(err, DUM_ENOMEM, "out of memory");
	for (size_t i = 0; status == DUM_OK && i < h->list.count; i++) {
		const struct segment_name *n = &h->list.list[i];

		if (n->timeline == walk->timeline &&
		    (n->last_id == 0 || n->last_id > walk->after_id))
			path[count++] = i;
	}
	if (status == DUM_OK)
		status = check_path(whole, &count, h, walk, path, err);
	for (size_t i = 0; status == DUM_OK && i < count && !end.reached; i++) {
		w.whole_id = whole[i];
		status = read_one(&seen, h, path[i], give, &w, err);
	}
	free(path);
	free(whole);
	if (status == DUM_OK)
		*out = end;
	return status;
}
