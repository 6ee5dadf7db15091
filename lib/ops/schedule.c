#include "ops/schedule.h"

#include <string.h>
#include <time.h>

#define HEAD "# schedule: "

enum { MINUTE = 60, RUN_AT = 2 * 3600, DAY = 86400, DAYS_AHEAD = 64 };

static const struct {
	const char *name;
	const char *when;
	const char *fields; /* of cron: minute, hour, day, month, weekday */
} periods[] = {
    [SCHEDULE_OFF] = {"off", "never", NULL},
    [SCHEDULE_HOURLY] = {"hourly", "each hour at minute 0", "0 * * * *"},
    [SCHEDULE_DAILY] = {"daily", "each day at 02:00", "0 2 * * *"},
    [SCHEDULE_WEEKLY] = {"weekly", "each Sunday at 02:00", "0 2 * * 0"},
    [SCHEDULE_MONTHLY] = {"monthly", "on the 1st of each month at 02:00",
                          "0 2 1 * *"},
};

const char *schedule_name(enum schedule_period period)
{
	return periods[period].name;
}

const char *schedule_when(enum schedule_period period)
{
	return periods[period].when;
}

static bool parse_word(enum schedule_period *out, const char *word, size_t len)
{
	for (int i = 0; i < SCHEDULE__MAX; i++)
		if (strlen(periods[i].name) == len &&
		    memcmp(periods[i].name, word, len) == 0) {
			*out = (enum schedule_period)i;
			return true;
		}
	return false;
}

bool schedule_parse(enum schedule_period *out, const char *word)
{
	return parse_word(out, word, strlen(word));
}

/* --- the entry ------------------------------------------------------------ */

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

/* What neither cron nor the shell takes for more than a letter. */
static bool is_plain(const char *text, const char *more)
{
	char allowed[sizeof(LETTERS DIGITS) + 8] = LETTERS DIGITS;
	size_t len = strlen(allowed);

	for (; *more != '\0'; more++)
		allowed[len++] = *more;
	allowed[len] = '\0';
	return text[0] != '\0' && text[strspn(text, allowed)] == '\0';
}

enum dum_status schedule_write(struct strbuf *out, enum schedule_period period,
                               const struct schedule_job *job,
                               struct dum_error *err)
{
	if (!is_plain(job->user, "_-") || job->user[0] == '-')
		return error_set(err, DUM_EINVAL, "'%.60s' is no user for cron",
		                 job->user);
	if (job->program[0] != '/' || !is_plain(job->program, "/._+-"))
		return error_set(err, DUM_EINVAL,
		                 "cron can not run '%.200s': its path has to "
		                 "be absolute, of letters, digits and /._+-",
		                 job->program);
	if (job->config != NULL && !is_plain(job->config, "/._+-"))
		return error_set(err, DUM_EINVAL,
		                 "the settings' path '%.200s' is none for cron",
		                 job->config);
	strbuf_addf(out,
	            HEAD "%s (%s)\n"
	                 "# Written by dum-backup schedule, which changes it "
	                 "and shows the next run.\n",
	            periods[period].name, periods[period].when);
	if (periods[period].fields != NULL)
		strbuf_addf(
		    out,
		    "MAILTO=root\n"
		    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
		    "/usr/bin:/sbin:/bin\n"
		    "%s %s [ ! -x %s ] || %s %s%s%sbackup %s\n",
		    periods[period].fields, job->user, job->program,
		    job->program, job->config != NULL ? "--config " : "",
		    job->config != NULL ? job->config : "",
		    job->config != NULL ? " " : "", periods[period].name);
	return strbuf_ok(out) ? DUM_OK
	                      : error_set(err, DUM_ENOMEM, "out of memory");
}

/* A line of the text begins with this and a blank. */
static bool has_line(const char *text, const char *start)
{
	size_t len = strlen(start);

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, start, len) == 0 && line[len] == ' ')
			return true;
	}
	return false;
}

/* A line with a time for a job: neither empty, a remark nor a setting. */
static bool has_job(const char *text)
{
	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		line += strspn(line, " \t");
		if (strchr(DIGITS "*@", *line) != NULL && *line != '\0')
			return true;
	}
	return false;
}

enum dum_status schedule_read(enum schedule_period *out, bool *as_written,
                              const char *text, struct dum_error *err)
{
	const char *word = text + strlen(HEAD);
	enum schedule_period period;

	if (strncmp(text, HEAD, strlen(HEAD)) != 0 ||
	    !parse_word(&period, word, strcspn(word, " \n")))
		return error_set(err, DUM_EINVAL,
		                 "its first line does not say '" HEAD
		                 "daily', or another of hourly, weekly, "
		                 "monthly and off");
	*as_written = periods[period].fields == NULL
	                  ? !has_job(text)
	                  : has_line(text, periods[period].fields);
	*out = period;
	return DUM_OK;
}

/* --- the next run --------------------------------------------------------- */

/* What the clock on the wall shows at an instant, counted as if it were UTC. */
static int64_t wall_at(int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	localtime_r(&t, &tm);
	return at + tm.tm_gmtoff;
}

static struct tm civil(int64_t wall)
{
	time_t t = (time_t)wall;
	struct tm tm;

	gmtime_r(&t, &tm);
	return tm;
}

/*
 * The first instant at which the clock shows this time or a later one. mktime()
 * takes either of two instants and goes back over a gap as it likes, so the
 * minutes are looked at from the earliest one possible on.
 */
static int64_t first_instant(int64_t wall)
{
	int64_t before = wall_at(wall - DAY) - (wall - DAY);
	int64_t after = wall_at(wall + DAY) - (wall + DAY);
	int64_t at = wall - (before > after ? before : after);

	while (wall_at(at) < wall)
		at += MINUTE;
	return at;
}

static bool is_run_day(enum schedule_period period, int64_t midnight)
{
	struct tm tm = civil(midnight);

	return period == SCHEDULE_DAILY ||
	       (period == SCHEDULE_WEEKLY && tm.tm_wday == 0) ||
	       (period == SCHEDULE_MONTHLY && tm.tm_mday == 1);
}

static int64_t next_hour(int64_t now)
{
	int64_t at = now - now % MINUTE + MINUTE;

	while (wall_at(at) % 3600 >= MINUTE)
		at += MINUTE;
	return at;
}

int64_t schedule_next(enum schedule_period period, int64_t now)
{
	int64_t today = wall_at(now) / DAY * DAY;

	if (period == SCHEDULE_OFF)
		return -1;
	if (period == SCHEDULE_HOURLY)
		return next_hour(now);
	for (int64_t day = today; day <= today + DAYS_AHEAD * (int64_t)DAY;
	     day += DAY) {
		int64_t at;

		if (!is_run_day(period, day))
			continue;
		at = first_instant(day + RUN_AT);
		/*
		 * A zone that goes over the date line leaves out a whole day.
		 */
		if (at > now && wall_at(at) / DAY * DAY == day)
			return at;
	}
	return -1; /* not reached: two months have a 1st */
}
