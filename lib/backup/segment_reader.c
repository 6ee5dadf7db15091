/*
 * Records that come piece by piece. A record is gathered whole before it is
 * looked at, so what it may come to is limited; its texts get their NUL in
 * place, over the length of the field behind them, which is known by then.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/segment_record.h"

enum {
	RECORD_HEAD = 5, /* its kind and its length */
	HEAD_FIELDS = 7,
	ENTRY_FIELDS = 16,
	END_FIELDS = 3,
	MAC_FIELD = 4 + HASH_BYTES
};

struct segment_reader {
	const struct segment_key *key;
	journal_record_fn fn;
	void *arg;
	struct hasher *hasher;
	struct strbuf waiting;
	struct segment_seen seen;
	bool headed;
};

/* One field: bytes NULL where it is NULL. */
struct field {
	char *bytes;
	size_t len;
};

enum dum_status segment_key_read(struct segment_key *out, const char *path,
                                 struct dum_error *err)
{
	struct secret_key key;
	enum dum_status status = secret_key_read(&key, path, "SECRET_KEY_FILE",
	                                         err);

	if (status != DUM_OK)
		return status;
	*out = (struct segment_key){.hmac = NULL};
	memcpy(out->id, key.id, sizeof(out->id));
	status = hmac_new(&out->hmac, key.bytes, sizeof(key.bytes), err);
	secret_key_wipe(&key);
	return status;
}

void segment_key_release(struct segment_key *key)
{
	hmac_free(key->hmac);
	key->hmac = NULL;
}

enum dum_status segment_reader_new(struct segment_reader **out,
                                   const struct segment_key *key,
                                   journal_record_fn fn, void *arg,
                                   struct dum_error *err)
{
	struct segment_reader *r = calloc(1, sizeof(*r));
	enum dum_status status;

