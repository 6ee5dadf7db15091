#ifndef DUM_BASE_JSON_WRITER_H
#define DUM_BASE_JSON_WRITER_H
/*
 * json_writer - write JSON text straight into a strbuf.
 *
 * For answers, which are written once and never looked at again; a tree of
 * values (jansson) would be built only to be printed. The caller keeps to the
 * order of calls; commas and quotes are set here.
 *
 *	struct json_writer w = {.out = &sb};
 *	jsonw_object_begin(&w);
 *	jsonw_key(&w, "id");
 *	jsonw_int(&w, 7);
 *	jsonw_object_end(&w);		-> {"id":7}
 *
 * The prefix is jsonw_, since jansson has json_string() and more.
 *
 * Text must be UTF-8; a byte that is not becomes U+FFFD, so that what is
 * written is valid JSON whatever stands in the database.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/strbuf.h"

struct json_writer {
	struct strbuf *out;
	bool comma; /* the next value or key is not the first one */
};

void jsonw_object_begin(struct json_writer *w);
void jsonw_object_end(struct json_writer *w);
void jsonw_array_begin(struct json_writer *w);
void jsonw_array_end(struct json_writer *w);

/* A name of a member; it is a constant of ours and is not escaped. */
void jsonw_key(struct json_writer *w, const char *name);

void jsonw_string(struct json_writer *w, const char *text);
void jsonw_string_n(struct json_writer *w, const char *text, size_t len);
void jsonw_int(struct json_writer *w, int64_t n);
void jsonw_bool(struct json_writer *w, bool yes);
void jsonw_null(struct json_writer *w);

/* An amount as a number of gigabytes, exact: 9900000000 is 9.9 */
void jsonw_gb(struct json_writer *w, int64_t bytes);
void jsonw_sum_gb(struct json_writer *w, const struct byte_sum *sum);

/* A value that is JSON text already. */
void jsonw_raw(struct json_writer *w, const char *text, size_t len);

/* The same with the name of the member before it. */
void jsonw_member_string(struct json_writer *w, const char *name,
                         const char *text);
void jsonw_member_int(struct json_writer *w, const char *name, int64_t n);
void jsonw_member_bool(struct json_writer *w, const char *name, bool yes);
void jsonw_member_null(struct json_writer *w, const char *name);
void jsonw_member_gb(struct json_writer *w, const char *name, int64_t bytes);
void jsonw_member_sum_gb(struct json_writer *w, const char *name,
                         const struct byte_sum *sum);

#endif
