/* Unit tests of calc/csv_rows.h: rows, the lines they start on, limits. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that it needs */
#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "calc/csv_rows.h"

/* Writes each row as "LINE:cell|cell;" */
static enum dum_status write_row(void *arg, const struct csv_row *row,
                                 struct dum_error *err)
{
	struct strbuf *out = arg;

	(void)err;
	strbuf_addf(out, "%d:", row->line);
	for (size_t i = 0; i < row->count; i++) {
		if (i > 0)
			strbuf_addc(out, '|');
		strbuf_add(out, row->cells[i].text, row->cells[i].len);
	}
	strbuf_addc(out, ';');
	return DUM_OK;
}

static enum dum_status read_all(struct strbuf *out, const char *data,
                                size_t len, struct dum_error *err)
{
	struct csv_text text = {.text = data, .len = len, .separator = ','};

	return csv_rows_each(&text, write_row, out, err);
}

static const struct {
	const char *why, *text, *rows;
} good[] = {
    {"LF", "a,b\nc,d\n", "1:a|b;2:c|d;"},
    {"CRLF is one line", "a,b\r\nc,d\r\n", "1:a|b;2:c|d;"},
    {"CR alone", "a,b\rc,d\r", "1:a|b;2:c|d;"},
    {"no end of line at the end", "a,b\nc,d", "1:a|b;2:c|d;"},
    {"empty lines count", "\n\na\n\nb\n", "3:a;5:b;"},
    {"empty CRLF lines count once", "\r\n\r\na\r\n\r\nb\r\n", "3:a;5:b;"},
    {"lines of blanks are empty", "a\n   \nb\n", "1:a;3:b;"},
    {"a line break in a cell counts", "a,\"b\nc\"\nd\n", "1:a|b\nc;3:d;"},
    {"CRLF in a cell counts once", "\"a\r\nb\r\n\"\r\nc\r\n", "1:a\r\nb;4:c;"},
    {"quotes and doubled quotes", "\"a,\"\"b\"\"\",c\n", "1:a,\"b\"|c;"},
    {"ragged rows", "a\nb,c,d\n,\n", "1:a;2:b|c|d;3:|;"},
    {"blanks around cells", " a ,\" b\t\"\n", "1:a|b;"},
    {"blanks that do not break",
     "\xc2\xa0"
     "a\xe2\x80\xaf,b\xc2\xa0 \n",
     "1:a|b;"},
    {"a blank before a quote", "a, \"b,c\" ,d\n", "1:a|b,c|d;"},
    {"a quoted nothing", "\"\"\n", "1:;"},
};

static void rows_come_with_the_line_they_start_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct strbuf out = STRBUF_INIT;
		struct dum_error err = {0};

		if (read_all(&out, good[i].text, strlen(good[i].text), &err) !=
		    DUM_OK)
			fail_msg("%s: %s", good[i].why, err.text);
		if (strcmp(out.buf, good[i].rows) != 0)
			fail_msg("%s: %s", good[i].why, out.buf);
		strbuf_release(&out);
	}
}

static const struct {
	const char *text;
	int line;
	const char *says;
} bad[] = {
    {"a\nb,\"c\nd\n", 2, "not closed"},
    {"a\n\"b\n\",\"c\nd\n", 3, "not closed"},
    {"a\n\nb,c\"d\n", 3, "inside a cell"},
    {"a\r\nb\r\n\"c\"d\r\n", 3, "inside a cell"},
};

static void quotes_that_do_not_match_are_refused_with_their_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct strbuf out = STRBUF_INIT;
		struct dum_error err = {0};

		assert_int_equal(
		    read_all(&out, bad[i].text, strlen(bad[i].text), &err),
		    DUM_EINVAL);
		if (err.line != bad[i].line ||
		    strstr(err.text, bad[i].says) == NULL)
			fail_msg("%zu: line %d: %s", i, err.line, err.text);
		strbuf_release(&out);
	}
}

