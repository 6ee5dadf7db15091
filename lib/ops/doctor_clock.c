/* Time zone, clock, and records or entries from the future. */
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>

#include "base/clock.h"
#include "calc/date.h"
#include "ops/doctor_parts.h"
#include "store/inspect.h"
#include "store/usage.h"

/* A machine without a battery-backed clock starts in 1970 or at its build. */
#define YEAR_LEAST 2024

#define ZONES "/usr/share/zoneinfo/"

static bool is_utc(const char *zone)
{
	static const char *const names[] = {
	    "UTC", "Etc/UTC", "UCT",  "Etc/UCT",  "Zulu",      "Etc/Zulu",
	    "GMT", "Etc/GMT", "GMT0", "Etc/GMT0", "Universal", "Etc/Universal"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(zone, names[i]) == 0)
			return true;
	return false;
}

/* UTC is what the settings have where nobody thought of it. */
static void check_zone(const struct config *config, const struct finder *to)
{
	char *system = realpath("/etc/localtime", NULL);
	const char *name = system;
	struct finding f;

	if (name != NULL && strncmp(name, ZONES, sizeof(ZONES) - 1) == 0)
		name += sizeof(ZONES) - 1;
	if (name != NULL && is_utc(config->timezone) && !is_utc(name)) {
		finding_set(&f, FINDING_WARNING, "timezone",
		            "days are counted in UTC, and this machine lives "
		            "in %s",
		            name);
		finding_advise(to, &f,
		               "TIMEZONE=%s in the settings, where "
		               "that is the zone of the provider",
		               name);
	} else {
		finding_ok(to, "timezone", "days are those of %s",
		           config->timezone);
	}
	free(system);
}

static void check_now(int64_t now, const struct finder *to)
{
	struct timex state = {.modes = 0};
	char text[CLOCK_TEXT_MAX];
	int year, month, day;
	struct finding f;

	clock_civil(now, &year, &month, &day);
	if (year < YEAR_LEAST) {
		finding_set(&f, FINDING_PROBLEM, "clock",
		            "the clock says it is %04d-%02d-%02d", year, month,
		            day);
		finding_advise(to, &f,
		               "set it, and let NTP keep it: every "
		               "day, session and backup goes by it");
		return;
	}
	clock_format_utc(text, now);
	if (adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC)) {
		finding_set(&f, FINDING_WARNING, "clock",
		            "the clock says %s, and nothing keeps it right",
		            text);
		finding_advise(to, &f,
		               "run an NTP client, such as "
		               "systemd-timesyncd or chrony");
		return;
	}
	finding_ok(to, "clock", "the clock says %s and is kept by NTP", text);
}

static void check_records(struct db *db, int64_t now, const struct finder *to)
{
	struct date first, last, today;
	char text[DATE_TEXT_MAX];
	struct dum_error err = {0};
	struct finding f;
	bool any;

	if (usage_range(&any, &first, &last, db, &err) != DUM_OK) {
		finding_error(to, "newest_record", &err,
		              "the newest record could not be read");
		return;
	}
	if (!any)
		return;
	clock_civil(now, &today.year, &today.month, &today.day);
	date_format(text, last);
	if (date_diff(today, last) > 1) {
		finding_set(&f, FINDING_WARNING, "newest_record",
		            "the newest record is of %s, which is yet to come",
		            text);
		finding_advise(to, &f,
		               "if the clock is right, correct or "
		               "delete records of days to come");
	} else {
		finding_ok(to, "newest_record", "the newest record is of %s",
		           text);
	}
}

/* Both are texts of one form, which sort as the instants do. */
static void check_entries(struct db *db, int64_t now, const struct finder *to)
{
	char text[CLOCK_TEXT_MAX];
	struct dum_error err = {0};
	struct db_facts facts;
	struct finding f;

	/* What keeps it from being read has been told before. */
	if (db_inspect(&facts, db, &err) != DUM_OK)
		return;
	/* Another process may have written since now was asked for. */
	clock_format_utc(text, now + 60);
	if (strcmp(facts.newest_entry_at, text) <= 0)
		return;
	finding_set(&f, FINDING_PROBLEM, "clock",
	            "the newest entry of the journal is of %s, which is yet "
	            "to come: the clock was put back, or was wrong",
	            facts.newest_entry_at);
	finding_advise(to, &f,
	               "set the clock; times of what is entered until "
	               "then are not in order");
}

void doctor_clock(const struct config *config, struct db *db,
                  const struct finder *to)
{
	int64_t now = clock_now();

	check_zone(config, to);
	check_now(now, to);
	if (db != NULL) {
		check_records(db, now, to);
		check_entries(db, now, to);
	}
}
