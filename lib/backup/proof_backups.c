/* Are the backups what they should be, and would one of them come back? */
#include <stdio.h>
#include <string.h>

#include "backup/offsite.h"
#include "backup/proof_parts.h"
#include "backup/restore_drill.h"
#include "backup/segment_check.h"
#include "backup/ship.h"
#include "base/plural.h"

/* The first note of the catalog that is not about a manifest never made. */
static void check_chain(struct proving *p)
{
	const struct catalog *catalog = &p->catalog;
	struct dum_error err = {0};
	enum dum_status status = DUM_OK;
	char text[64];

	for (size_t i = 0; i < catalog->count && status == DUM_OK; i++) {
		const struct catalog_entry *e = &catalog->list[i];

		if (e->note[0] != '\0')
			status = error_set(&err, e->problem, "%s: %s", e->name,
			                   e->note);
	}
	snprintf(text, sizeof(text), "%zu backup%s, none is missing",
	         catalog->count, plural_s((int64_t)catalog->count));
	proof_note(p, "chain", status, &err, text);
}

static enum dum_status verify_one(struct proving *p, const char *name,
                                  struct dum_error *err)
{
	const struct verify_request request = {.dir = p->dir,
	                                       .name = name,
	                                       .level = 1,
	                                       .key = p->options->key,
	                                       .config = true};
	struct manifest m;

	return verify_backup(&m, NULL, &request, err);
}

/* What was found is in the manifests now: what follows goes by that. */
static void look_again(struct proving *p)
{
	struct dum_error ignored = {0};
	struct catalog fresh;

	if (catalog_read(&fresh, backup_dir_path(p->dir), &ignored) != DUM_OK)
		return;
	catalog_release(&p->catalog);
	p->catalog = fresh;
}

static void check_last(struct proving *p)
{
	const struct catalog *catalog = &p->catalog;
	struct dum_error err = {0}, first = {0};
	enum dum_status status = DUM_OK;
	int done = 0, bad = 0;
	char text[64];

	for (size_t i = catalog->count; i-- > 0 && done < p->options->latest;) {
		if (catalog->list[i].state == BACKUP_MISSING)
			continue;
		done++;
		status = verify_one(p, catalog->list[i].name, &err);
		if (status != DUM_OK && bad++ == 0)
			first = err;
		error_clear(&err);
	}
	status = first.status;
	if (done == 0)
		status = error_set(&first, DUM_ENOTFOUND, "there is no backup");
	else if (bad > 1)
		error_set(&err, status, "%d of the last %d, first %s", bad,
		          done, first.text);
	snprintf(text, sizeof(text), "the last %d decoded and hashed", done);
	proof_note(p, "backups", status, bad > 1 ? &err : &first, text);
	if (bad > 0)
		look_again(p);
}

static void check_drill(struct proving *p)
{
	const struct catalog_entry *e = catalog_newest_proven(&p->catalog);
	struct drill_result result = {.rows = 0};
	struct dum_error err = {0};
	enum dum_status status;
	char text[PROOF_TEXT_MAX];

	if (e == NULL)
		status = error_set(&err, DUM_ENOTFOUND,
		                   "there is no proven backup to restore");
	else
		status = restore_drill(&result, p->config, p->dir, p->who,
		                       e->name, p->options->key, &err);
	snprintf(text, sizeof(text),
	         "%s restored into a scratch database: %lld row%s of %zu "
	         "tables, all the same",
	         e != NULL ? e->name : "", (long long)result.rows,
	         plural_s(result.rows), result.tables);
	proof_note(p, "drill", status, &err, text);
}

/* The last proven one before e from which entries lead to it; NULL: none. */
static const struct catalog_entry *before_it(const struct catalog *catalog,
                                             const struct catalog_entry *e)
{
	for (size_t i = catalog->count; i-- > 0;) {
		const struct catalog_entry *b = &catalog->list[i];

		if (b->state == BACKUP_PROVEN && b->timeline == e->timeline &&
		    b->journal_id < e->journal_id &&
		    strcmp(b->database_id, e->database_id) == 0)
			return b;
	}
	return NULL;
}

/* Would an instant come back? The newest backup knows what has to come out. */
static void check_replay(struct proving *p)
{
	const struct catalog_entry *e = catalog_newest_proven(&p->catalog);
	const struct catalog_entry *from = NULL;
	struct dum_error err = {0};
	char text[PROOF_TEXT_MAX];
	enum dum_status status;
	int64_t entries = 0;

	if (e != NULL && ship_is_used(p->config))
		from = before_it(&p->catalog, e);
	if (from == NULL)
		return;
	status = replay_drill(&entries, p->config, p->dir, p->who,
	                      &(struct replay_drill){.from = from->name,
	                                             .upto_id = e->journal_id},
	                      p->options->key, &err);
	snprintf(text, sizeof(text),
	         "of the shipped journal, %lld %s from %s to what %s has",
	         (long long)entries,
	         plural(entries, "entry leads", "entries lead"), from->name,
	         e->name);
	proof_note(p, "replay", status, &err, text);
}

