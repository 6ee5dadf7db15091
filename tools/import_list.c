/* The list of imports, and taking one back. */
#include <string.h>

#include "base/json_writer.h"
#include "calc/csv_quote.h"
#include "import_command.h"
#include "store/checkpoint.h"
#include "store/import.h"
#include "store/import_row.h"
#include "store/import_undo.h"

struct list {
	bool json;
	struct strbuf text; /* JSON */
	struct json_writer w;
	int64_t shown;
};

static enum dum_status show_row(void *arg, const struct import_row *row,
                                struct dum_error *err)
{
	const struct import_counts *n = &row->record.counts;
	struct list *list = arg;
	char name[CSV_QUOTE_MAX];

	(void)err;
	list->shown++;
	if (list->json) {
		import_row_json(&list->w, row);
		return DUM_OK;
	}
	csv_quote(name, row->record.file_name, strlen(row->record.file_name));
	printf("%6lld  %s  %-10s  %8lld new %8lld changed  %s",
	       (long long)row->id, row->at, row->record.kind, (long long)n->new,
	       (long long)n->changed, name);
	if (row->undone_at != NULL)
		printf("  (taken back %s by %s)", row->undone_at,
		       row->undone_by);
	printf("\n");
	return DUM_OK;
}

enum tool_exit import_run_list(const struct import_command *command,
                               struct config *config)
{
	struct list list = {.json = command->json};
	struct dum_error err = {0};
	enum dum_status status;
	struct db *db = NULL;

	strbuf_init(&list.text);
	list.w.out = &list.text;
	jsonw_array_begin(&list.w);
	status = db_open(&db, config, &err);
	if (status == DUM_OK)
		status = import_each(db, 0, -1, show_row, &list, &err);
	jsonw_array_end(&list.w);
	db_free(db);
	if (status == DUM_OK && list.json && !strbuf_ok(&list.text))
		status = error_set(&err, DUM_ENOMEM, "out of memory");
	if (status == DUM_OK && list.json)
		printf("%s\n", list.text.buf);
	else if (status == DUM_OK && list.shown == 0)
		fprintf(stderr, IMPORT_PROGRAM ": nothing was imported yet\n");
	strbuf_release(&list.text);
	if (status != DUM_OK)
		return tool_fail(IMPORT_PROGRAM, &err);
	return tool_finish(IMPORT_PROGRAM, TOOL_DONE);
}

static void print_undone_json(const struct import_undone *u, int64_t id)
{
	struct strbuf sb = STRBUF_INIT;
	struct json_writer w = {.out = &sb};

	import_undone_json(&w, id, u);
	printf("%s\n", sb.buf);
	strbuf_release(&sb);
}

static void print_undone(const struct import_undone *u, int64_t id)
{
	printf("import %lld was taken back\n", (long long)id);
	printf("  records    %lld removed, %lld restored\n",
	       (long long)u->removed, (long long)u->restored);
	if (u->summaries_removed + u->summaries_restored > 0)
		printf("  summaries  %lld removed, %lld restored\n",
		       (long long)u->summaries_removed,
		       (long long)u->summaries_restored);
	printf("  locations  %lld removed", (long long)u->locations_removed);
	if (u->locations_left > 0)
		printf(", %lld left that are in use or were changed since",
		       (long long)u->locations_left);
	printf("\n");
}

/* What stood in the way, record by record. */
static void print_touched(const struct import_undone *u)
{
	long long more = u->touched - IMPORT_TOUCHED_MAX;

	for (int i = 0; i < u->touched && i < IMPORT_TOUCHED_MAX; i++) {
		const struct import_touched *t = &u->first[i];
		char name[CSV_QUOTE_MAX];

		fprintf(stderr, "  %s of %s%s\n", t->date,
		        csv_quote(name, t->location, strlen(t->location)),
		        t->summary ? " (monthly summary)" : "");
	}
	if (more > 0)
		fprintf(stderr, "  ... and %lld more\n", more);
}

static enum dum_status undo(struct import_undone *out, struct db *db,
                            int64_t id, struct dum_error *err)
{
	enum dum_status status;
	struct origin who;
	char actor[128];

	who = tool_origin(IMPORT_PROGRAM, actor, sizeof(actor));
	status = db_begin_long(db, &who, err);
	if (status == DUM_OK)
		status = import_undo(out, db, id, err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	db_rollback(db);
	if (status == DUM_OK)
		db_checkpoint_if_long(db);
	return status;
}

enum tool_exit import_run_undo(const struct import_command *command,
                               struct config *config)
{
	static struct import_undone undone;
	struct dum_error err = {0};
	enum tool_exit exit_status;
	enum dum_status status;
	struct db *db = NULL;

	status = db_open(&db, config, &err);
	if (status == DUM_OK)
		status = undo(&undone, db, command->undo_id, &err);
	db_free(db);
	if (command->json && (status == DUM_OK || undone.touched > 0))
		print_undone_json(&undone, command->undo_id);
	if (status == DUM_OK && !command->json)
		print_undone(&undone, command->undo_id);
	if (status == DUM_OK)
		return tool_finish(IMPORT_PROGRAM, TOOL_DONE);
	exit_status = tool_fail(IMPORT_PROGRAM, &err);
	print_touched(&undone);
	return exit_status;
}
