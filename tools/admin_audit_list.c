/*
 * dum-admin audit list: the journal for people without the dashboard.
 *
 * The store lists one actor at a time. Of several, the newest entries of each
 * are collected and put in order, so that a rare one is found without reading
 * all that the others did.
 */
#include <stdlib.h>
#include <string.h>

#include "admin_command.h"
#include "base/json_writer.h"
#include "base/utf8.h"
#include "store/journal_list.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MOST = 10000 };

struct line {
	int64_t id;
	char *text;
};

struct list {
	bool json;
	int limit;
	int count;         /* of lines */
	int seen;          /* of the actor at hand */
	struct line *line; /* room for limit times actors */
};

/* What somebody typed into a log-in must not steer a terminal. */
static void add_word(struct strbuf *out, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (len == 0)
		strbuf_addc(out, '-');
	for (size_t i = 0, used; i < len; i += used) {
		used = utf8_printable_sequence(text + i, len - i);
		if (used > 0) {
			strbuf_add(out, text + i, used);
			continue;
		}
		strbuf_addc(out, '?');
		used = utf8_sequence(text + i, len - i);
		if (used == 0)
			used = 1;
	}
}

static void add_text_line(struct strbuf *out, const struct journal_row *row)
{
	const char *columns[] = {row->at,     row->actor,  row->address,
	                         row->source, row->op,     row->table,
	                         row->pk,     row->before, row->after};

	strbuf_addi(out, row->id);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		strbuf_addc(out, '\t');
		add_word(out, columns[i]);
	}
}

static void add_member(struct json_writer *w, const char *name,
                       const char *text)
{
	if (text != NULL)
		jsonw_member_string(w, name, text);
	else
		jsonw_member_null(w, name);
}

static void add_value(struct json_writer *w, const char *name, const char *text)
{
	jsonw_key(w, name);
	if (text != NULL)
		jsonw_raw(w, text, strlen(text));
	else
		jsonw_null(w);
}

/* The members of GET /api/audit. */
static void add_json(struct strbuf *out, const struct journal_row *row)
{
	struct json_writer w = {.out = out};

	jsonw_object_begin(&w);
	jsonw_member_int(&w, "id", row->id);
	jsonw_member_string(&w, "at", row->at);
	jsonw_member_string(&w, "actor", row->actor);
	add_member(&w, "address", row->address);
	add_member(&w, "source", row->source);
	add_member(&w, "request_id", row->request_id);
	jsonw_member_string(&w, "kind", row->is_event ? "event" : "change");
	jsonw_member_string(&w, "op", row->op);
	add_member(&w, "table", row->table);
	add_member(&w, "pk", row->pk);
	add_value(&w, "before", row->before);
	add_value(&w, "after", row->after);
	jsonw_object_end(&w);
}

static enum dum_status take(void *arg, const struct journal_row *row,
                            struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	struct list *list = arg;
	char *detached;

	if (list->json)
		add_json(&text, row);
	else
		add_text_line(&text, row);
	detached = strbuf_detach(&text);
	strbuf_release(&text);
	if (detached == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	list->line[list->count++] = (struct line){.id = row->id,
	                                          .text = detached};
	list->seen++;
	return DUM_OK;
}

/* The newest of one actor, page by page; NULL: of all. */
static enum dum_status read_actor(struct list *list, struct db *db,
                                  const char *actor, struct dum_error *err)
{
	struct journal_filter filter = {.actor = actor};
	enum dum_status status = DUM_OK;
	int64_t next = 0;

	list->seen = 0;
	do {
		filter.before = next;
		filter.limit = list->limit - list->seen;
		if (filter.limit > JOURNAL_LIMIT_MAX)
			filter.limit = JOURNAL_LIMIT_MAX;
		status = journal_list(&next, db, &filter, take, list, err);
	} while (status == DUM_OK && next != 0 && list->seen < list->limit);
	return status;
}

static int newest_first(const void *a, const void *b)
{
	int64_t x = ((const struct line *)a)->id;
	int64_t y = ((const struct line *)b)->id;

	return (x < y) - (x > y);
}

static void print(struct list *list)
{
	int64_t last = 0;
	int shown = 0;

	qsort(list->line, (size_t)list->count, sizeof(list->line[0]),
	      newest_first);
	if (list->json)
		putchar('[');
	for (int i = 0; i < list->count && shown < list->limit; i++) {
		if (list->line[i].id == last) /* an actor was named twice */
			continue;
		last = list->line[i].id;
		if (list->json)
			printf("%s%s", shown > 0 ? "," : "",
			       list->line[i].text);
		else
			puts(list->line[i].text);
		shown++;
	}
	if (list->json)
		puts("]");
}

static enum dum_status read_limit(int *out, const struct admin *admin,
                                  struct dum_error *err)
{
	const char *text = admin_value(admin, OPTION_LIMIT);
	char *end;
	long n;

	*out = LIMIT_DEFAULT;
	if (text == NULL)
		return DUM_OK;
	n = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || n < 1 ||
	    n > LIMIT_MOST)
		return error_set(err, DUM_EINVAL,
		                 "--limit '%.20s' is not a whole number from 1 "
		                 "to %d",
		                 text, LIMIT_MOST);
	*out = (int)n;
	return DUM_OK;
}

static enum dum_status read_all(struct list *list, struct admin *admin,
                                struct dum_error *err)
{
	enum dum_status status;
	const char *actor;
	int actors = 0;

	while (admin_options_value(&admin->options, OPTION_ACTOR, actors))
		actors++;
	list->line = calloc((size_t)list->limit * (size_t)(actors + 1),
	                    sizeof(list->line[0]));
	if (list->line == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = db_read_begin(admin->db, 0, err);
	if (status == DUM_OK && actors == 0)
		status = read_actor(list, admin->db, NULL, err);
	for (int i = 0; status == DUM_OK && i < actors; i++) {
		actor = admin_options_value(&admin->options, OPTION_ACTOR, i);
		status = read_actor(list, admin->db, actor, err);
	}
	db_read_end(admin->db);
	return status;
}

enum dum_status admin_audit_list(struct admin *admin, int *exit_out,
                                 struct dum_error *err)
{
	struct list list = {.json = admin->json};
	enum dum_status status;

	(void)exit_out;
	status = read_limit(&list.limit, admin, err);
	if (status == DUM_OK)
		status = db_open(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = read_all(&list, admin, err);
	if (status == DUM_OK)
		print(&list);
	for (int i = 0; i < list.count; i++)
		free(list.line[i].text);
	free(list.line);
	return status;
}
