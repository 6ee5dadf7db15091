/*
 * dum-admin audit prune: old entries go out of the journal, into a file.
 *
 * First the file, whole and on the disk; then the deletion, which checks the
 * chain once more. Killed between the two, the file is there and nothing is
 * deleted: the next run names a new file.
 */
#include <string.h>

#include "admin_command.h"
#include "base/json_writer.h"
#include "base/plural.h"
#include "calc/date.h"
#include "ops/journal_file.h"
#include "store/journal.h"
#include "store/journal_prune.h"

static void step(void *arg, int64_t done, int64_t all)
{
	tool_progress_step(arg, done, all);
}

/* The first instant of the day that stays, in the zone of the settings. */
static enum dum_status read_before(char out[static CLOCK_TEXT_MAX],
                                   const struct admin *admin,
                                   struct dum_error *err)
{
	const char *text = admin_value(admin, OPTION_BEFORE);
	struct date day;
	int64_t at;

	if (!date_parse(&day, text, strlen(text)))
		return error_set(err, DUM_EINVAL,
		                 "--before '%.40s' is no day: YYYY-MM-DD",
		                 text);
	at = clock_midnight(day.year, day.month, day.day);
	if (at > clock_now())
		return error_set(err, DUM_EINVAL,
		                 "--before %s is yet to come: today's entries "
		                 "stay",
		                 text);
	clock_format_utc(out, at);
	return DUM_OK;
}

/* Broken entries are evidence: they stay where they are. */
static enum dum_status check_chain(struct admin *admin, int64_t upto_id,
                                   struct dum_error *err)
{
	struct tool_progress progress;
	struct journal_verdict verdict;
	enum dum_status status;

	tool_progress_start(&progress, "checking the journal");
	status = journal_verify_upto(&verdict, admin->db, upto_id, step,
	                             &progress, err);
	tool_progress_end(&progress);
	if (status == DUM_OK && verdict.broken_id != 0)
		status = error_set(err, DUM_EDAMAGED,
		                   "entry %lld of the journal is broken (%s); "
		                   "nothing was pruned",
		                   (long long)verdict.broken_id, verdict.why);
	return status;
}

static void print(const struct admin *admin, int64_t entries, int64_t upto_id)
{
	const char *path = admin_value(admin, OPTION_KEEP);
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};

	if (!admin->json && entries == 0)
		printf("nothing is older: no file was made\n");
	else if (!admin->json)
		printf("%lld %s up to %lld: in %s and no longer in the "
		       "journal\n",
		       (long long)entries, plural(entries, "entry", "entries"),
		       (long long)upto_id, path);
	if (!admin->json)
		return;
	jsonw_object_begin(&w);
	jsonw_member_int(&w, "entries", entries);
	jsonw_member_int(&w, "upto_id", upto_id);
	if (entries > 0)
		jsonw_member_string(&w, "file", path);
	else
		jsonw_member_null(&w, "file");
	jsonw_object_end(&w);
	puts(text.buf);
	strbuf_release(&text);
}

/* The file holds what goes, and what goes is what the file holds. */
static enum dum_status keep_and_delete(int64_t *entries, struct admin *admin,
                                       int64_t upto_id, struct dum_error *err)
{
	const char *path = admin_value(admin, OPTION_KEEP);
	enum dum_status status;
	int64_t deleted = 0;

	status = journal_file_write(entries, path, admin->db, upto_id, err);
	if (status == DUM_OK)
		status = db_begin_long(admin->db, &admin->who, err);
	if (status == DUM_OK)
		status = journal_prune(&deleted, admin->db, upto_id, err);
	if (status == DUM_OK && deleted != *entries)
		status = error_set(err, DUM_ECONFLICT,
		                   "%s has %lld %s, but %lld were about "
		                   "to go: somebody else pruned; nothing was "
		                   "deleted",
		                   path, (long long)*entries,
		                   plural(*entries, "entry", "entries"),
		                   (long long)deleted);
	if (status == DUM_OK)
		status = db_commit(admin->db, err);
	db_rollback(admin->db);
	return status;
}

enum dum_status admin_audit_prune(struct admin *admin, int *exit_out,
                                  struct dum_error *err)
{
	int64_t upto_id = 0, entries = 0;
	char before[CLOCK_TEXT_MAX];
	enum dum_status status;

	(void)exit_out;
	status = read_before(before, admin, err);
	if (status == DUM_OK)
		status = db_open(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = journal_last_before(&upto_id, admin->db, before, err);
	if (status == DUM_OK && upto_id > 0)
		status = check_chain(admin, upto_id, err);
	if (status == DUM_OK && upto_id > 0)
		status = keep_and_delete(&entries, admin, upto_id, err);
	if (status == DUM_OK)
		print(admin, entries, upto_id);
	return status;
}
