#include "backup/segment_prune.h"

#include <stdlib.h>
#include <string.h>

#include "backup/segment_dir.h"
#include "store/journal_prune.h"

static bool is_of(const struct catalog_entry *e, const struct segment_name *n)
{
	return strncmp(e->database_id, n->database, SEGMENT_DATABASE_DIGITS) ==
	       0;
}

/* Does a kept backup need it, or is there none that would do without? */
static bool is_needed(const struct catalog *catalog,
                      const struct retention_verdict *verdicts,
                      const struct segment_name *n)
{
	bool proven = false;

	for (size_t i = 0; i < catalog->count; i++) {
		const struct catalog_entry *e = &catalog->list[i];

		if (!verdicts[i].keep || !e->has_manifest || e->bytes < 0 ||
		    !is_of(e, n))
			continue;
		proven = proven || e->state == BACKUP_PROVEN;
		if (e->timeline < n->timeline ||
		    (e->timeline == n->timeline && e->journal_id < n->last_id))
			return true;
	}
	return !proven;
}

/* The next one hangs on its hash, so the last of a database stays. */
static bool is_last(const struct segment_list *list, size_t i)
{
	return i + 1 == list->count ||
	       strcmp(list->list[i].database, list->list[i + 1].database) != 0;
}

void segment_plan(bool *gone, const struct segment_list *list,
                  const struct catalog *catalog,
                  const struct retention_verdict *verdicts, int64_t live_upto)
{
	bool stop = false;

	for (size_t i = 0; i < list->count; i++) {
		const struct segment_name *n = &list->list[i];

		if (i > 0 && is_last(list, i - 1))
			stop = false;
		/* From the oldest on, so that what is left has no gap. */
		stop = stop || n->last_id == 0 || is_last(list, i) ||
		       n->last_id > live_upto ||
		       is_needed(catalog, verdicts, n);
		gone[i] = !stop;
	}
}

struct pruning {
	const struct backup_dir *dir;
	struct segment_list list;
	struct catalog catalog;
	struct retention_verdict *verdicts; /* in the order of the catalog */
	bool dry_run;
	segment_gone_fn tell;
	void *arg;
	int64_t live_upto; /* entries behind it are in the live journal */
};

static enum dum_status prune(int *removed, struct pruning *p,
                             struct dum_error *err)
{
	bool *gone = calloc(p->list.count + 1, sizeof(*gone));
	enum dum_status status = DUM_OK;

	if (gone == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	segment_plan(gone, &p->list, &p->catalog, p->verdicts, p->live_upto);
	for (size_t i = 0; i < p->list.count && status == DUM_OK; i++) {
		char name[SEGMENT_NAME_MAX];

		if (!gone[i])
			continue;
		segment_name_format(name, &p->list.list[i]);
		if (!p->dry_run)
			status = backup_dir_remove(p->dir, name, err);
		if (status != DUM_OK)
			break;
		(*removed)++;
		if (p->tell != NULL)
			p->tell(p->arg, name);
	}
	free(gone);
	return status;
}

/*
 * They leave the live journal only when they are in sealed segments: so these
 * wait for them. Ids of another timeline are held to the same measure, which
 * keeps a segment longer at worst.
 */
static enum dum_status look_at_live(struct pruning *p,
                                    const struct config *config,
                                    struct dum_error *err)
{
	struct journal_start start = {.upto_id = 0};
	enum dum_status status;
	struct db *db = NULL;

	p->live_upto = INT64_MAX;
	if (config->journal_retention_days == 0)
		return DUM_OK;
	status = db_open(&db, config, err);
	if (status == DUM_OK)
		status = journal_start(&start, db, err);
	db_free(db);
	p->live_upto = start.upto_id;
	return status;
}

static enum dum_status plan(struct pruning *p, const struct config *config,
                            struct dum_error *err)
{
	const struct retention_policy policy = retention_policy(config);
	enum dum_status status = look_at_live(p, config, err);

	if (status == DUM_OK)
		status = catalog_read(&p->catalog, config->database_backup_dir,
		                      err);

	if (status != DUM_OK)
		return status;
	p->verdicts = calloc(p->catalog.count + 1, sizeof(*p->verdicts));
	if (p->verdicts == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	return retention_plan(p->verdicts, &p->catalog, &policy, clock_now(),
	                      err);
}

enum dum_status segment_prune(int *removed_out, const struct config *config,
                              bool dry_run, segment_gone_fn tell, void *arg,
                              struct dum_error *err)
{
	const char *backup_dir = config->database_backup_dir;
	struct pruning p = {.dry_run = dry_run, .tell = tell, .arg = arg};
	struct strbuf folder = STRBUF_INIT;
	struct backup_dir *dir = NULL;
	enum dum_status status;
	int removed = 0;

	status = segment_folder(&folder, backup_dir, err);
	if (status == DUM_OK)
		status = segment_list_read(&p.list, folder.buf, err);
	if (status == DUM_OK && p.list.count > 0)
		status = plan(&p, config, err);
	if (status == DUM_OK && p.list.count > 0)
		status = segment_dir_take(&dir, backup_dir, "dum-backup prune",
		                          false, err);
	p.dir = dir;
	if (status == DUM_OK && dir != NULL)
		status = prune(&removed, &p, err);
	backup_dir_close(dir);
	free(p.verdicts);
	catalog_release(&p.catalog);
	segment_list_release(&p.list);
	strbuf_release(&folder);
	if (status == DUM_OK)
		*removed_out = removed;
	return status;
}
