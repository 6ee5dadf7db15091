#include "crypto/container_key.h"

#include <string.h>

#include "crypto/secret_key.h"

enum dum_status container_key_read(struct container_key *out, const char *path,
                                   const char *setting, struct dum_error *err)
{
	struct dum_error inner = {0};
	struct secret_key key;

	if (secret_key_read(&key, path, setting, &inner) != DUM_OK)
		return error_set(err, DUM_EKEY, "%s", inner.text);
	*out = (struct container_key){.kind = CONTAINER_KEY_FILE};
	memcpy(out->bytes, key.bytes, CONTAINER_KEY_BYTES);
	secret_key_wipe(&key);
	return DUM_OK;
}

enum dum_status container_key_from_passphrase(struct container_key *out,
                                              const char *text,
                                              struct dum_error *err)
{
	size_t len = strlen(text);

	if (len == 0 || len > PASSPHRASE_BYTES_MAX)
		return error_set(err, DUM_EINVAL,
		                 "a passphrase has 1 to %d bytes",
		                 PASSPHRASE_BYTES_MAX);
	*out = (struct container_key){.kind = CONTAINER_KEY_PASSPHRASE};
	memcpy(out->passphrase, text, len + 1);
	return DUM_OK;
}

void container_key_wipe(struct container_key *key)
{
	explicit_bzero(key, sizeof(*key));
}
