#ifndef DUM_TOOLS_TOOL_H
#define DUM_TOOLS_TOOL_H
/*
 * tool - what all command-line programs have in common: where the settings
 * come from, how an error is told, and which exit status it gives.
 */
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "config/config.h"
#include "store/db.h"
#include "store/journal.h"

/* Exit statuses that scripts rely on. */
enum tool_exit {
	TOOL_DONE = 0,
	TOOL_PROBLEM = 1, /* found a problem, or not found */
	TOOL_USAGE = 2,   /* wrong usage or input */
	TOOL_WRONG_KEY = 3,
	TOOL_DAMAGED = 4,
	TOOL_TRUNCATED = 5,
	TOOL_BUSY = 75 /* try again */
};

enum tool_exit tool_exit_status(enum dum_status status);

/* The settings file that path, $DUM_CONFIG or the package names; borrowed. */
const char *tool_config_path(const char *path);

/*
 * Settings from path, or $DUM_CONFIG, or the packaged file when path is NULL;
 * then the environment; then the time zone of the process is set. The error
 * names the file.
 */
DUM_MUST_CHECK enum dum_status tool_config(struct config *out, const char *path,
                                           struct dum_error *err);

/* "PROGRAM: TEXT" to stderr, and what to do about it; the exit status. */
enum tool_exit tool_fail(const char *program, const struct dum_error *err);

/* "PROGRAM: TEXT", then where to find help, to stderr; TOOL_USAGE. */
enum tool_exit tool_usage_error(const char *program, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "PROGRAM VERSION" and the versions of the libraries; TOOL_DONE. */
enum tool_exit tool_version(const char *program);

/*
 * Who runs this program, for the journal: actor "local:NAME" by user id,
 * source the program. program and buf are borrowed.
 */
struct origin tool_origin(const char *program, char *buf, size_t size);

/*
 * Enter into the journal that something leaves the database: an event of that
 * name ("export") with its object and a detail, a JSON object, in a change of
 * its own. Before it leaves, so that none does unnoticed.
 */
DUM_MUST_CHECK enum dum_status tool_enter_event(
    struct db *db, const char *program, const struct journal_event *event,
    struct dum_error *err);

/* Flush stdout; a write error there (a full disk, say) is told. */
enum tool_exit tool_finish(const char *program, enum tool_exit status);

/*
 * A line of progress on stderr when that is a terminal, at most ten a second:
 * "importing  41 %". Silent otherwise.
 */
struct tool_progress {
	const char *what;
	bool on;
	bool shown;
	long long last_ms;
};

void tool_progress_start(struct tool_progress *p, const char *what);
void tool_progress_step(struct tool_progress *p, long long done, long long all);
/* Wipe the line. */
void tool_progress_end(struct tool_progress *p);

#endif
