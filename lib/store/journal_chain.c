#include "store/journal_chain.h"

#include <stdio.h>
#include <string.h>

#include "crypto/secret_key.h"
#include "store/query.h"

void journal_seal_bytes(struct hmac *hmac, const void *data, size_t len)
{
	uint32_t n = data != NULL ? (uint32_t)len : UINT32_MAX;
	unsigned char head[4] = {(unsigned char)(n >> 24),
	                         (unsigned char)(n >> 16),
	                         (unsigned char)(n >> 8), (unsigned char)n};

	hmac_write(hmac, head, sizeof(head));
	if (data != NULL && len > 0)
		hmac_write(hmac, data, len);
}

void journal_seal_text(struct hmac *hmac, const char *text)
{
	journal_seal_bytes(hmac, text, text != NULL ? strlen(text) : 0);
}

void journal_seal_int(struct hmac *hmac, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	journal_seal_text(hmac, text);
}

enum dum_status journal_seal(unsigned char mac[static HASH_BYTES],
                             struct hmac *hmac, const struct journal_entry *e,
                             struct dum_error *err)
{
	journal_seal_int(hmac, e->id);
	journal_seal_text(hmac, e->at);
	journal_seal_int(hmac, e->timeline);
	journal_seal_int(hmac, e->batch);
	journal_seal_text(hmac, e->actor);
	journal_seal_text(hmac, e->address);
	journal_seal_text(hmac, e->source);
	journal_seal_text(hmac, e->request_id);
	journal_seal_text(hmac, e->op);
	journal_seal_text(hmac, e->table);
	journal_seal_text(hmac, e->pk);
	journal_seal_text(hmac, e->before);
	journal_seal_text(hmac, e->after);
	journal_seal_bytes(hmac, e->prev, HASH_BYTES);
	journal_seal_text(hmac, e->key_id);
	return hmac_finish(hmac, mac, err);
}

enum dum_status journal_key(struct db *db, struct dum_error *err)
{
	struct secret_key key;
	enum dum_status status;

	if (db->hmac != NULL)
		return DUM_OK;
	status = secret_key_read(&key, db->config->secret_key_file,
	                         "SECRET_KEY_FILE", err);
	if (status != DUM_OK)
		return status;
	status = hmac_new(&db->hmac, key.bytes, sizeof(key.bytes), err);
	memcpy(db->key_id, key.id, sizeof(db->key_id));
	secret_key_wipe(&key);
	return status;
}

enum dum_status journal_mac(unsigned char mac[static HASH_BYTES], bool *found,
                            struct db *db, int64_t id, struct dum_error *err)
{
	bool any = false;
	struct query q;
	size_t len;

	query_start(&q, db, SQL_JOURNAL_MAC, err);
	query_bind_int(&q, ":id", id);
	while (query_row(&q)) {
		const void *stored = query_blob(&q, 0, &len);

		any = len == HASH_BYTES;
		if (any)
			memcpy(mac, stored, HASH_BYTES);
	}
	*found = any;
	return query_end(&q);
}
