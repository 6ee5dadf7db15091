#include "access/common_password.h"

#include <string.h>

/* As strcmp(), with the length of one side given. */
static int compare(const char *entry, const char *text, size_t len)
{
	int order = strncmp(entry, text, len);

	return order != 0 ? order : entry[len] != '\0';
}

bool common_password_has(const char *text, size_t len)
{
	size_t low = 0, high = common_password_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *entry = common_password_text +
		                    common_password_at[middle];
		int order = compare(entry, text, len);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}
