/* Entries leave the database when sealed segments are proven to have them. */
#include <stdlib.h>
#include <string.h>

#include "backup/segment_prune.h"
#include "store/checkpoint.h"
#include "store/db.h"
#include "store/journal_prune.h"
#include "store/system_info.h"

struct proving {
	struct db *db;
	int64_t upto;   /* no further */
	int64_t proven; /* all up to this one are in sealed segments */
};

/* It is the live one's if its mac is: that hangs on all before it. */
static enum dum_status take(void *arg, const struct journal_record *e,
                            struct dum_error *err)
{
	struct proving *p = arg;
	enum dum_status status;
	bool has = false;

	if (e->id != p->proven + 1 || e->id > p->upto)
		return DUM_OK;
	status = journal_has(&has, p->db, e->id, e->mac, err);
	if (status == DUM_OK && has)
		p->proven = e->id;
	return status;
}

static enum dum_status prove(struct proving *p, const char *backup_dir,
                             const char *database_id,
                             const struct segment_access *access,
                             struct dum_error *err)
{
	struct segment_list list = {.count = 0};
	struct strbuf folder = STRBUF_INIT;
	struct segment_file *file = calloc(1, sizeof(*file));
	enum dum_status status;

	if (file == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = segment_folder(&folder, backup_dir, err);
	if (status == DUM_OK)
		status = segment_list_read(&list, folder.buf, err);
	segment_list_keep(&list, database_id);
	for (size_t i = 0; i < list.count && status == DUM_OK; i++)
		if (list.list[i].last_id > p->proven && p->proven < p->upto)
			status = segment_file_read(file, folder.buf,
			                           &list.list[i], access, take,
			                           p, err);
	free(file);
	segment_list_release(&list);
	strbuf_release(&folder);
	return status;
}

static enum dum_status let_go(int64_t *deleted, struct db *db,
                              const struct origin *who, int64_t upto,
                              struct dum_error *err)
{
	enum dum_status status = db_begin_long(db, who, err);

	if (status == DUM_OK)
		status = journal_prune(deleted, db, upto, err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	db_rollback(db);
	if (status == DUM_OK)
		db_checkpoint_if_long(db);
	return status;
}

static enum dum_status work(struct journal_gone *out, struct db *db,
                            const struct origin *who,
                            const struct segment_access *access, int64_t days,
                            bool dry_run, struct dum_error *err)
{
	struct strbuf id = STRBUF_INIT;
	struct journal_start start = {.upto_id = 0};
	struct proving p = {.db = db};
	char before[CLOCK_TEXT_MAX];
	enum dum_status status;

	clock_format_utc(before, clock_now() - days * 86400);
	status = journal_last_before(&p.upto, db, before, err);
	if (status == DUM_OK)
		status = journal_start(&start, db, err);
	if (status == DUM_OK)
		status = system_info_get(&id, db, "database_id", err);
	if (status != DUM_OK || p.upto <= start.upto_id) {
		strbuf_release(&id);
		return status;
	}
	p.proven = start.upto_id;
	status = prove(&p, db_config(db)->database_backup_dir, id.buf, access,
	               err);
	strbuf_release(&id);
	if (status != DUM_OK)
		return status;
	out->held = p.upto - p.proven;
	out->entries = p.proven - start.upto_id;
	out->upto_id = out->entries > 0 ? p.proven : 0;
	if (out->entries > 0 && !dry_run)
		status = let_go(&out->entries, db, who, p.proven, err);
	return status;
}

enum dum_status journal_let_go(struct journal_gone *out,
                               const struct config *config,
                               const struct origin *who,
                               const struct segment_access *access,
                               int64_t days, bool dry_run,
                               struct dum_error *err)
{
	struct journal_gone gone = {.entries = 0};
	enum dum_status status;
	struct db *db = NULL;

	status = db_open(&db, config, err);
	if (status == DUM_OK)
		status = work(&gone, db, who, access, days, dry_run, err);
	db_free(db);
	if (status == DUM_OK)
		*out = gone;
	return status;
}
