#include "tool.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/version.h"
#include "crypto/gcrypt.h"

enum tool_exit tool_exit_status(enum dum_status status)
{
	switch (status) {
	case DUM_OK:
		return TOOL_DONE;
	case DUM_EINVAL:
		return TOOL_USAGE;
	case DUM_EBUSY:
		return TOOL_BUSY;
	case DUM_EKEY:
		return TOOL_WRONG_KEY;
	case DUM_EDAMAGED:
		return TOOL_DAMAGED;
	case DUM_ETRUNCATED:
		return TOOL_TRUNCATED;
	case DUM_ENOTFOUND:
	case DUM_ECONFLICT:
	case DUM_EAUTH:
	case DUM_EFULL:
	case DUM_ESCHEMA:
	case DUM_EREADONLY:
	case DUM_EUNKNOWN:
	case DUM_ENOMEM:
	case DUM_ESYS:
		break;
	}
	return TOOL_PROBLEM;
}

/* The settings' errors come without the file they stand in. */
static enum dum_status name_file(struct dum_error *err, const char *path,
                                 const struct dum_error *inner, bool given)
{
	if (inner->status == DUM_ENOTFOUND)
		return error_set(err, DUM_ENOTFOUND, "%s%s", inner->text,
		                 given ? ""
		                       : "; name the settings file with "
		                         "--config FILE or $DUM_CONFIG");
	if (inner->line > 0)
		return error_set(err, inner->status, "%s:%d: %s", path,
		                 inner->line, inner->text);
	return error_set(err, inner->status, "%s", inner->text);
}

const char *tool_config_path(const char *path)
{
	if (path == NULL)
		path = getenv("DUM_CONFIG");
	return path != NULL ? path : CONFIG_DEFAULT_PATH;
}

/* Nothing that stands in a buffer is of use: it was not done. */
static void end_without_memory(void)
{
	fprintf(stderr, "%s: out of memory\n", program_invocation_short_name);
	_exit(TOOL_PROBLEM);
}

enum dum_status tool_config(struct config *out, const char *path,
                            struct dum_error *err)
{
	struct dum_error inner = {0};
	bool given = path != NULL;
	enum dum_status status;

	path = tool_config_path(path);
	gcrypt_end_by(end_without_memory);
	/* A limit of the file size is told like a full disk, and no crash. */
	(void)signal(SIGXFSZ, SIG_IGN);
	status = config_init(out, err);
	if (status != DUM_OK)
		return status;
	status = config_read_file(out, path, &inner);
	if (status == DUM_OK)
		status = config_read_environment(out, &inner);
	if (status == DUM_OK)
		status = clock_set_zone(out->timezone, &inner);
	if (status != DUM_OK) {
		config_release(out);
		return name_file(err, path, &inner, given);
	}
	return DUM_OK;
}

enum tool_exit tool_fail(const char *program, const struct dum_error *err)
{
	fprintf(stderr, "%s: %s\n", program, err->text);
	return tool_exit_status(err->status);
}

enum tool_exit tool_usage_error(const char *program, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\nTry '%s --help'.\n", program);
	return TOOL_USAGE;
}

enum tool_exit tool_version(const char *program)
{
	printf("%s %s (SQLite %s)\n", program, DUM_VERSION,
	       db_engine_version());
	return tool_finish(program, TOOL_DONE);
}

struct origin tool_origin(const char *program, char *buf, size_t size)
{
	const struct passwd *user = getpwuid(geteuid());

	if (user != NULL)
		snprintf(buf, size, "local:%s", user->pw_name);
	else
		snprintf(buf, size, "local:%ld", (long)geteuid());
	return (struct origin){.actor = buf, .source = program};
}

enum dum_status tool_enter_event(struct db *db, const char *program,
                                 const struct journal_event *event,
                                 struct dum_error *err)
{
	enum dum_status status;
	struct origin who;
	char actor[80];

	who = tool_origin(program, actor, sizeof(actor));
	status = db_begin(db, &who, err);
	if (status == DUM_OK)
		status = journal_event(db, event, err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	db_rollback(db);
	return status;
}

enum tool_exit tool_finish(const char *program, enum tool_exit status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "%s: the answer could not be written\n", program);
	return status != TOOL_DONE ? status : TOOL_PROBLEM;
}

void tool_progress_start(struct tool_progress *p, const char *what)
{
	*p = (struct tool_progress){.what = what, .on = isatty(2) == 1};
}

void tool_progress_step(struct tool_progress *p, long long done, long long all)
{
	long long now;

	if (!p->on)
		return;
	now = clock_monotonic_ms();
	if (p->shown && now - p->last_ms < 100)
		return;
	p->last_ms = now;
	p->shown = true;
	if (all > 0)
		fprintf(stderr, "\r%s %3lld %%", p->what, done * 100 / all);
	else
		fprintf(stderr, "\r%s %lld", p->what, done);
	fflush(stderr);
}

void tool_progress_end(struct tool_progress *p)
{
	if (p->shown)
		fprintf(stderr, "\r\033[K");
	p->shown = false;
}