/* unit, n times, then end. */
static void assert_limit(const char *unit, size_t n, const char *end,
                         enum dum_status wanted, const char *says)
{
	struct strbuf text = STRBUF_INIT, out = STRBUF_INIT;
	struct dum_error err = {0};

	for (size_t i = 0; i < n; i++)
		strbuf_adds(&text, unit);
	strbuf_adds(&text, end);
	assert_int_equal(read_all(&out, text.buf, text.len, &err), wanted);
	if (wanted != DUM_OK && strstr(err.text, says) == NULL)
		fail_msg("%s", err.text);
	strbuf_release(&text);
	strbuf_release(&out);
}

static void each_limit_holds_to_the_last_one(void **state)
{
	(void)state;
	assert_limit("x", CSV_CELL_MAX, "\n", DUM_OK, NULL);
	assert_limit("x", CSV_CELL_MAX + 1, "\n", DUM_EINVAL, "4096");
	assert_limit("\"a", 1, "", DUM_EINVAL, "not closed");
	assert_limit(",", CSV_COLUMNS_MAX - 1, "\n", DUM_OK, NULL);
	assert_limit(",", CSV_COLUMNS_MAX, "\n", DUM_EINVAL, "20000");
}

static enum dum_status count_row(void *arg, const struct csv_row *row,
                                 struct dum_error *err)
{
	int *rows = arg;

	(void)row;
	(void)err;
	(*rows)++;
	return DUM_OK;
}

static void the_last_row_that_may_be_is_given(void **state)
{
	size_t len = 2 * ((size_t)CSV_ROWS_MAX + 1);
	char *data = malloc(len);
	struct dum_error err = {0};
	struct csv_text text;
	int rows = 0;

	(void)state;
	assert_non_null(data);
	for (size_t i = 0; i < len; i += 2)
		memcpy(data + i, "x\n", 2);
	assert_int_equal(csv_text_open(&text, data, len, &err), DUM_OK);
	assert_int_equal(csv_rows_each(&text, count_row, &rows, &err),
	                 DUM_EINVAL);
	assert_int_equal(rows, CSV_ROWS_MAX);
	assert_non_null(strstr(err.text, "20000000"));
	csv_text_release(&text);
	free(data);
}

static void a_quote_open_for_megabytes_is_not_kept(void **state)
{
	size_t len = 8 * 1024 * 1024;
	char *data = malloc(len);
	struct strbuf out = STRBUF_INIT;
	struct dum_error err = {0};

	(void)state;
	assert_non_null(data);
	memset(data, 'x', len);
	memcpy(data, "a\n\"", 3);
	assert_int_equal(read_all(&out, data, len, &err), DUM_EINVAL);
	assert_non_null(strstr(err.text, "4096"));
	assert_int_equal(err.line, 2);
	strbuf_release(&out);
	free(data);
}

static enum dum_status stop(void *arg, const struct csv_row *row,
                            struct dum_error *err)
{
	++*(int *)arg;
	return error_set(err, DUM_EBUSY, "enough at %d", row->line);
}

static void the_first_error_of_the_receiver_ends_it(void **state)
{
	struct csv_text text = {
	    .text = "a\nb\nc\n", .len = 6, .separator = ','};
	struct dum_error err = {0};
	int calls = 0;

	(void)state;
	assert_int_equal(csv_rows_each(&text, stop, &calls, &err), DUM_EBUSY);
	assert_int_equal(calls, 1);
	assert_string_equal(err.text, "enough at 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_come_with_the_line_they_start_on),
	    cmocka_unit_test(
	        quotes_that_do_not_match_are_refused_with_their_line),
	    cmocka_unit_test(each_limit_holds_to_the_last_one),
	    cmocka_unit_test(the_last_row_that_may_be_is_given),
	    cmocka_unit_test(a_quote_open_for_megabytes_is_not_kept),
	    cmocka_unit_test(the_first_error_of_the_receiver_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
