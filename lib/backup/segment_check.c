#include "backup/segment_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/segment_dir.h"
#include "base/plural.h"

/* Where a backup stands in the journal. */
struct position {
	const struct catalog_entry *backup;
	unsigned char mac[HASH_BYTES];
	bool met;     /* a segment has its entry, or begins behind it */
	bool differs; /* it has another entry in that place */
};

struct checking {
	struct segment_report *out;
	const char *folder;
	const struct segment_access *access;
	segment_told_fn tell;
	void *arg;
	struct position *positions;
	size_t npositions;
	/* The segment in hand, and the one before it. */
	const struct segment_name *name;
	const struct segment_name *last_name; /* NULL: it was no good */
	struct segment_seen last;
};

static void note(struct checking *c, const struct dum_error *problem)
{
	if (c->out->problems++ > 0)
		return;
	c->out->status = problem->status;
	snprintf(c->out->text, sizeof(c->out->text), "%s", problem->text);
}

static enum dum_status add_positions(struct checking *c,
                                     const struct catalog *catalog,
                                     const char *backup_dir,
                                     struct dum_error *err)
{
	struct dum_error ignored = {0};
	struct manifest m;

	c->positions = calloc(catalog->count + 1, sizeof(*c->positions));
	if (c->positions == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	for (size_t i = 0; i < catalog->count; i++) {
		struct position *p = &c->positions[c->npositions];

		if (!catalog->list[i].has_manifest ||
		    catalog->list[i].state == BACKUP_MISSING ||
		    manifest_read(&m, backup_dir, catalog->list[i].name,
		                  &ignored) != DUM_OK)
			continue;
		p->backup = &catalog->list[i];
		memcpy(p->mac, m.facts.journal_mac, HASH_BYTES);
		c->npositions++;
	}
	return DUM_OK;
}

static bool is_of(const struct position *p, const struct segment_name *name)
{
	return p->backup->timeline == name->timeline &&
	       strncmp(p->backup->database_id, name->database,
	               SEGMENT_DATABASE_DIGITS) == 0;
}

static void meet(struct checking *c, int64_t id, const unsigned char *mac)
{
	for (size_t i = 0; i < c->npositions; i++) {
		struct position *p = &c->positions[i];

		if (p->backup->journal_id != id || !is_of(p, c->name))
			continue;
		p->met = hash_equal(p->mac, mac, HASH_BYTES);
		p->differs = !p->met;
	}
}

static enum dum_status take(void *arg, const struct journal_record *e,
                            struct dum_error *err)
{
	(void)err;
	meet(arg, e->id, e->mac);
	return DUM_OK;
}

/* Of one database and one timeline they follow each other. */
static enum dum_status check_link(struct checking *c,
                                  const struct segment_seen *seen,
                                  struct dum_error *err)
{
	char name[SEGMENT_NAME_MAX];

	segment_name_format(name, c->name);
	if (c->last_name == NULL ||
	    strcmp(c->last_name->database, c->name->database) != 0)
		return DUM_OK;
	if (!seen->head.has_previous ||
	    !hash_equal(seen->head.previous, c->last.hash, HASH_BYTES))
		return error_set(err, DUM_EDAMAGED,
		                 "%s: the segment before it is missing or was "
		                 "replaced",
		                 name);
	if (c->last_name->timeline == c->name->timeline &&
	    (seen->head.first_id != c->last.last_id + 1 ||
	     !hash_equal(seen->head.prev, c->last.last_mac, HASH_BYTES)))
		return error_set(err, DUM_EDAMAGED,
		                 "%s: entries between %lld and %lld were never "
		                 "shipped",
		                 name, (long long)c->last.last_id,
		                 (long long)seen->head.first_id);
	return DUM_OK;
}

static void torn(const struct segment_name *name,
                 const struct segment_file *file, struct dum_error *err)
{
	char text[SEGMENT_NAME_MAX];

	segment_name_format(text, name);
	error_set(
	    err, file->torn.status,
	    "%s: its last %lld %s torn (%.80s); dum-backup ship "
	    "mends it from the database",
	    text, (long long)(file->bytes - file->good_bytes),
	    plural(file->bytes - file->good_bytes, "byte is", "bytes are"),
	    file->torn.text);
}

static enum dum_status check_one(struct checking *c, struct segment_file *file,
                                 struct dum_error *err)
{
	struct dum_error problem = {0};
	enum dum_status status;

