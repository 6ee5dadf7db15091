/* Records as bytes; reading them back is in segment_reader.c. */
#include "backup/segment_record.h"

#include <stdio.h>
#include <string.h>

static void put_u32(struct strbuf *out, uint32_t n)
{
	unsigned char bytes[4] = {(unsigned char)(n >> 24),
	                          (unsigned char)(n >> 16),
	                          (unsigned char)(n >> 8), (unsigned char)n};

	strbuf_add(out, bytes, sizeof(bytes));
}

static void put_bytes(struct strbuf *out, const void *data, size_t len)
{
	put_u32(out, data != NULL ? (uint32_t)len : UINT32_MAX);
	if (data != NULL)
		strbuf_add(out, data, len);
}

static void put_text(struct strbuf *out, const char *text)
{
	put_bytes(out, text, text != NULL ? strlen(text) : 0);
}

static void put_int(struct strbuf *out, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	put_text(out, text);
}

/* Start a record; where it starts is for end(). */
static size_t begin(struct strbuf *out, char kind)
{
	size_t at = out->len;

	strbuf_addc(out, kind);
	put_u32(out, 0);
	return at;
}

static void end(struct strbuf *out, size_t at)
{
	size_t len = out->len - at - 5;

	if (!strbuf_ok(out))
		return;
	for (int i = 0; i < 4; i++)
		out->buf[at + 1 + (size_t)i] = (char)(len >> (24 - 8 * i));
}

void segment_put_head(struct strbuf *out, const struct segment_head *head)
{
	size_t at = begin(out, 'H');

	put_text(out, "1");
	put_text(out, head->database_id);
	put_int(out, head->timeline);
	put_int(out, head->first_id);
	put_bytes(out, head->prev, HASH_BYTES);
	put_bytes(out, head->has_previous ? head->previous : NULL, HASH_BYTES);
	put_text(out, head->at);
	end(out, at);
}

void segment_put_entry(struct strbuf *out, const struct journal_record *e)
{
	size_t at = begin(out, 'E');

	put_int(out, e->id);
	put_text(out, e->at);
	put_int(out, e->timeline);
	put_int(out, e->batch);
	put_text(out, e->actor);
	put_text(out, e->address);
	put_text(out, e->source);
	put_text(out, e->request_id);
	put_text(out, e->op);
	put_text(out, e->table);
	put_text(out, e->pk);
	put_text(out, e->before);
	put_text(out, e->after);
	put_bytes(out, e->prev, HASH_BYTES);
	put_text(out, e->key_id);
	put_bytes(out, e->mac, HASH_BYTES);
	end(out, at);
}

void segment_put_whole(struct strbuf *out)
{
	end(out, begin(out, 'W'));
}

void segment_put_end(struct strbuf *out, int64_t last_id, int64_t entries,
                     const unsigned char hash[static HASH_BYTES])
{
	size_t at = begin(out, 'Z');

	put_int(out, last_id);
	put_int(out, entries);
	put_bytes(out, hash, HASH_BYTES);
	end(out, at);
}