	if (r == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	r->key = key;
	r->fn = fn;
	r->arg = arg;
	strbuf_init(&r->waiting);
	status = hasher_new(&r->hasher, err);
	if (status != DUM_OK) {
		segment_reader_free(r);
		return status;
	}
	*out = r;
	return DUM_OK;
}

void segment_reader_free(struct segment_reader *r)
{
	if (r == NULL)
		return;
	hasher_free(r->hasher);
	strbuf_release(&r->waiting);
	free(r);
}

const struct segment_seen *segment_reader_seen(const struct segment_reader *r)
{
	return &r->seen;
}

static enum dum_status damaged(struct dum_error *err, const char *what)
{
	return error_set(err, DUM_EDAMAGED, "the segment is damaged: %s", what);
}

static uint32_t get_u32(const char *at)
{
	const unsigned char *b = (const unsigned char *)at;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | b[3];
}

/* Take a record apart into exactly so many fields. */
static bool split(struct field *fields, int count, char *data, size_t len)
{
	for (int i = 0; i < count; i++) {
		uint32_t n;

		if (len < 4)
			return false;
		n = get_u32(data);
		data += 4;
		len -= 4;
		fields[i] = (struct field){.bytes = NULL};
		if (n == UINT32_MAX)
			continue;
		if (n > len)
			return false;
		fields[i] = (struct field){.bytes = data, .len = n};
		data += n;
		len -= n;
	}
	if (len != 0)
		return false;
	/* All lengths were read: now the texts can be ended. */
	for (int i = 0; i < count; i++)
		if (fields[i].bytes != NULL)
			fields[i].bytes[fields[i].len] = '\0';
	return true;
}

static bool is_text(const struct field *f)
{
	return f->bytes != NULL && strlen(f->bytes) == f->len;
}

static bool is_text_or_null(const struct field *f)
{
	return f->bytes == NULL || is_text(f);
}

static bool is_hash(const struct field *f)
{
	return f->bytes != NULL && f->len == HASH_BYTES;
}

/* Digits as they are written, and no others. */
static bool get_int(int64_t *out, const struct field *f)
{
	char again[24];

	if (!is_text(f) || sscanf(f->bytes, "%19" SCNd64, out) != 1)
		return false;
	snprintf(again, sizeof(again), "%" PRId64, *out);
	return strcmp(again, f->bytes) == 0;
}

static bool copy_text(char *out, size_t size, const struct field *f)
{
	if (!is_text(f) || f->len >= size)
		return false;
	memcpy(out, f->bytes, f->len + 1);
	return true;
}

static enum dum_status take_head(struct segment_reader *r, char *data,
                                 size_t len, struct dum_error *err)
{
	struct segment_head *h = &r->seen.head;
	struct field f[HEAD_FIELDS];

	if (r->headed || !split(f, HEAD_FIELDS, data, len) || !is_text(&f[0]))
		return damaged(err, "its head is none");
	if (strcmp(f[0].bytes, "1") != 0)
		return error_set(err, DUM_ESCHEMA,
		                 "the segment was made by a newer program");
	if (!copy_text(h->database_id, sizeof(h->database_id), &f[1]) ||
	    !get_int(&h->timeline, &f[2]) || !get_int(&h->first_id, &f[3]) ||
	    h->first_id < 1 || h->timeline < 1 || !is_hash(&f[4]) ||
	    (f[5].bytes != NULL && !is_hash(&f[5])) ||
	    !copy_text(h->at, sizeof(h->at), &f[6]))
		return damaged(err, "its head is none");
	memcpy(h->prev, f[4].bytes, HASH_BYTES);
	h->has_previous = f[5].bytes != NULL;
	if (h->has_previous)
		memcpy(h->previous, f[5].bytes, HASH_BYTES);
	memcpy(r->seen.last_mac, h->prev, HASH_BYTES);
	r->seen.last_id = r->seen.whole_id = h->first_id - 1;
	r->headed = true;
	return DUM_OK;
}

/* Before the texts are ended: the record's bytes are what was sealed. */
static enum dum_status check_mac(struct segment_reader *r, const char *data,
                                 size_t len, struct dum_error *err)
{
	unsigned char mac[HASH_BYTES];
	enum dum_status status;

	if (r->key == NULL)
		return DUM_OK;
	if (len < MAC_FIELD)
		return damaged(err, "an entry is none");
	hmac_write(r->key->hmac, data, len - MAC_FIELD);
	status = hmac_finish(r->key->hmac, mac, err);
	if (status == DUM_OK &&
	    !hash_equal(mac, data + len - HASH_BYTES, HASH_BYTES))
		status = error_set(err, DUM_EDAMAGED,
		                   "the segment's entry %lld does not fit its "
		                   "seal: it was changed, or sealed with "
		                   "another SECRET_KEY_FILE",
		                   (long long)r->seen.last_id + 1);
	return status;
}

static bool read_entry(struct journal_record *e, struct field *f)
{
	if (!get_int(&e->id, &f[0]) || !is_text(&f[1]) ||
	    f[1].len >= CLOCK_TEXT_MAX || !get_int(&e->timeline, &f[2]) ||
	    !get_int(&e->batch, &f[3]))
		return false;
	for (int i = 4; i < 13; i++)
		if (!is_text_or_null(&f[i]))
			return false;
	if (!is_text(&f[4]) || !is_text(&f[6]) || !is_text(&f[8]) ||
	    !is_text(&f[9]) || !is_hash(&f[13]) || !is_text(&f[14]) ||
	    !is_hash(&f[15]))
		return false;
	e->at = f[1].bytes;
	e->actor = f[4].bytes;
	e->address = f[5].bytes;
	e->source = f[6].bytes;
	e->request_id = f[7].bytes;
	e->op = f[8].bytes;
	e->table = f[9].bytes;
	e->pk = f[10].bytes;
	e->before = f[11].bytes;
	e->after = f[12].bytes;
	e->prev = (const unsigned char *)f[13].bytes;
	e->key_id = f[14].bytes;
	e->mac = (const unsigned char *)f[15].bytes;
	return true;
}

/* It is the one that has to come after the last. */
static enum dum_status check_place(struct segment_reader *r,
                                   const struct journal_record *e,
                                   struct dum_error *err)
{
	const struct segment_seen *seen = &r->seen;

