#include "config/config_list.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#define BLANKS " \t"

enum { WORD_MAX = 256 };

typedef bool (*word_fn)(const char *word);

/* Ask of each word; what the words have to be stands in the message. */
static enum dum_status check_words(const char *list, const char *separators,
                                   word_fn is_good, const char *wanted,
                                   struct dum_error *err)
{
	char word[WORD_MAX];

	for (list += strspn(list, BLANKS ","); *list != '\0';
	     list += strspn(list, BLANKS ",")) {
		size_t step = strcspn(list, separators), len = step;
		bool fits;

		while (strchr(BLANKS, list[len - 1]) != NULL)
			len--;
		fits = len < sizeof(word);
		if (fits) {
			memcpy(word, list, len);
			word[len] = '\0';
		}
		if (!fits || !is_good(word))
			return error_set(err, DUM_EINVAL, "'%.*s' is not %s",
			                 (int)(len < 60 ? len : 60), list,
			                 wanted);
		list += step;
	}
	return DUM_OK;
}

/* A number without leading zeros, 0..max. */
static bool is_number(const char *text, int max)
{
	int n = 0;

	if (*text == '\0' || (text[0] == '0' && text[1] != '\0'))
		return false;
	for (; *text >= '0' && *text <= '9' && n <= max; text++)
		n = n * 10 + (*text - '0');
	return *text == '\0' && n <= max;
}

static bool is_network(const char *word)
{
	const char *slash = strchr(word, '/');
	char address[INET6_ADDRSTRLEN];
	size_t len = slash != NULL ? (size_t)(slash - word) : strlen(word);
	unsigned char raw[16];

	if (len >= sizeof(address))
		return false;
	memcpy(address, word, len);
	address[len] = '\0';
	if (inet_pton(AF_INET, address, raw) == 1)
		return slash == NULL || is_number(slash + 1, 32);
	return inet_pton(AF_INET6, address, raw) == 1 &&
	       (slash == NULL || is_number(slash + 1, 128));
}

enum dum_status config_check_networks(const char *list, struct dum_error *err)
{
	return check_words(list, BLANKS ",", is_network,
	                   "an address or a network, such as 192.0.2.10 or "
	                   "2001:db8::/32",
	                   err);
}

/* Length of the host at the start of text; 0: none. */
static size_t host_len(const char *text)
{
	size_t len;

	if (text[0] != '[')
		return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-_");
	len = strspn(text + 1, "0123456789abcdef:.");
	return len > 0 && text[len + 1] == ']' ? len + 2 : 0;
}

static bool is_origin(const char *word)
{
	size_t scheme = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789+-.");
	const char *host = word + scheme + 3;
	size_t len;

	if (strcmp(word, "*") == 0)
		return true;
	if (scheme == 0 || strncmp(word + scheme, "://", 3) != 0)
		return false;
	len = host_len(host);
	if (len == 0)
		return false;
	return host[len] == '\0' ||
	       (host[len] == ':' && is_number(host + len + 1, 65535));
}

enum dum_status config_check_origins(const char *list, struct dum_error *err)
{
	return check_words(list, ",", is_origin,
	                   "an origin, such as https://example.org or "
	                   "https://example.org:8443 (lower case, no path), or "
	                   "*",
	                   err);
}
