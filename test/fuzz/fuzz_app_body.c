/*
 * A JSON body, read through the reader of bodies into a table that has each
 * type of member. The first byte says how far Content-Length is off.
 */
#include "body.h"

#include "fuzz_app.h"

enum { GB_MAX = 10000, TEXT_MAX = 40, IDS_MAX = 50 };

static const char *const choices[] = {"viewer", "editor", "admin", NULL};

static const struct member table[] = {
    {.name = "text", .type = MEMBER_TEXT, .min = 1, .max = TEXT_MAX},
    {.name = "secret", .type = MEMBER_SECRET, .min = 1, .max = TEXT_MAX},
    {.name = "bool", .type = MEMBER_BOOL},
    {.name = "int", .type = MEMBER_INT, .min = -3, .max = 31},
    {.name = "id", .type = MEMBER_ID},
    {.name = "ids",
     .type = MEMBER_IDS,
     .nullable = true,
     .min = 1,
     .max = IDS_MAX},
    {.name = "choice", .type = MEMBER_CHOICE, .choices = choices},
    {.name = "choices", .type = MEMBER_CHOICES, .choices = choices},
    {.name = "date", .type = MEMBER_DATE},
    {.name = "time", .type = MEMBER_TIME, .nullable = true},
    {.name = "gb", .type = MEMBER_GB, .max = GB_MAX},
    {.name = NULL}};

enum { MEMBERS = sizeof(table) / sizeof(table[0]) };

struct source {
	const uint8_t *data;
	size_t left;
};

static size_t read_source(void *arg, char *buf, size_t size)
{
	struct source *source = arg;
	size_t n = size < source->left ? size : source->left;

	if (n > 0)
		memcpy(buf, source->data, n);
	source->data += n;
	source->left -= n;
	return n;
}

static void check_text(const struct member_value *value)
{
	FUZZ_CHECK(!value->given || value->text[0] != '\0');
	FUZZ_CHECK(!value->given ||
	           strlen(value->text) <= TEXT_MAX * (size_t)4);
}

static void check_ids(const struct member_value *value)
{
	if (!value->given || value->is_null)
		return;
	FUZZ_CHECK(value->id_count >= 1 && value->id_count <= IDS_MAX);
	for (size_t i = 0; i < value->id_count; i++) {
		FUZZ_CHECK(value->ids[i] > 0);
		for (size_t j = 0; j < i; j++)
			FUZZ_CHECK(value->ids[i] != value->ids[j]);
	}
}

static void check_values(const struct member_value v[static MEMBERS])
{
	check_text(&v[0]);
	check_text(&v[1]);
	FUZZ_CHECK(!v[0].given || utf8_printable(v[0].text, strlen(v[0].text)));
	FUZZ_CHECK(v[2].number == 0 || v[2].number == 1);
	FUZZ_CHECK(v[3].number >= -3 && v[3].number <= 31);
	FUZZ_CHECK(!v[4].given || v[4].number > 0);
	check_ids(&v[5]);
	FUZZ_CHECK(v[6].number >= 0 && v[6].number < 3);
	FUZZ_CHECK(v[7].number >= 0 && v[7].number < 1 << 3);
	FUZZ_CHECK(!v[8].given || date_valid(v[8].date));
	FUZZ_CHECK(v[10].number >= 0 &&
	           v[10].number <= GB_MAX * INT64_C(1000000000));
}

/* Each item has its number, and the first that is wrong is the last. */
static enum dum_status read_items(struct member_value *values,
                                  struct request *req, struct dum_error *err)
{
	struct body_items items = {.req = req};
	enum dum_status status = DUM_OK;
	int count = 0;

	while (body_next(values, &items, table, &status, err)) {
		FUZZ_CHECK(items.count == ++count && req->in_item == count);
		check_values(values);
	}
	FUZZ_CHECK(status != DUM_OK || (count > 0 && req->in_item == 0));
	FUZZ_CHECK(items.at <= req->body.len + 1);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct member_value values[MEMBERS] = {0};
	struct dum_error err = {0};
	struct source source;
	struct request req;
	enum dum_status status;

	if (size == 0)
		return 0;
	source = (struct source){.data = data + 1, .left = size - 1};
	if (request_init(&req, "POST", "/api/x", NULL, "fuzz", &err) != DUM_OK)
		abort();
	req.content_length = (int64_t)size - 1 + data[0] % 3 - 1;
	req.read = read_source;
	req.read_arg = &source;
	status = request_read_body(&req, &err);
	FUZZ_CHECK((status == DUM_OK) ==
	           (req.content_length == (int64_t)size - 1));
	if (status == DUM_OK && body_is_array(&req))
		status = read_items(values, &req, &err);
	else if (status == DUM_OK)
		status = body_read(values, table, &req, &err);
	if (status == DUM_OK && req.json != NULL)
		check_values(values);
	if (status != DUM_OK)
		fuzz_check_error(&err);
	request_release(&req);
	return 0;
}