	if (e->timeline != seen->head.timeline || e->id != seen->last_id + 1 ||
	    !hash_equal(e->prev, seen->last_mac, HASH_BYTES))
		return error_set(err, DUM_EDAMAGED,
		                 "the segment's entry %lld does not follow the "
		                 "one before it",
		                 (long long)e->id);
	return DUM_OK;
}

static enum dum_status take_entry(struct segment_reader *r, char *data,
                                  size_t len, struct dum_error *err)
{
	struct segment_seen *seen = &r->seen;
	struct journal_record e = {.id = 0};
	struct field f[ENTRY_FIELDS];
	enum dum_status status;

	status = check_mac(r, data, len, err);
	if (status != DUM_OK)
		return status;
	if (!split(f, ENTRY_FIELDS, data, len) || !read_entry(&e, f))
		return damaged(err, "an entry is none");
	status = check_place(r, &e, err);
	if (status == DUM_OK && r->fn != NULL)
		status = r->fn(r->arg, &e, err);
	if (status != DUM_OK)
		return status;
	if (seen->entries++ == 0)
		snprintf(seen->first_at, sizeof(seen->first_at), "%s", e.at);
	snprintf(seen->last_at, sizeof(seen->last_at), "%s", e.at);
	seen->last_id = e.id;
	seen->last_batch = e.batch;
	memcpy(seen->last_mac, e.mac, HASH_BYTES);
	return DUM_OK;
}

static enum dum_status take_end(struct segment_reader *r, char *data,
                                size_t len, struct dum_error *err)
{
	struct segment_seen *seen = &r->seen;
	struct field f[END_FIELDS];
	int64_t last_id, entries;

	if (!split(f, END_FIELDS, data, len) || !get_int(&last_id, &f[0]) ||
	    !get_int(&entries, &f[1]) || !is_hash(&f[2]) ||
	    last_id != seen->last_id || entries != seen->entries)
		return damaged(err, "its end is another");
	hasher_finish(r->hasher, seen->hash);
	if (!hash_equal(seen->hash, f[2].bytes, HASH_BYTES))
		return damaged(err, "its hash is another");
	seen->ended = true;
	return DUM_OK;
}

/* data has a byte behind its end that may be overwritten. */
static enum dum_status take_record(struct segment_reader *r, char kind,
                                   char *data, size_t len,
                                   struct dum_error *err)
{
	if (r->seen.ended)
		return damaged(err, "something stands behind its end");
	if (!r->headed && kind != 'H')
		return damaged(err, "it does not begin with a head");
	if (kind != 'Z')
		hasher_write(r->hasher, data - RECORD_HEAD, len + RECORD_HEAD);
	switch (kind) {
	case 'H':
		return take_head(r, data, len, err);
	case 'E':
		return take_entry(r, data, len, err);
	case 'Z':
		return take_end(r, data, len, err);
	case 'W':
		r->seen.whole_id = r->seen.last_id;
		return len == 0 ? DUM_OK : damaged(err, "a record is none");
	default:
		return damaged(err, "a record is of no known kind");
	}
}

enum dum_status segment_reader_write(struct segment_reader *r, const void *data,
                                     size_t len, struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	size_t at = 0;

	strbuf_add(&r->waiting, data, len);
	if (!strbuf_ok(&r->waiting))
		return error_set(err, DUM_ENOMEM, "out of memory");
	while (status == DUM_OK && r->waiting.len - at >= RECORD_HEAD) {
		char *record = r->waiting.buf + at;
		uint32_t n = get_u32(record + 1);
		char behind;

		if (n > SEGMENT_RECORD_MAX)
			return damaged(err, "a record is too long");
		if (r->waiting.len - at - RECORD_HEAD < n)
			break;
		/* The NUL of its last text goes over the next record. */
		behind = record[RECORD_HEAD + n];
		status = take_record(r, record[0], record + RECORD_HEAD, n,
		                     err);
		record[RECORD_HEAD + n] = behind;
		at += RECORD_HEAD + n;
	}
	r->seen.bytes += (int64_t)at;
	memmove(r->waiting.buf, r->waiting.buf + at, r->waiting.len - at);
	strbuf_truncate(&r->waiting, r->waiting.len - at);
	return status;
}

enum dum_status segment_reader_finish(struct segment_seen *out,
                                      struct segment_reader *r,
                                      struct dum_error *err)
{
	if (r->waiting.len != 0 || !r->headed)
		return error_set(err, DUM_ETRUNCATED,
		                 "the segment ends in the middle of a record");
	*out = r->seen;
	return DUM_OK;
}
