/*
 * What a client sends: the input is cut at its line feeds into the URI, the
 * Content-Length, the id, Cookie, Authorization, and a JSON body of all that
 * is left. A request that is taken keeps within its limits, and a value that
 * is taken keeps within those of its row.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "body.h"
#include "credential.h"
#include "param.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES = 5 };

static const char *const words[] = {"read", "write", "admin", NULL};

enum { PAGE, DAY, YES, FORMAT, NAME, PARAMS };

static const struct param params[] = {
    [PAGE] = {.name = "page", .type = PARAM_INT, .min = -5, .max = 1000},
    [DAY] = {.name = "day", .type = PARAM_DATE},
    [YES] = {.name = "yes", .type = PARAM_BOOL},
    [FORMAT] = {.name = "format", .type = PARAM_CHOICE, .choices = words},
    [NAME] = {.name = "name", .type = PARAM_TEXT, .max = 10},
    [PARAMS] = {.name = NULL},
};

enum { LINE, SECRET, COUNT, ID, IDS, ONE, SOME, DATE, AT, GB, MEMBERS };

static const struct member members[] = {
    [LINE] = {.name = "line", .type = MEMBER_TEXT, .min = 1, .max = 20},
    [SECRET] = {.name = "secret", .type = MEMBER_SECRET, .max = 20},
    [COUNT] = {.name = "count", .type = MEMBER_INT, .min = -3, .max = 3},
    [ID] = {.name = "id", .type = MEMBER_ID},
    [IDS] = {.name = "ids",
             .type = MEMBER_IDS,
             .nullable = true,
             .min = 1,
             .max = 5},
    [ONE] = {.name = "one", .type = MEMBER_CHOICE, .choices = words},
    [SOME] = {.name = "some", .type = MEMBER_CHOICES, .choices = words},
    [DATE] = {.name = "date", .type = MEMBER_DATE},
    [AT] = {.name = "at", .type = MEMBER_TIME, .nullable = true},
    [GB] = {.name = "gb", .type = MEMBER_GB, .max = 1000000},
    [MEMBERS] = {.name = NULL},
};

static void must(bool so)
{
	if (!so)
		abort();
}

static void try_query(const struct request *req)
{
	struct param_value values[PARAMS];
	struct dum_error err = {0};

	if (param_read(values, params, req, &err) != DUM_OK)
		return;
	must(values[PAGE].number >= -5 && values[PAGE].number <= 1000);
	must(!values[DAY].given || date_valid(values[DAY].date));
	must(values[YES].number == 0 || values[YES].number == 1);
	must(values[FORMAT].number >= 0 && values[FORMAT].number < 3);
	must(!values[NAME].given ||
	     utf8_printable(values[NAME].text, strlen(values[NAME].text)));
}

static void check_members(const struct member_value *v)
{
	must(!v[LINE].given ||
	     utf8_printable(v[LINE].text, strlen(v[LINE].text)));
	must(!v[SECRET].given ||
	     utf8_count(v[SECRET].text, strlen(v[SECRET].text)) <= 20);
	must(v[COUNT].number >= -3 && v[COUNT].number <= 3);
	must(!v[ID].given || v[ID].number > 0);
	must(v[IDS].id_count <= 5);
	for (size_t i = 0; i < v[IDS].id_count; i++)
		must(v[IDS].ids[i] > 0);
	must(v[ONE].number >= 0 && v[ONE].number < 3);
	must(v[SOME].number >= 0 && v[SOME].number < 8);
	must(!v[DATE].given || date_valid(v[DATE].date));
	must(v[AT].number >= 0);
	must(v[GB].number >= 0 && v[GB].number <= INT64_C(1000000000000000));
}

static void try_body(struct request *req, const char *text, size_t len)
{
	struct member_value values[MEMBERS] = {{.given = false}};
	struct dum_error err = {0};

	strbuf_add(&req->body, text, len);
	if (body_read(values, members, req, &err) == DUM_OK)
		check_members(values);
	else
		must(utf8_printable(err.text, strlen(err.text)));
}

static void try_credential(const struct request *req)
{
	struct credential credential;
	struct dum_error err = {0};

	if (credential_read(&credential, req, &err) == DUM_OK)
		must(strlen(credential.text) < sizeof(credential.text));
}

/* The next line, ended; what comes after the last is the rest. */
static char *take_line(char **rest)
{
	char *line = *rest, *end = strchr(line, '\n');

	if (end == NULL) {
		*rest = line + strlen(line);
		return line;
	}
	*end = '\0';
	*rest = end + 1;
	return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *lines[LINES], *text = malloc(size + 1), *rest = text;
	struct dum_error err = {0};
	struct request req;

	must(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	for (int i = 0; i < LINES; i++)
		lines[i] = take_line(&rest);
	if (request_init(&req, "POST", lines[0], lines[1], lines[2], &err) ==
	    DUM_OK) {
		must(req.path[0] == '/');
		must(req.content_length >= -1);
		must(strlen(req.id) >= 1 && strlen(req.id) <= REQUEST_ID_MAX);
		req.headers.cookie = lines[3];
		req.headers.authorization = lines[4];
		try_query(&req);
		try_credential(&req);
		try_body(&req, rest, size - (size_t)(rest - text));
	}
	request_release(&req);
	free(text);
	return 0;
}
