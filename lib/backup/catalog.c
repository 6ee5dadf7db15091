#include "backup/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/companion.h"
#include "backup/pruned.h"
#include "base/fsutil.h"
#include "base/plural.h"

const char *backup_state_text(enum backup_state state)
{
	switch (state) {
	case BACKUP_PROVEN:
		return "proven";
	case BACKUP_UNPROVEN:
		return "unproven";
	case BACKUP_DAMAGED:
		return "damaged";
	case BACKUP_MISSING:
		return "missing";
	}
	return "unknown";
}

/* Say what is wrong with it. */
static void note(struct catalog_entry *e, enum dum_status problem,
                 const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void note(struct catalog_entry *e, enum dum_status problem,
                 const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(e->note, sizeof(e->note), fmt, args);
	va_end(args);
	e->problem = problem;
}

static enum dum_status size_problem(int64_t have, int64_t wanted)
{
	return have < wanted ? DUM_ETRUNCATED : DUM_EDAMAGED;
}

static void take_manifest(struct catalog_entry *e, const struct manifest *m)
{
	e->has_manifest = true;
	memcpy(e->id, m->id, sizeof(e->id));
	e->sequence = m->sequence;
	memcpy(e->previous_id, m->previous_id, sizeof(e->previous_id));
	memcpy(e->previous_hash, m->previous_hash, sizeof(e->previous_hash));
	memcpy(e->hash, m->hash, sizeof(e->hash));
	e->has_config = m->config.files > 0;
	e->image_bytes = m->facts.page_size * m->facts.page_count;
	memcpy(e->database_id, m->facts.database_id, sizeof(e->database_id));
	e->timeline = m->facts.timeline;
	e->journal_id = m->facts.journal_id;
	e->level = m->verification.level;
	memcpy(e->verified_at, m->verification.at, sizeof(e->verified_at));
	if (m->verification.problem[0] != '\0')
		note(e, DUM_EDAMAGED, "%s", m->verification.problem);
}

static enum backup_state judge(struct catalog_entry *e,
                               const struct manifest *m)
{
	if (e->bytes < 0) {
		note(e, DUM_EDAMAGED, "the file is missing");
		return BACKUP_MISSING;
	}
	if (e->bytes != m->stored_bytes) {
		note(e, size_problem(e->bytes, m->stored_bytes),
		     "it has %lld byte%s, not %lld", (long long)e->bytes,
		     plural_s(e->bytes), (long long)m->stored_bytes);
		return BACKUP_DAMAGED;
	}
	if (m->verification.level >= 0 && !m->verification.ok)
		return BACKUP_DAMAGED;
	return manifest_is_proven(m) ? BACKUP_PROVEN : BACKUP_UNPROVEN;
}

void catalog_entry_of(struct catalog_entry *out, const char *name,
                      int64_t bytes, const struct manifest *m)
{
	*out = (struct catalog_entry){.level = -1, .bytes = bytes};
	snprintf(out->name, sizeof(out->name), "%s", name);
	(void)!backup_name_parse(&out->parsed, name);
	take_manifest(out, m);
	out->state = judge(out, m);
}

/* Where something went along with a backup it has to be beside it. */
static void look_at_companion(struct catalog_entry *e, const char *dir,
                              const struct manifest *m)
{
	char name[COMPANION_NAME_MAX];
	struct dum_error inner = {0};
	int64_t bytes = -1;
	int fd = -1;

	if (!e->has_config || e->note[0] != '\0')
		return;
	companion_name(name, e->name);
	if (backup_dir_read(&fd, &bytes, dir, name, &inner) == DUM_OK)
		close(fd);
	if (bytes < 0)
		note(e, DUM_EDAMAGED, "its configuration, %s, is missing",
		     name);
	else if (bytes != m->config.stored_bytes)
		note(e, size_problem(bytes, m->config.stored_bytes),
		     "its configuration, %s, has %lld byte%s, not %lld", name,
		     (long long)bytes, plural_s(bytes),
		     (long long)m->config.stored_bytes);
}

/* What is known of one name, whether the file or its manifest gave it. */
static enum dum_status look_at(struct catalog_entry *e, const char *dir,
                               const char *name, struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status;
	struct manifest m;
	int fd = -1;

	*e = (struct catalog_entry){.level = -1, .bytes = -1};
	snprintf(e->name, sizeof(e->name), "%s", name);
	(void)!backup_name_parse(&e->parsed, name);
	status = backup_dir_read(&fd, &e->bytes, dir, name, &inner);
	if (status == DUM_OK)
		close(fd);
	else if (status != DUM_ENOTFOUND)
		note(e, DUM_EDAMAGED, "%s", inner.text);
	error_clear(&inner);
	status = manifest_read(&m, dir, name, &inner);
	if (status == DUM_ENOMEM)
		return error_set(err, status, "%s", inner.text);
	if (status == DUM_OK) {
		catalog_entry_of(e, name, e->bytes, &m);
		look_at_companion(e, dir, &m);
		return DUM_OK;
	}
	e->state = status == DUM_EDAMAGED ? BACKUP_DAMAGED : BACKUP_UNPROVEN;
	if (e->note[0] == '\0')
		note(e, DUM_EDAMAGED, "%s",
		     status == DUM_ENOTFOUND ? "it has no manifest"
		                             : inner.text);
	return DUM_OK;
}

static int by_time(const void *a, const void *b)
{
	const struct catalog_entry *x = a, *y = b;

	if (x->parsed.at != y->parsed.at)
		return x->parsed.at < y->parsed.at ? -1 : 1;
	if (x->sequence != y->sequence)
		return x->sequence < y->sequence ? -1 : 1;
	return strcmp(x->name, y->name);
}

void catalog_sort(struct catalog *catalog)
{
	if (catalog->count > 0)
		qsort(catalog->list, catalog->count, sizeof(*catalog->list),
		      by_time);
}

static const struct catalog_entry *find_id(const struct catalog *catalog,
                                           const char *id)
{
	for (size_t i = 0; i < catalog->count; i++)
		if (strcmp(catalog->list[i].id, id) == 0)
			return &catalog->list[i];
	return NULL;
}

static void check_link(const struct catalog *catalog,
                       const struct pruned *pruned, struct catalog_entry *e)
{
	const struct catalog_entry *previous;

	if (!e->has_manifest || e->previous_id[0] == '\0' || e->note[0] != '\0')
		return;
	previous = find_id(catalog, e->previous_id);
	if (previous != NULL) {
		if (strcmp(previous->hash, e->previous_hash) != 0)
			note(e, DUM_EDAMAGED,
			     "the one before it, %s, was replaced",
			     previous->name);
		return;
	}
	if (!pruned_has(pruned, e->previous_id, e->previous_hash))
		note(e, DUM_EDAMAGED,
		     "the one before it (number %lld) is missing",
		     (long long)e->sequence - 1);
}

static enum dum_status check_chain(struct catalog *catalog, const char *dir,
                                   struct dum_error *err)
{
	struct pruned pruned = {.count = 0};
	enum dum_status status = pruned_read(&pruned, dir, err);

	for (size_t i = 0; status == DUM_OK && i < pruned.count; i++)
		if (pruned.list[i].sequence > catalog->last_sequence)
			catalog->last_sequence = pruned.list[i].sequence;
	for (size_t i = 0; status == DUM_OK && i < catalog->count; i++) {
		struct catalog_entry *e = &catalog->list[i];

		if (e->sequence > catalog->last_sequence)
			catalog->last_sequence = e->sequence;
		if (e->timeline > catalog->last_timeline)
			catalog->last_timeline = e->timeline;
		check_link(catalog, &pruned, e);
	}
	pruned_release(&pruned);
	return status;
}

/* Is the file there that a manifest is of? Then its own name brings it in. */
static bool has_file(const char *dir, const char *name)
{
	struct strbuf path = STRBUF_INIT;
	bool there;

	strbuf_addf(&path, "%s/%s", dir, name);
	there = strbuf_ok(&path) && fs_exists(path.buf);
	strbuf_release(&path);
	return there;
}

/* The name of the backup that a directory entry stands for; false: for none. */
static bool backup_of(char out[static BACKUP_NAME_MAX], const char *dir,
                      const char *name)
{
	struct backup_name parsed;
	size_t len = strlen(name);
	bool manifest = len > 5 && strcmp(name + len - 5, ".json") == 0;

	if (manifest)
		len -= 5;
	if (len >= BACKUP_NAME_MAX)
		return false;
	memcpy(out, name, len);
	out[len] = '\0';
	return backup_name_parse(&parsed, out) &&
	       !(manifest && has_file(dir, out));
}

static enum dum_status add(struct catalog *catalog, size_t *room,
                           const char *dir, const char *name,
                           struct dum_error *err)
{
	struct catalog_entry *list = catalog->list;
	enum dum_status status;

	if (catalog->count == CATALOG_MAX)
		return error_set(err, DUM_EINVAL, "%s: more than %d backups",
		                 dir, CATALOG_MAX);
	if (list == NULL || catalog->count == *room) {
		*room = *room == 0 ? 64 : *room * 2;
		list = realloc(list, *room * sizeof(*list));
		if (list == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
		catalog->list = list;
	}
	status = look_at(&list[catalog->count], dir, name, err);
	if (status == DUM_OK)
		catalog->count++;
	return status;
}

enum dum_status catalog_read(struct catalog *out, const char *dir,
                             struct dum_error *err)
{
	struct catalog catalog = {.count = 0};
	char name[BACKUP_NAME_MAX];
	enum dum_status status = DUM_OK;
	size_t room = 0;
	DIR *list;

	list = opendir(dir);
	if (list == NULL && errno != ENOENT)
		return error_set(err, DUM_ESYS, "%s: %s", dir, strerror(errno));
	if (list != NULL) {
		for (struct dirent *e = readdir(list);
		     e != NULL && status == DUM_OK; e = readdir(list))
			if (backup_of(name, dir, e->d_name))
				status = add(&catalog, &room, dir, name, err);
		closedir(list);
	}
	catalog_sort(&catalog);
	if (status == DUM_OK)
		status = check_chain(&catalog, dir, err);
	if (status == DUM_OK)
		*out = catalog;
	else
		catalog_release(&catalog);
	return status;
}

void catalog_release(struct catalog *catalog)
{
	free(catalog->list);
	*catalog = (struct catalog){.count = 0};
}

const struct catalog_entry *catalog_find(const struct catalog *catalog,
                                         const char *name)
{
	for (size_t i = 0; i < catalog->count; i++)
		if (strcmp(catalog->list[i].name, name) == 0)
			return &catalog->list[i];
	return NULL;
}

const struct catalog_entry *catalog_newest_proven(const struct catalog *catalog)
{
	for (size_t i = catalog->count; i-- > 0;)
		if (catalog->list[i].state == BACKUP_PROVEN)
			return &catalog->list[i];
	return NULL;
}

const struct catalog_entry *catalog_chain_end(const struct catalog *catalog)
{
	const struct catalog_entry *end = NULL;

	for (size_t i = 0; i < catalog->count; i++)
		if (catalog->list[i].has_manifest &&
		    (end == NULL || catalog->list[i].sequence > end->sequence))
			end = &catalog->list[i];
	return end;
}

/* The number from which on the removed ones still matter to the chain. */
static int64_t oldest_kept(const struct catalog *catalog,
                           const struct catalog_entry *but)
{
	int64_t oldest = catalog->last_sequence;

	for (size_t i = 0; i < catalog->count; i++) {
		const struct catalog_entry *e = &catalog->list[i];

		if (e != but && e->has_manifest && e->sequence < oldest)
			oldest = e->sequence;
	}
	return oldest;
}

enum dum_status catalog_remove(const struct catalog *catalog,
                               const struct catalog_entry *entry,
                               const struct backup_dir *dir,
                               struct dum_error *err)
{
	struct pruned_entry pruned = {.sequence = entry->sequence};
	char manifest[BACKUP_NAME_MAX + 5], companion[COMPANION_NAME_MAX];
	enum dum_status status = DUM_OK;

	/* First the note: without it the chain would look broken. */
	if (entry->has_manifest) {
		memcpy(pruned.id, entry->id, sizeof(pruned.id));
		memcpy(pruned.hash, entry->hash, sizeof(pruned.hash));
		status = pruned_add(backup_dir_path(dir), &pruned,
		                    oldest_kept(catalog, entry) - 1, err);
	}
	if (status == DUM_OK)
		status = backup_dir_remove(dir, entry->name, err);
	companion_name(companion, entry->name);
	if (status == DUM_OK)
		status = backup_dir_remove(dir, companion, err);
	snprintf(manifest, sizeof(manifest), "%s.json", entry->name);
	if (status == DUM_OK)
		status = backup_dir_remove(dir, manifest, err);
	return status;
}
