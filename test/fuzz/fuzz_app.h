#ifndef DUM_FUZZ_APP_H
#define DUM_FUZZ_APP_H
/*
 * fuzz_app - what the targets over fcgi-app share. Input is a text of lines,
 * one for each argument, so that seeds can be written by hand.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

/* What must hold whatever the input is; not assert(), which NDEBUG takes. */
#define FUZZ_CHECK(condition)     \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

enum { FUZZ_LINES = 4 };

struct fuzz_lines {
	char *text;
	const char *line[FUZZ_LINES]; /* "" where there are fewer */
};

static inline void fuzz_lines_split(struct fuzz_lines *out, const uint8_t *data,
                                    size_t size)
{
	char *p;

	out->text = malloc(size + 1);
	FUZZ_CHECK(out->text != NULL);
	if (size > 0)
		memcpy(out->text, data, size);
	out->text[size] = '\0';
	p = out->text;
	for (int i = 0; i < FUZZ_LINES; i++) {
		out->line[i] = p;
		p += strcspn(p, "\n");
		if (*p == '\n')
			*p++ = '\0';
	}
}

static inline void fuzz_lines_release(struct fuzz_lines *lines)
{
	free(lines->text);
}

/* An input that is refused is told about in one printable line. */
static inline void fuzz_check_error(const struct dum_error *err)
{
	FUZZ_CHECK(err->status != DUM_OK);
	FUZZ_CHECK(err->text[0] != '\0');
	FUZZ_CHECK(utf8_printable(err->text, strlen(err->text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
