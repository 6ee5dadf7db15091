#include "store/journal_chain.h"

#include <stdio.h>
#include <string.h>

#include "crypto/secret_key.h"

static void seal_bytes(struct hmac *hmac, const void *data, size_t len)
{
	uint32_t n = data != NULL ? (uint32_t)len : UINT32_MAX;
	unsigned char head[4] = {(unsigned char)(n >> 24),
	                         (unsigned char)(n >> 16),
	                         (unsigned char)(n >> 8), (unsigned char)n};

	hmac_write(hmac, head, sizeof(head));
	if (data != NULL && len > 0)
		hmac_write(hmac, data, len);
}

static void seal_text(struct hmac *hmac, const char *text)
{
	seal_bytes(hmac, text, text != NULL ? strlen(text) : 0);
}

static void seal_int(struct hmac *hmac, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	seal_text(hmac, text);
}

enum dum_status journal_seal(unsigned char mac[static HASH_BYTES],
                             struct hmac *hmac, const struct journal_entry *e,
                             struct dum_error *err)
{
	seal_int(hmac, e->id);
	seal_text(hmac, e->at);
	seal_int(hmac, e->timeline);
	seal_int(hmac, e->batch);
	seal_text(hmac, e->actor);
	seal_text(hmac, e->address);
	seal_text(hmac, e->source);
	seal_text(hmac, e->request_id);
	seal_text(hmac, e->op);
	seal_text(hmac, e->table);
	seal_text(hmac, e->pk);
	seal_text(hmac, e->before);
	seal_text(hmac, e->after);
	seal_bytes(hmac, e->prev, HASH_BYTES);
	seal_text(hmac, e->key_id);
	return hmac_finish(hmac, mac, err);
}

enum dum_status journal_key(struct db *db, struct dum_error *err)
{
	struct secret_key key;
	enum dum_status status;

	if (db->hmac != NULL)
		return DUM_OK;
	status = secret_key_read(&key, db->config->secret_key_file, err);
	if (status != DUM_OK)
		return status;
	status = hmac_new(&db->hmac, key.bytes, sizeof(key.bytes), err);
	memcpy(db->key_id, key.id, sizeof(db->key_id));
	secret_key_wipe(&key);
	return status;
}
