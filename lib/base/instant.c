#include "base/instant.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TEXT_MAX = 80 };

/* The parts of a moment, and whether it is of UTC. */
static bool split(struct tm *out, bool *utc, const char *text)
{
	char copy[TEXT_MAX], again[TEXT_MAX];
	struct tm tm = {.tm_isdst = -1};
	size_t len = strlen(text);
	int n = 0;

	*utc = len > 0 && text[len - 1] == 'Z';
	len -= *utc;
	if (len != strlen("2026-11-02 14:00") &&
	    len != strlen("2026-11-02 14:00:00"))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (copy[10] == 'T')
		copy[10] = ' ';
	n = sscanf(copy, "%4d-%2d-%2d %2d:%2d:%2d", &tm.tm_year, &tm.tm_mon,
	           &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
	if (n < 5 || tm.tm_year < 1970 || tm.tm_sec > 59)
		return false;
	snprintf(again, sizeof(again), "%04d-%02d-%02d %02d:%02d:%02d",
	         tm.tm_year % 10000, tm.tm_mon % 100, tm.tm_mday % 100,
	         tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec);
	/* Signs and blanks would be numbers, too. */
	if (strncmp(copy, again, len) != 0)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*out = tm;
	return true;
}

/* A 30th of February becomes a day in March; then it was none. */
static bool same_time(const struct tm *a, const struct tm *b)
{
	return a->tm_year == b->tm_year && a->tm_mon == b->tm_mon &&
	       a->tm_mday == b->tm_mday && a->tm_hour == b->tm_hour &&
	       a->tm_min == b->tm_min && a->tm_sec == b->tm_sec;
}

static bool shows(time_t at, const struct tm *wanted)
{
	struct tm tm;

	return localtime_r(&at, &tm) != NULL && same_time(&tm, wanted);
}

/* As the zone says with the clocks set so; -1: they never show it so. */
static time_t with_clocks(const struct tm *wanted, int summer)
{
	struct tm tm = *wanted;
	time_t at;

	tm.tm_isdst = summer;
	at = mktime(&tm);
	return shows(at, wanted) ? at : (time_t)-1;
}

static enum dum_status read_local(int64_t *out, const struct tm *wanted,
                                  const char *text, struct dum_error *err)
{
	time_t winter = with_clocks(wanted, 0), summer = with_clocks(wanted, 1);

	if (winter == -1 && summer == -1)
		return error_set(err, DUM_EINVAL,
		                 "'%.40s': the clocks of TIMEZONE never show "
		                 "this, they are put forward",
		                 text);
	if (winter != -1 && summer != -1 && winter != summer)
		return error_set(err, DUM_EINVAL,
		                 "'%.40s': the clocks of TIMEZONE show this "
		                 "twice, they are put back; say it in UTC, "
		                 "with a Z behind it",
		                 text);
	*out = winter != -1 ? winter : summer;
	return DUM_OK;
}

enum dum_status instant_read(int64_t *out, const char *text,
                             struct dum_error *err)
{
	struct tm wanted, found;
	bool utc = false;
	time_t at;

	if (!split(&wanted, &utc, text))
		return error_set(err, DUM_EINVAL,
		                 "'%.40s' is no moment: write it as "
		                 "2026-11-02 14:00, or 2026-11-02T14:00:00Z "
		                 "for UTC",
		                 text);
	found = wanted;
	at = timegm(&found);
	if (!same_time(&found, &wanted))
		return error_set(err, DUM_EINVAL,
		                 "'%.40s': there is no such day or time", text);
	if (!utc)
		return read_local(out, &wanted, text, err);
	*out = at;
	return DUM_OK;
}

int64_t instant_read_utc(const char *text)
{
	struct tm tm;
	bool utc = false;

	return split(&tm, &utc, text) && utc ? (int64_t)timegm(&tm) : 0;
}
