#include "calc/csv_guard.h"

#include <stdbool.h>
#include <string.h>

static const char *const formula_starts[] = {
    "=",
    "+",
    "-",
    "@",
    "\xef\xbc\x9d", /* the same, as wide as an ideograph */
    "\xef\xbc\x8b",
    "\xef\xbc\x8d",
    "\xef\xbc\xa0",
};

/* What csv_rows cuts off the ends of cells and a name may have there. */
static const char *const blanks[] = {"\xc2\xa0", "\xe2\x80\xaf"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool starts_with(const char *text, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(text, with, n) == 0;
}

static bool ends_with(const char *text, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(text + len - n, with, n) == 0;
}

static bool needs_front(const char *text, size_t len)
{
	while (len > 0 && *text == '\'') {
		text++;
		len--;
	}
	for (size_t i = 0; i < COUNT(formula_starts); i++)
		if (starts_with(text, len, formula_starts[i]))
			return true;
	for (size_t i = 0; i < COUNT(blanks); i++)
		if (starts_with(text, len, blanks[i]))
			return true;
	return false;
}

static bool needs_back(const char *text, size_t len)
{
	while (len > 0 && text[len - 1] == '\'')
		len--;
	for (size_t i = 0; i < COUNT(blanks); i++)
		if (ends_with(text, len, blanks[i]))
			return true;
	return false;
}

void csv_guard_add(struct strbuf *out, const char *name)
{
	bool quoted = strpbrk(name, "\",;\t\r\n") != NULL;
	size_t len = strlen(name);

	if (quoted)
		strbuf_addc(out, '"');
	if (needs_front(name, len))
		strbuf_addc(out, '\'');
	for (const char *p = name; *p != '\0'; p++) {
		if (*p == '"')
			strbuf_addc(out, '"');
		strbuf_addc(out, *p);
	}
	if (needs_back(name, len))
		strbuf_addc(out, '\'');
	if (quoted)
		strbuf_addc(out, '"');
}

struct csv_cell csv_guard_remove(struct csv_cell cell)
{
	if (cell.len > 0 && cell.text[0] == '\'' &&
	    needs_front(cell.text, cell.len)) {
		cell.text++;
		cell.len--;
	}
	if (cell.len > 0 && cell.text[cell.len - 1] == '\'' &&
	    needs_back(cell.text, cell.len))
		cell.len--;
	return cell;
}
