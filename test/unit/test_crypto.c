/* Unit tests of lib/crypto, against published test vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/secret_key.h"

static void sha256_of_abc_is_the_published_one(void **state)
{
	char hex[HASH_HEX_MAX];
	struct dum_error err = {0};

	(void)state;
	assert_int_equal(hash_sha256_hex(hex, "abc", 3, &err), DUM_OK);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
	                         "b00361a396177a9cb410ff61f20015ad");
}

/* RFC 4231, test cases 2 and 1. */
static void hmac_gives_the_values_of_rfc_4231(void **state)
{
	unsigned char key[20], mac[HASH_BYTES];
	struct hmac *hmac = NULL;
	struct dum_error err = {0};
	char hex[HASH_HEX_MAX];

	(void)state;
	assert_int_equal(hmac_new(&hmac, "Jefe", 4, &err), DUM_OK);
	hmac_write(hmac, "what do ya want ", 16);
	hmac_write(hmac, "for nothing?", 12);
	for (int i = 0; i < 2; i++) {
		if (i == 1)
			hmac_write(hmac, "what do ya want for nothing?", 28);
		assert_int_equal(hmac_finish(hmac, mac, &err), DUM_OK);
		hex_write(hex, mac, sizeof(mac));
		assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c7"
		                         "5a003f089d2739839dec58b964ec3843");
	}
	hmac_free(hmac);
	memset(key, 0x0b, sizeof(key));
	assert_int_equal(hmac_new(&hmac, key, sizeof(key), &err), DUM_OK);
	hmac_write(hmac, "Hi There", 8);
	assert_int_equal(hmac_finish(hmac, mac, &err), DUM_OK);
	hex_write(hex, mac, sizeof(mac));
	assert_string_equal(hex, "b0344c61d8db38535ca8afceaf0bf12b"
	                         "881dc200c9833da726e9376c2e32cff7");
	hmac_free(hmac);
}

static void hexadecimal_is_read_strictly(void **state)
{
	unsigned char out[2];

	(void)state;
	assert_true(hex_read(out, 2, "0aFf", 4));
	assert_int_equal(out[0], 0x0a);
	assert_int_equal(out[1], 0xff);
	assert_false(hex_read(out, 2, "0aF", 3));
	assert_false(hex_read(out, 2, "0aFg", 4));
	assert_false(hex_read(out, 2, "0aFf0", 5));
}

static void random_values_differ(void **state)
{
	char a[33], b[33];
	struct dum_error err = {0};

	(void)state;
	assert_int_equal(random_hex(a, 16, &err), DUM_OK);
	assert_int_equal(random_hex(b, 16, &err), DUM_OK);
	assert_int_equal(strlen(a), 32);
	assert_string_not_equal(a, b);
}

static void a_secret_key_is_made_once_and_read_back(void **state)
{
	char dir[] = "/tmp/dum-test-XXXXXX", path[64];
	struct secret_key a, b;
	struct dum_error err = {0};
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/key", dir);
	assert_int_equal(secret_key_read(&a, path, "KEY", &err), DUM_ESYS);
	assert_non_null(strstr(err.text, "KEY /tmp/dum-test-"));
	assert_non_null(strstr(err.text, "put the file back"));
	error_clear(&err);
	assert_int_equal(secret_key_make(path, &err), DUM_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(secret_key_read(&a, path, "KEY", &err), DUM_OK);
	assert_int_equal(secret_key_make(path, &err), DUM_ECONFLICT);
	error_clear(&err);
	assert_int_equal(secret_key_read(&b, path, "KEY", &err), DUM_OK);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_int_equal(strlen(a.id), 16);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(secret_key_read(&b, path, "KEY", &err), DUM_ESYS);
	assert_non_null(strstr(err.text, "chmod 600"));
	error_clear(&err);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 20), 0);
	assert_int_equal(secret_key_read(&b, path, "KEY", &err), DUM_EDAMAGED);
	unlink(path);
	assert_int_equal(rmdir(dir), 0); /* and no partial file is left */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sha256_of_abc_is_the_published_one),
	    cmocka_unit_test(hmac_gives_the_values_of_rfc_4231),
	    cmocka_unit_test(hexadecimal_is_read_strictly),
	    cmocka_unit_test(random_values_differ),
	    cmocka_unit_test(a_secret_key_is_made_once_and_read_back),
	};

	return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
