#include "access/password_policy.h"

#include <string.h>
#include <strings.h>

#include "access/common_password.h"
#include "base/utf8.h"

enum {
	BYTES_MAX = PASSWORD_CHARS_MAX * 4, /* as many characters can take */
	LEFT_MIN = 8,                       /* beside the user's name */
	AROUND_MAX = 10,   /* more digits and signs make it hard to guess */
	DIFFERENT_MIN = 5, /* characters */
};

static enum dum_status check_length(const char *password, const char *field,
                                    struct dum_error *err)
{
	size_t len = strlen(password), chars;

	if (len > BYTES_MAX)
		return error_field(err, DUM_EINVAL, field,
		                   "a password has at most %d characters",
		                   PASSWORD_CHARS_MAX);
	if (!utf8_valid(password, len))
		return error_field(err, DUM_EINVAL, field,
		                   "a password must be UTF-8 text");
	chars = utf8_count(password, len);
	if (chars < PASSWORD_CHARS_MIN)
		return error_field(err, DUM_EINVAL, field,
		                   "a password has at least %d characters; "
		                   "four or five words make a good one",
		                   PASSWORD_CHARS_MIN);
	if (chars > PASSWORD_CHARS_MAX)
		return error_field(err, DUM_EINVAL, field,
		                   "a password has at most %d characters",
		                   PASSWORD_CHARS_MAX);
	return DUM_OK;
}

/* What is left of a password when the user's name is taken out of it. */
static size_t left_without(const char *password, const char *name)
{
	size_t len = strlen(password), name_len = strlen(name), left = 0;

	if (name_len == 0)
		return len;
	for (size_t i = 0; i < len;) {
		if (strncasecmp(password + i, name, name_len) == 0) {
			i += name_len;
		} else {
			left++;
			i++;
		}
	}
	return left;
}

/* The letters alone, in lower case; what is not ASCII counts as a letter. */
static size_t letters_of(char out[static BYTES_MAX], const char *password)
{
	size_t len = 0;

	for (; *password != '\0'; password++) {
		unsigned char c = (unsigned char)*password;

		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || c >= 0x80)
			out[len++] = (char)c;
	}
	return len;
}

static bool is_common(const char *password)
{
	char letters[BYTES_MAX];
	size_t len = strlen(password), left = letters_of(letters, password);

	if (common_password_has(password, len))
		return true;
	if (len - left > AROUND_MAX)
		return false;
	if (common_password_has(letters, left))
		return true;
	for (size_t i = 1; i < left; i++)
		if (common_password_has(letters, i) &&
		    common_password_has(letters + i, left - i))
			return true;
	return false;
}

/* Each byte as far from the one before: aaaa, 1234, zyxw; 9 goes on with 0. */
static bool is_run(const char *password)
{
	int step = password[1] - password[0];

	for (size_t i = 2; password[i] != '\0'; i++) {
		int next = password[i] - password[i - 1];
		bool turn = (password[i - 1] == '9' && password[i] == '0') ||
		            (password[i - 1] == '0' && password[i] == '9');

		if (next != step && !turn)
			return false;
	}
	return true;
}

static bool has_few_characters(const char *password)
{
	bool seen[256] = {false};
	int different = 0;

	for (; *password != '\0'; password++) {
		different += !seen[(unsigned char)*password];
		seen[(unsigned char)*password] = true;
	}
	return different < DIFFERENT_MIN;
}

enum dum_status password_policy_check(const char *username,
                                      const char *password, const char *field,
                                      struct dum_error *err)
{
	enum dum_status status;

	status = check_length(password, field, err);
	if (status == DUM_OK && left_without(password, username) < LEFT_MIN)
		status = error_field(err, DUM_EINVAL, field,
		                     "a password must not be made of the user "
		                     "name");
	if (status == DUM_OK && (is_common(password) || is_run(password) ||
	                         has_few_characters(password)))
		status = error_field(err, DUM_EINVAL, field,
		                     "this password is one of the first that "
		                     "are tried; take four or five words that "
		                     "have nothing to do with each other");
	return status;
}
