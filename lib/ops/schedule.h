#ifndef DUM_OPS_SCHEDULE_H
#define DUM_OPS_SCHEDULE_H
/*
 * schedule - how often cron makes a backup, as an entry for /etc/cron.d.
 *
 * The entry's first line says the schedule in a word, so that it can be told
 * again and that "off" stays off. Times are civil times of the process's time
 * zone, which for cron is the system's.
 *
 * No I/O and no clock: texts go in and out, and now is an argument.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"

enum schedule_period {
	SCHEDULE_OFF,
	SCHEDULE_HOURLY,  /* at minute 0 */
	SCHEDULE_DAILY,   /* 02:00 */
	SCHEDULE_WEEKLY,  /* Sunday, 02:00 */
	SCHEDULE_MONTHLY, /* the 1st, 02:00 */
	SCHEDULE__MAX
};

/* "daily", and for people "each day at 02:00". */
const char *schedule_name(enum schedule_period period);
const char *schedule_when(enum schedule_period period);

/* false: no such word. */
bool schedule_parse(enum schedule_period *out, const char *word);

/* What an entry runs, and as whom. */
struct schedule_job {
	const char *user;
	const char *program; /* absolute path of dum-cron */
	const char *config;  /* its settings; NULL: the usual ones */
};

/*
 * The entry, appended to out. DUM_EINVAL: a user or a path that cron would
 * take apart.
 */
DUM_MUST_CHECK enum dum_status schedule_write(struct strbuf *out,
                                              enum schedule_period period,
                                              const struct schedule_job *job,
                                              struct dum_error *err);

/*
 * The schedule that an entry has. *as_written is false where its time is
 * another than the word's: somebody changed the line by hand. DUM_EINVAL: not
 * an entry of ours.
 */
DUM_MUST_CHECK enum dum_status schedule_read(enum schedule_period *out,
                                             bool *as_written, const char *text,
                                             struct dum_error *err);

/*
 * The first run after now; -1 for SCHEDULE_OFF. As cron does it: a time that
 * the clock leaves out is made up for as soon as it has gone forward, and one
 * that comes twice is taken the first time.
 */
int64_t schedule_next(enum schedule_period period, int64_t now);

#endif
