#ifndef DUM_BASE_STRBUF_H
#define DUM_BASE_STRBUF_H
/*
 * strbuf - a string that grows, up to a limit.
 *
 * Appending never fails where it stands: a buffer that ran out of memory or
 * past its limit is marked `failed`, keeps what it had and ignores the rest.
 * Whoever built the text asks strbuf_ok() once, at the end.
 *
 * Start with `struct strbuf sb = STRBUF_INIT;` (no limit but memory), set
 * `sb.limit` when there is one, end with strbuf_release().
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strbuf {
	char *buf;    /* NUL-terminated; never NULL */
	size_t len;   /* bytes in use, the NUL not counted */
	size_t cap;   /* bytes allocated, 0 while buf is the shared empty one */
	size_t limit; /* most bytes it may hold; 0: no limit */
	bool failed;  /* something was left out */
};

extern char strbuf_empty[1];
#define STRBUF_INIT                 \
	{                           \
		.buf = strbuf_empty \
	}

void strbuf_init(struct strbuf *sb);
void strbuf_release(struct strbuf *sb);

/* Make it empty again; the memory is kept for the next use. */
void strbuf_reset(struct strbuf *sb);

/* Shorten it to len bytes; longer than it is does nothing. */
void strbuf_truncate(struct strbuf *sb, size_t len);

/* Make sure that n more bytes fit without a further allocation. */
bool strbuf_reserve(struct strbuf *sb, size_t n);

void strbuf_add(struct strbuf *sb, const void *data, size_t len);
void strbuf_adds(struct strbuf *sb, const char *text);
void strbuf_addc(struct strbuf *sb, char c);
void strbuf_addi(struct strbuf *sb, int64_t n);
void strbuf_addf(struct strbuf *sb, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Nothing was left out. */
bool strbuf_ok(const struct strbuf *sb);

/*
 * Hand the text over: the caller owns it, free(). The buffer is empty after.
 * NULL when anything was left out.
 */
char *strbuf_detach(struct strbuf *sb);

#endif