	status = segment_file_read(file, c->folder, c->name, c->access, take, c,
	                           &problem);
	/* Trouble of this machine, and not of the segment. */
	if (status == DUM_ENOMEM || status == DUM_ESYS)
		return error_set(err, status, "%s", problem.text);
	if (status == DUM_OK) {
		meet(c, file->seen.head.first_id - 1, file->seen.head.prev);
		c->out->entries += file->seen.entries;
		c->out->last_id = file->seen.last_id;
		memcpy(c->out->last_at, file->seen.last_at,
		       sizeof(c->out->last_at));
		status = check_link(c, &file->seen, &problem);
	}
	if (status == DUM_OK && file->torn.status != DUM_OK)
		torn(c->name, file, &problem);
	if (problem.status != DUM_OK)
		note(c, &problem);
	if (c->tell != NULL)
		c->tell(c->arg, c->name, file, &problem);
	c->last_name = status == DUM_OK ? c->name : NULL;
	c->last = file->seen;
	return DUM_OK;
}

/* Does the row of segments begin behind the backup, or hold its place? */
static void check_position(struct checking *c, const struct segment_list *list,
                           const struct position *p)
{
	int64_t first = 0;
	struct dum_error problem = {0};

	for (size_t i = 0; i < list->count; i++) {
		const struct segment_name *n = &list->list[i];

		if (first == 0 && is_of(p, n))
			first = n->first_id;
	}
	if (p->differs)
		error_set(&problem, DUM_EDAMAGED,
		          "%s ends with another entry %lld than the segments "
		          "of the journal have",
		          p->backup->name, (long long)p->backup->journal_id);
	else if (first != 0 && !p->met && p->backup->journal_id < first)
		error_set(&problem, DUM_EDAMAGED,
		          "entries %lld to %lld of the journal, behind %s, are "
		          "in no segment",
		          (long long)p->backup->journal_id + 1,
		          (long long)first - 1, p->backup->name);
	if (problem.status != DUM_OK)
		note(c, &problem);
}

enum dum_status segment_check(struct segment_report *out,
                              const char *backup_dir,
                              const struct catalog *catalog,
                              const struct segment_access *access,
                              segment_told_fn tell, void *arg,
                              struct dum_error *err)
{
	struct segment_report report = {.segments = 0};
	struct segment_list list = {.count = 0};
	struct strbuf folder = STRBUF_INIT;
	struct checking *c = calloc(1, sizeof(*c));
	struct segment_file *file = calloc(1, sizeof(*file));
	struct backup_dir *dir = NULL;
	enum dum_status status;

	if (c == NULL || file == NULL) {
		status = error_set(err, DUM_ENOMEM, "out of memory");
		goto out;
	}
	status = segment_folder(&folder, backup_dir, err);
	if (status == DUM_OK)
		status = segment_dir_take(&dir, backup_dir, "dum-backup verify",
		                          false, err);
	if (status == DUM_OK)
		status = segment_list_read(&list, folder.buf, err);
	*c = (struct checking){.out = &report,
	                       .folder = folder.buf,
	                       .access = access,
	                       .tell = tell,
	                       .arg = arg};
	if (status == DUM_OK)
		status = add_positions(c, catalog, backup_dir, err);
	for (size_t i = 0; i < list.count && status == DUM_OK; i++) {
		*file = (struct segment_file){.bytes = 0};
		c->name = &list.list[i];
		status = check_one(c, file, err);
	}
	for (size_t i = 0; i < c->npositions && status == DUM_OK; i++)
		check_position(c, &list, &c->positions[i]);
	report.segments = list.count;
	if (status == DUM_OK)
		*out = report;
	free(c->positions);
out:
	backup_dir_close(dir);
	free(c);
	free(file);
	segment_list_release(&list);
	strbuf_release(&folder);
	return status;
}
