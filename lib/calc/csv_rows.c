/*
 * libcsv takes the text apart; this counts lines and keeps the limits.
 *
 * libcsv does not say where it stands. With CSV_REPALL_NL it reports each CR
 * and each LF between rows, and the line breaks inside quoted cells are in
 * the cells, so every line break of the file passes by here once.
 */
#include "calc/csv_rows.h"

#include <csv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A call back can not stop libcsv: it is fed in pieces of this size. */
enum { PIECE = 64 * 1024 };

struct reader {
	struct strbuf text; /* the cells of the row, end to end */
	struct csv_cell *cells;
	size_t count, room;
	int line;     /* where the next byte stands */
	int row_line; /* where the row began */
	int last_end; /* what ended the last row; 0 after a cell */
	int64_t rows;
	csv_row_fn fn;
	void *arg;
	enum dum_status status;
	struct dum_error *err;
};

static size_t blank_at_start(const char *text, size_t len)
{
	if (len >= 1 && strchr(" \t\r\n\v\f", text[0]) != NULL)
		return 1;
	if (len >= 2 && memcmp(text, "\xc2\xa0", 2) == 0)
		return 2;
	if (len >= 3 && memcmp(text, "\xe2\x80\xaf", 3) == 0)
		return 3;
	return 0;
}

static size_t blank_at_end(const char *text, size_t len)
{
	if (len >= 1 && strchr(" \t\r\n\v\f", text[len - 1]) != NULL)
		return 1;
	if (len >= 2 && memcmp(text + len - 2, "\xc2\xa0", 2) == 0)
		return 2;
	if (len >= 3 && memcmp(text + len - 3, "\xe2\x80\xaf", 3) == 0)
		return 3;
	return 0;
}

/* LF, CRLF and CR each end a line. */
static int count_lines(const char *text, size_t len)
{
	int lines = 0;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n' ||
		         (text[i] == '\r' &&
		          (i + 1 == len || text[i + 1] != '\n'));
	return lines;
}

static void fail(struct reader *r, enum dum_status status, const char *text,
                 int line)
{
	if (r->status != DUM_OK)
		return;
	r->status = error_set(r->err, status, "%s", text);
	if (line > 0)
		error_at(r->err, line);
}

static bool more_room(struct reader *r)
{
	size_t room = r->room == 0 ? 64 : r->room * 2;
	struct csv_cell *cells = realloc(r->cells, room * sizeof(*cells));

	if (cells == NULL) {
		fail(r, DUM_ENOMEM, "out of memory", 0);
		return false;
	}
	r->cells = cells;
	r->room = room;
	return true;
}

static void take_cell(void *data, size_t len, void *arg)
{
	const char *text = data != NULL ? data : "";
	struct reader *r = arg;
	size_t cut;

	if (r->status != DUM_OK)
		return;
	if (len > CSV_CELL_MAX) {
		fail(r, DUM_EINVAL,
		     "a cell is longer than 4096 bytes: a closing quote may "
		     "be missing",
		     r->line);
		return;
	}
	if (r->count == CSV_COLUMNS_MAX) {
		fail(r, DUM_EINVAL, "the row has more than 20000 columns",
		     r->row_line);
		return;
	}
	if (r->count == r->room && !more_room(r))
		return;
	r->last_end = 0;
	if (len > 0 && (memchr(text, '\n', len) != NULL ||
	                memchr(text, '\r', len) != NULL))
		r->line += count_lines(text, len);
	while ((cut = blank_at_start(text, len)) > 0) {
		text += cut;
		len -= cut;
	}
	while ((cut = blank_at_end(text, len)) > 0)
		len -= cut;
	strbuf_add(&r->text, text, len);
	r->cells[r->count++].len = len;
}

static void give_row(struct reader *r)
{
	struct csv_row row = {r->row_line, r->count, r->cells};
	const char *text = r->text.buf;

	if (!strbuf_ok(&r->text)) {
		fail(r, DUM_ENOMEM, "out of memory", 0);
		return;
	}
	if (++r->rows > CSV_ROWS_MAX) {
		fail(r, DUM_EINVAL,
		     "the file has more than 20000000 rows: split it",
		     r->row_line);
		return;
	}
	/* Only now that the buffer has stopped moving. */
	for (size_t i = 0; i < r->count; i++) {
		r->cells[i].text = text;
		text += r->cells[i].len;
	}
	r->status = r->fn(r->arg, &row, r->err);
}

/* end: the character that ended the row, -1 at the end of the text. */
static void take_end(int end, void *arg)
{
	struct reader *r = arg;

	if (r->status != DUM_OK)
		return;
	if (r->count > 0)
		give_row(r);
	r->count = 0;
	strbuf_reset(&r->text);
	if (end != CSV_LF || r->last_end != CSV_CR)
		r->line++;
	r->last_end = end;
	r->row_line = r->line;
}

static void feed(struct reader *r, struct csv_parser *parser,
                 const struct csv_text *text)
{
	for (size_t at = 0; at < text->len && r->status == DUM_OK;) {
		size_t len = text->len - at < PIECE ? text->len - at : PIECE;
		size_t done = csv_parse(parser, text->text + at, len, take_cell,
		                        take_end, r);

		at += done;
		if (done < len && csv_error(parser) == CSV_EPARSE)
			fail(r, DUM_EINVAL,
			     "a quote stands inside a cell: a cell with quotes "
			     "is quoted as a whole and its quotes are doubled",
			     1 + count_lines(text->text, at));
		else if (done < len)
			fail(r, DUM_ENOMEM, "out of memory", 0);
		/* Past the limit already, and its end not in sight. */
		else if (parser->entry_pos > CSV_CELL_MAX)
			take_cell(NULL, parser->entry_pos, r);
	}
	if (r->status == DUM_OK &&
	    csv_fini(parser, take_cell, take_end, r) != 0)
		fail(r, DUM_EINVAL, "a quote that is opened here is not closed",
		     r->line);
}

bool csv_row_is_blank(const struct csv_row *row)
{
	for (size_t i = 0; i < row->count; i++)
		if (row->cells[i].len > 0)
			return false;
	return true;
}

enum dum_status csv_rows_each(const struct csv_text *text, csv_row_fn fn,
                              void *arg, struct dum_error *err)
{
	struct reader r = {
	    .line = 1, .row_line = 1, .fn = fn, .arg = arg, .err = err};
	struct csv_parser parser;

	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) !=
	    0)
		return error_set(err, DUM_ENOMEM, "out of memory");
	csv_set_delim(&parser, (unsigned char)text->separator);
	csv_set_blk_size(&parser, 1024);
	strbuf_init(&r.text);
	feed(&r, &parser, text);
	csv_free(&parser);
	strbuf_release(&r.text);
	free(r.cells);
	return r.status;
}
