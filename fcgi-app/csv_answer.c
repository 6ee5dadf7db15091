#include "csv_answer.h"

#include <string.h>
#include <strings.h>

#include "base/json_writer.h"
#include "store/journal.h"

/* The quality of one media range, in thousandths; RFC 9110, 12.4.2. */
static int quality(const char *range, size_t len)
{
	const char *q = memmem(range, len, "q=", 2);
	int value = 0;

	if (q == NULL)
		return 1000;
	q += 2;
	if (*q != '0')
		return 1000;
	q += q[1] == '.' ? 2 : 1;
	for (int scale = 100; scale > 0 && *q >= '0' && *q <= '9'; q++) {
		value += (*q - '0') * scale;
		scale /= 10;
	}
	return value;
}

/* How much a type is wanted: by itself, else by a range that has it. */
static int wanted(const char *accept, const char *type)
{
	size_t group = strcspn(type, "/") + 1, exact = strlen(type);
	int best = -1, precision = 0;

	while (*accept != '\0') {
		size_t len, name;
		int how = 0;

		accept += strspn(accept, " \t,");
		len = strcspn(accept, ",");
		name = strcspn(accept, " \t;,");
		if (name == exact && strncasecmp(accept, type, exact) == 0)
			how = 3;
		else if (name == group + 1 && accept[group] == '*' &&
		         strncasecmp(accept, type, group) == 0)
			how = 2;
		else if (name == 3 && strncmp(accept, "*/*", 3) == 0)
			how = 1;
		if (how > precision) {
			precision = how;
			best = quality(accept, len);
		}
		accept += len;
	}
	return best;
}

bool csv_answer_accepted(const char *accept)
{
	int csv = wanted(accept, "text/csv");

	return csv > 0 && csv > wanted(accept, "application/json");
}

bool csv_answer_wanted(const struct route *route, const struct request *req)
{
	if ((route->flags & ROUTE_CSV) == 0)
		return false;
	for (size_t i = 0; route->params[i].name != NULL; i++)
		if (strcmp(route->params[i].name, "format") == 0 &&
		    req->params[i].given)
			return req->params[i].number == 1;
	return csv_answer_accepted(req->headers.accept);
}

/* Who reads does not expect to wait for a writer, and is told why. */
static enum dum_status take_turn(struct app *app, const struct request *req,
                                 struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status = app_begin(app, req, &inner);

	if (status == DUM_EBUSY)
		return error_set(err, status,
		                 "who takes a table is written down first, and "
		                 "that has to wait: %s. As JSON the same can "
		                 "be read meanwhile",
		                 inner.text);
	return status == DUM_OK ? status
	                        : error_set(err, status, "%s", inner.text);
}

enum dum_status csv_answer_note(struct app *app, const struct request *req,
                                struct dum_error *err)
{
	struct journal_event event = {.name = "export", .object = req->path};
	struct strbuf detail = STRBUF_INIT;
	struct json_writer w = {.out = &detail};
	enum dum_status status;

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "format", "csv");
	jsonw_member_string(&w, "query", req->query);
	jsonw_object_end(&w);
	event.detail = detail.buf;
	status = strbuf_ok(&detail)
	             ? take_turn(app, req, err)
	             : error_set(err, DUM_ENOMEM, "out of memory");
	if (status == DUM_OK)
		status = journal_event(app->db, &event, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	db_rollback(app->db);
	strbuf_release(&detail);
	return status;
}