/* Room for one more backup, and to unpack it, as those who do it ask for it. */
static void check_space(struct proving *p)
{
	const struct catalog_entry *end = catalog_chain_end(&p->catalog);
	int64_t have = 0, need, need_mb, written = 0;
	struct dum_error err = {0};
	enum dum_status status;
	char text[64];

	if (end != NULL)
		written = end->image_bytes + end->bytes + end->bytes / 10;
	need = backup_dir_room_for(written);
	/* Told in whole MB, rounded up: what is needed is never none. */
	need_mb = (need + 999999) / 1000000;
	status = backup_dir_free_bytes(&have, backup_dir_path(p->dir), &err);
	if (status == DUM_OK && have < need)
		status = error_set(&err, DUM_EFULL,
		                   "%s has %lld MB free; the next backup and "
		                   "its verification need %lld",
		                   backup_dir_path(p->dir),
		                   (long long)(have / 1000000),
		                   (long long)need_mb);
	snprintf(text, sizeof(text), "%lld MB free, %lld MB needed",
	         (long long)(have / 1000000), (long long)need_mb);
	proof_note(p, "space", status, &err, text);
}

static void check_age(struct proving *p)
{
	const struct catalog_entry *e = catalog_newest_proven(&p->catalog);
	int64_t age = e != NULL ? clock_now() - e->parsed.at : 0;
	struct dum_error err = {0};
	enum dum_status status = DUM_OK;
	char text[PROOF_TEXT_MAX];

	if (e == NULL)
		status = error_set(&err, DUM_ENOTFOUND,
		                   "there is no proven backup");
	else if (age > p->options->max_age_s)
		status = error_set(&err, DUM_ENOTFOUND,
		                   "the newest proven backup is %lld hour%s "
		                   "old: %s",
		                   (long long)age / 3600, plural_s(age / 3600),
		                   e->name);
	else if (age < 0)
		status = error_set(&err, DUM_ECONFLICT,
		                   "the clock stands before the newest proven "
		                   "backup, %s",
		                   e->name);
	snprintf(text, sizeof(text), "the newest proven one is %lld hour%s old",
	         (long long)age / 3600, plural_s(age / 3600));
	proof_note(p, "age", status, &err, text);
}

/* Where shipping is in use: the journal beside the backups. */
static void check_segments(struct proving *p)
{
	struct segment_access access = {.container = p->options->key};
	struct segment_key seals = {.hmac = NULL};
	struct segment_report report = {.segments = 0};
	struct dum_error err = {0};
	enum dum_status status;
	char text[PROOF_TEXT_MAX];

	if (!ship_is_used(p->config))
		return;
	status = segment_key_read(&seals, p->config->secret_key_file, &err);
	access.seals = &seals;
	if (status == DUM_OK)
		status = segment_check(&report, backup_dir_path(p->dir),
		                       &p->catalog, &access, NULL, NULL, &err);
	segment_key_release(&seals);
	if (status == DUM_OK && report.problems > 0)
		status = error_set(&err, report.status, "%s", report.text);
	snprintf(text, sizeof(text),
	         "%zu segment%s with %lld %s, none is missing; the last is "
	         "%lld of %s",
	         report.segments, plural_s((int64_t)report.segments),
	         (long long)report.entries,
	         plural(report.entries, "entry", "entries"),
	         (long long)report.last_id, report.last_at);
	proof_note(p, "segments", status, &err, text);
}

/* Where copies go elsewhere: when was that last done to its end? */
static void check_copies(struct proving *p)
{
	const char *target = p->config->sync_target;
	struct dum_error err = {0};
	char text[PROOF_TEXT_MAX];
	enum dum_status status;
	int64_t at = 0, age;

	if (target[0] == '\0')
		return;
	status = offsite_last(&at, p->config, &err);
	age = clock_now() - at;
	if (status == DUM_OK && at == 0)
		status = error_set(&err, DUM_ENOTFOUND,
		                   "the backups were never copied to %s: "
		                   "dum-backup sync",
		                   target);
	else if (status == DUM_OK && age > p->options->max_age_s)
		status = error_set(&err, DUM_ENOTFOUND,
		                   "the copies in %s are %lld hour%s old: "
		                   "dum-backup sync",
		                   target, (long long)age / 3600,
		                   plural_s(age / 3600));
	snprintf(text, sizeof(text), "the copies in %s are %lld hour%s old",
	         target, (long long)age / 3600, plural_s(age / 3600));
	proof_note(p, "copies", status, &err, text);
}

void proof_backups(struct proving *p)
{
	check_chain(p);
	check_segments(p);
	check_last(p);
	check_drill(p);
	check_replay(p);
	check_space(p);
	check_age(p);
	check_copies(p);
}
