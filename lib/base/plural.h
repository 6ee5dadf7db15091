#ifndef DUM_BASE_PLURAL_H
#define DUM_BASE_PLURAL_H
/*
 * plural - the words that stand behind a number in a message for people:
 *
 *	"%lld file%s", n, plural_s(n)
 *	"%lld %s of the journal", n, plural(n, "entry", "entries")
 */
#include <stdint.h>

static inline const char *plural(int64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

static inline const char *plural_s(int64_t n)
{
	return plural(n, "", "s");
}

#endif
