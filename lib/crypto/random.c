/*
 * The kernel's generator by getrandom(2): it needs no state of ours, so a
 * forked worker can not repeat what another one got.
 */
#include "crypto/random.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "crypto/hash.h"

enum dum_status random_bytes(void *out, size_t len, struct dum_error *err)
{
	unsigned char *p = out;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_set(err, DUM_ESYS,
			                 "no random bytes from the system: %s",
			                 strerror(errno));
		p += n;
		len -= (size_t)n;
	}
	return DUM_OK;
}

enum dum_status random_hex(char *out, size_t bytes, struct dum_error *err)
{
	unsigned char raw[64];
	enum dum_status status;

	if (bytes == 0 || bytes > sizeof(raw))
		return error_set(err, DUM_EINVAL, "%zu is not 1 to 64 bytes",
		                 bytes);
	status = random_bytes(raw, bytes, err);
	if (status == DUM_OK)
		hex_write(out, raw, bytes);
	explicit_bzero(raw, sizeof(raw));
	return status;
}
