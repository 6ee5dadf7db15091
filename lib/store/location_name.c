/* How a name of a file's column becomes one that people like to read. */
#include <string.h>

#include "store/location.h"

static bool separates(char c)
{
	return c == '_' || c == '-' || c == '.' || c == ' ';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* A word with a capital in it was written so on purpose ("US", "iPad"). */
static bool all_lower(const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (word[i] >= 'A' && word[i] <= 'Z')
			return false;
	return true;
}

void location_readable(char out[static LOCATION_DISPLAY_MAX], const char *name)
{
	size_t used = 0;

	for (const char *p = name; *p != '\0';) {
		size_t len = strcspn(p, "_-. ");

		if (len > 0 && used + len + 2 < LOCATION_DISPLAY_MAX) {
			if (used > 0)
				out[used++] = ' ';
			memcpy(out + used, p, len);
			if (is_lower(*p) && all_lower(p, len))
				out[used] = (char)(*p - 'a' + 'A');
			used += len;
		}
		p += len;
		while (separates(*p))
			p++;
	}
	out[used] = '\0';
	/* A name of separators alone is shown as it is. */
	if (used == 0) {
		used = strnlen(name, LOCATION_DISPLAY_MAX - 1);
		memcpy(out, name, used);
		out[used] = '\0';
	}
}
