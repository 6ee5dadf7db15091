/*
 * The head of a request: method, address, Content-Length and request id, one a
 * line; then the route and the parameters of the query, read by a table that
 * has each type.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "fuzz_app.h"
#include "param.h"
#include "route.h"

static const char *const choices[] = {"day", "week", "month", NULL};

static const struct param table[] = {
    {.name = "int", .type = PARAM_INT, .min = -5, .max = 500, .initial = 7},
    {.name = "bool", .type = PARAM_BOOL},
    {.name = "date", .type = PARAM_DATE},
    {.name = "choice", .type = PARAM_CHOICE, .choices = choices},
    {.name = "text", .type = PARAM_TEXT, .max = 40},
    {.name = NULL}};

enum { PARAMS = sizeof(table) / sizeof(table[0]) };

static void check_values(const struct param_value values[static PARAMS])
{
	FUZZ_CHECK(values[0].given || values[0].number == 7);
	FUZZ_CHECK(values[0].number >= -5 && values[0].number <= 500);
	FUZZ_CHECK(values[1].number == 0 || values[1].number == 1);
	FUZZ_CHECK(!values[2].given || date_valid(values[2].date));
	FUZZ_CHECK(values[3].number >= 0 && values[3].number < 3);
	FUZZ_CHECK(!values[4].given || values[4].text[0] != '\0');
	FUZZ_CHECK(utf8_printable(values[4].text, strlen(values[4].text)));
}

static void check_route(const struct request *req)
{
	unsigned allowed = 0;
	char file[PATH_FILE_MAX] = "?";
	int64_t id = -1;
	const struct route *route = route_find(req->method, req->path, &allowed,
	                                       &id, file);

	FUZZ_CHECK(id >= 0);
	FUZZ_CHECK(strpbrk(file, "/?%") == NULL);
	FUZZ_CHECK(route == NULL || (route->method & req->method) != 0 ||
	           req->method == METHOD_HEAD);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_lines lines;
	struct param_value values[PARAMS] = {0};
	struct dum_error err = {0};
	struct request req;

	fuzz_lines_split(&lines, data, size);
	if (request_init(&req, lines.line[0], lines.line[1], lines.line[2],
	                 lines.line[3], &err) == DUM_OK) {
		FUZZ_CHECK(req.path[0] == '/');
		FUZZ_CHECK(strlen(req.query) <= REQUEST_QUERY_MAX);
		FUZZ_CHECK(req.content_length >= -1);
		check_route(&req);
		if (param_read(values, table, req.query, &err) == DUM_OK)
			check_values(values);
		else
			fuzz_check_error(&err);
	} else {
		fuzz_check_error(&err);
	}
	FUZZ_CHECK(req.id[0] != '\0');
	request_release(&req);
	fuzz_lines_release(&lines);
	return 0;
}
