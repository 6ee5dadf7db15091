/*
 * What a caller shows to be let in, in all its forms: session tokens and API
 * keys, base64 of both alphabets, lists of scopes and a stored password hash. A
 * key that is taken must be one that spells itself in the same way again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "access/api_key.h"
#include "base/base64.h"
#include "crypto/hash.h"
#include "crypto/password.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

static void try_key(const char *text)
{
	unsigned char secret[API_KEY_SECRET_BYTES];
	char again[BASE64_MAX(API_KEY_SECRET_BYTES)];
	char prefix[API_KEY_PREFIX_MAX];

	if (!api_key_parse(prefix, secret, text))
		return;
	base64_encode(again, secret, sizeof(secret), BASE64_URL);
	must(strlen(text) == API_KEY_TEXT_MAX - 1);
	must(memcmp(text + 4, prefix, strlen(prefix)) == 0);
	must(memcmp(text + 5 + strlen(prefix), again, strlen(again)) == 0);
}

static void try_base64(const char *text, size_t len,
                       enum base64_alphabet alphabet)
{
	size_t raw_len = len / 4 * 3 + (len % 4 > 1 ? len % 4 - 1 : 0);
	unsigned char *raw = malloc(raw_len + 1);
	char *again = malloc(BASE64_MAX(raw_len));

	must(raw != NULL && again != NULL);
	if (base64_decode(raw, raw_len, text, len, alphabet)) {
		must(base64_encode(again, raw, raw_len, alphabet) == len);
		must(memcmp(again, text, len) == 0);
	}
	free(again);
	free(raw);
}

/* Written and read again, a set is the same. */
static void try_scopes(unsigned scopes)
{
	struct strbuf list = STRBUF_INIT;
	struct dum_error err = {0};
	unsigned again = 0;

	scope_list(&list, scopes);
	must(scope_parse(&again, list.buf, &err) == DUM_OK);
	must(again == scopes);
	strbuf_release(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dum_error err = {0};
	unsigned char raw[32];
	unsigned scopes = 0;
	char *text = malloc(size + 1);

	must(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	try_key(text);
	try_base64(text, strlen(text), BASE64_URL);
	try_base64(text, strlen(text), BASE64_STANDARD);
	(void)!hex_read(raw, sizeof(raw), text, strlen(text));
	if (password_phc_valid(text))
		must(strlen(text) < PASSWORD_PHC_MAX);
	if (scope_parse(&scopes, text, &err) == DUM_OK)
		try_scopes(scopes);
	free(text);
	return 0;
}
