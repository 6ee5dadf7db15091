#include "access/password_policy.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"

/* So many bytes can as many characters take. */
enum { BYTES_MAX = PASSWORD_CHARS_MAX * 4, LEFT_MIN = 8 };

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
	return status;
}
