#ifndef DUM_CRYPTO_CONTAINER_KEY_H
#define DUM_CRYPTO_CONTAINER_KEY_H
/*
 * container_key - what locks a container: the 32 bytes of a key file, or a
 * passphrase that people remember.
 */
#include <stddef.h>

#include "base/error.h"

enum { CONTAINER_KEY_BYTES = 32, PASSPHRASE_BYTES_MAX = 1024 };

enum container_key_kind {
	CONTAINER_KEY_FILE = 0, /* the numbers stand in the file format */
	CONTAINER_KEY_PASSPHRASE = 1
};

/* Wipe it after use: container_key_wipe(). */
struct container_key {
	enum container_key_kind kind;
	unsigned char bytes[CONTAINER_KEY_BYTES];
	char passphrase[PASSPHRASE_BYTES_MAX + 1];
};

/*
 * A file of 64 hexadecimal digits that nobody but its owner can read. Any
 * failure to get a key out of it is DUM_EKEY. setting: what names the file, for
 * the error: "BACKUP_KEY_FILE", or an option.
 */
DUM_MUST_CHECK enum dum_status container_key_read(struct container_key *out,
                                                  const char *path,
                                                  const char *setting,
                                                  struct dum_error *err);

/* DUM_EINVAL: it is empty or longer than PASSPHRASE_BYTES_MAX. */
DUM_MUST_CHECK enum dum_status container_key_from_passphrase(
    struct container_key *out, const char *text, struct dum_error *err);

void container_key_wipe(struct container_key *key);

#endif
