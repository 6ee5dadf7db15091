/* Unit tests of calc/csv_guard.h: every name comes back from its cell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* after the four that it needs */
#include <cmocka.h>

#include "calc/csv_guard.h"
#include "calc/csv_text.h"

static const struct {
	const char *name, *cell;
} known[] = {
    {"North", "North"},
    {"=1+2", "'=1+2"},
    {"+1", "'+1"},
    {"-1", "'-1"},
    {"@x", "'@x"},
    {"'=x", "''=x"},
    {"'tis", "'tis"},
    {"a=b", "a=b"},
    {"a,b", "\"a,b\""},
    {"=a\"b", "\"'=a\"\"b\""},
    {"\xef\xbc\x9d"
     "1",
     "'\xef\xbc\x9d"
     "1"},
    {"\xc2\xa0x", "'\xc2\xa0x"},
    {"x\xc2\xa0", "x\xc2\xa0'"},
    {"\xe2\x80\xaf", "'\xe2\x80\xaf'"},
};

static void names_are_written_as_the_rule_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct strbuf sb = STRBUF_INIT;

		csv_guard_add(&sb, known[i].name);
		assert_string_equal(sb.buf, known[i].cell);
		strbuf_release(&sb);
	}
}

struct expected {
	const char *name;
	int rows;
};

static enum dum_status see_row(void *arg, const struct csv_row *row,
                               struct dum_error *err)
{
	struct expected *e = arg;
	struct csv_cell got;

	(void)err;
	if (e->rows++ == 0)
		return DUM_OK; /* the header */
	assert_int_equal(row->count, 3);
	got = csv_guard_remove(row->cells[1]);
	if (got.len != strlen(e->name) ||
	    memcmp(got.text, e->name, got.len) != 0)
		fail_msg("'%s' came back as '%.*s'", e->name, (int)got.len,
		         got.text);
	return DUM_OK;
}

/* Through a whole file, with all that reading does to cells. */
static void comes_back(const char *name)
{
	struct strbuf sb = STRBUF_INIT;
	struct expected e = {.name = name};
	struct dum_error err = {0};
	struct csv_text text;

	strbuf_adds(&sb, "date,location,usage_gb\n2024-01-01,");
	csv_guard_add(&sb, name);
	strbuf_adds(&sb, ",1\n");
	assert_int_equal(csv_text_open(&text, sb.buf, sb.len, &err), DUM_OK);
	assert_int_equal(csv_rows_each(&text, see_row, &e, &err), DUM_OK);
	assert_int_equal(e.rows, 2);
	csv_text_release(&text);
	strbuf_release(&sb);
}

static void every_name_comes_back(void **state)
{
	static const char *const parts[] = {"=",
	                                    "+",
	                                    "-",
	                                    "@",
	                                    "'",
	                                    "'",
	                                    "'",
	                                    "\"",
	                                    ",",
	                                    ";",
	                                    "a",
	                                    "b",
	                                    " ",
	                                    "\xc2\xa0",
	                                    "\xe2\x80\xaf",
	                                    "\xef\xbc\x9d",
	                                    "\xef\xbc\xa0",
	                                    "\xc3\xbc"};
	const size_t count = sizeof(parts) / sizeof(parts[0]);
	unsigned seed = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		comes_back(known[i].name);
	for (int i = 0; i < 20000; i++) {
		char name[64] = "";
		int n = 1 + (int)(seed % 7);

		for (int k = 0; k < n; k++) {
			seed = seed * 1103515245U + 12345U;
			strcat(name, parts[(seed >> 16) % count]);
		}
		/* A location's name has no blank at its ends. */
		if (name[0] != ' ' && name[strlen(name) - 1] != ' ')
			comes_back(name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_written_as_the_rule_says),
	    cmocka_unit_test(every_name_comes_back),
	};

	return cmocka_run_group_tests_name("csv_guard", tests, NULL, NULL);
}
