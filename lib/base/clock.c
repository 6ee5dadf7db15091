#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ZONE_DIR "/usr/share/zoneinfo/"

int64_t clock_now(void)
{
	return (int64_t)time(NULL);
}

int64_t clock_monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void clock_format_utc(char out[static CLOCK_TEXT_MAX], int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* The folder also holds lists of zones: look into the file. */
static bool is_zone_file(const char *path)
{
	char magic[4];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool is = false;

	if (fd >= 0) {
		is = read(fd, magic, sizeof(magic)) == sizeof(magic) &&
		     memcmp(magic, "TZif", sizeof(magic)) == 0;
		close(fd);
	}
	return is;
}

enum dum_status clock_set_zone(const char *zone, struct dum_error *err)
{
	char path[256];
	int len;

	/*
	 * The C library takes a name that it does not know for UTC without a
	 * word, which would move every day boundary: look for ourselves.
	 */
	if (strcmp(zone, "UTC") != 0) {
		len = snprintf(path, sizeof(path), ZONE_DIR "%s", zone);
		if (zone[0] == '\0' || zone[0] == '/' ||
		    strstr(zone, "..") != NULL || len >= (int)sizeof(path) ||
		    !is_zone_file(path))
			return error_set(err, DUM_EINVAL,
			                 "TIMEZONE: '%.80s' is no time zone of "
			                 "this system; names look like "
			                 "Europe/Vienna, 'ls " ZONE_DIR
			                 "' shows them",
			                 zone);
	}
	if (setenv("TZ", strcmp(zone, "UTC") == 0 ? "UTC0" : zone, 1) != 0)
		return error_set(err, DUM_ENOMEM, "setting the time zone: %s",
		                 strerror(errno));
	tzset();
	return DUM_OK;
}

int64_t clock_midnight(int year, int month, int day)
{
	struct tm tm = {.tm_year = year - 1900,
	                .tm_mon = month - 1,
	                .tm_mday = day,
	                .tm_isdst = -1};

	/* Where a clock is put forward at midnight this is the hour after. */
	return (int64_t)mktime(&tm);
}

void clock_civil(int64_t at, int *year, int *month, int *day)
{
	time_t t = (time_t)at;
	struct tm tm;

	localtime_r(&t, &tm);
	*year = tm.tm_year + 1900;
	*month = tm.tm_mon + 1;
	*day = tm.tm_mday;
}
