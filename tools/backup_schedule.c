/* dum-backup schedule: how often cron makes a backup. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backup_commands.h"
#include "base/clock.h"
#include "base/fsutil.h"
#include "base/json_writer.h"
#include "ops/schedule.h"

#define CRON_FILE "/etc/cron.d/data-usage-monitor-backup"
#define USER      "datamonitor"
#define CRON      "/lib/data-usage-monitor/dum-cron"

enum { ENTRY_MAX = 65536, LOCAL_TEXT_MAX = 64 };

const char *backup_cron_file(const struct backup *backup)
{
	return backup->cron_file != NULL ? backup->cron_file : CRON_FILE;
}

/* PREFIX/bin/dum-backup and PREFIX/lib/data-usage-monitor/dum-cron. */
static enum dum_status find_cron(struct strbuf *out, bool needed,
                                 struct dum_error *err)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len < 0)
		return error_set(err, DUM_ESYS, "/proc/self/exe: %s",
		                 strerror(errno));
	self[len] = '\0';
	for (int up = 0; up < 2; up++)
		if (strrchr(self, '/') != NULL)
			*strrchr(self, '/') = '\0';
	strbuf_addf(out, "%s" CRON, self);
	if (!strbuf_ok(out))
		return error_set(err, DUM_ENOMEM, "out of memory");
	if (needed && access(out->buf, X_OK) != 0)
		return error_set(err, DUM_ENOTFOUND,
		                 "%.200s, which cron would run, is not there: "
		                 "install the package, or run scripts/setup "
		                 "install",
		                 out->buf);
	return DUM_OK;
}

/* Who may not write there is told so before anything is begun. */
static enum dum_status check_right(const char *path, const char *word,
                                   struct dum_error *err)
{
	char *folder = fs_parent(path);
	enum dum_status status = DUM_OK;

	if (folder == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	if (access(folder, W_OK) != 0 && errno == EACCES)
		status = error_set(err, DUM_EAUTH,
		                   "only root may write %.100s; as root: "
		                   "dum-backup schedule %s",
		                   path, word);
	else if (access(folder, W_OK) != 0)
		status = error_set(err, DUM_ESYS, "%.100s: %s", folder,
		                   strerror(errno));
	free(folder);
	return status;
}

/*
 * cron's entry says whose settings are meant, where they are not the usual
 * ones: else it would make backups of another installation.
 */
static enum dum_status find_config(struct strbuf *out,
                                   const struct backup *backup,
                                   struct dum_error *err)
{
	const char *path = tool_config_path(backup->config_path);
	char here[4096];

	if (strcmp(path, CONFIG_DEFAULT_PATH) == 0)
		return DUM_OK;
	if (path[0] == '/')
		strbuf_adds(out, path);
	else if (getcwd(here, sizeof(here)) != NULL)
		strbuf_addf(out, "%s/%s", here, path);
	else
		return error_set(err, DUM_ESYS, "the folder at hand: %s",
		                 strerror(errno));
	if (!strbuf_ok(out))
		return error_set(err, DUM_ENOMEM, "out of memory");
	return DUM_OK;
}

static enum dum_status set(const struct backup *backup, const char *path,
                           const char *word, struct dum_error *err)
{
	struct strbuf entry = STRBUF_INIT, cron = STRBUF_INIT,
	              config = STRBUF_INIT;
	struct schedule_job job = {.user = backup->user};
	enum schedule_period period;
	enum dum_status status;

	if (!schedule_parse(&period, word))
		return error_set(err, DUM_EINVAL,
		                 "'%.40s' is no schedule; it may be hourly, "
		                 "daily, weekly, monthly or off",
		                 word);
	if (job.user == NULL)
		job.user = USER;
	status = check_right(path, word, err);
	if (status == DUM_OK)
		status = find_cron(&cron, period != SCHEDULE_OFF, err);
	if (status == DUM_OK)
		status = find_config(&config, backup, err);
	if (status == DUM_OK) {
		job.program = cron.buf;
		if (config.len > 0)
			job.config = config.buf;
		status = schedule_write(&entry, period, &job, err);
	}
	if (status == DUM_OK) {
		umask(022); /* all may read when backups are made */
		status = fs_write_atomic(path, entry.buf, entry.len, 0644, err);
	}
	if (status == DUM_OK && period != SCHEDULE_OFF &&
	    getpwnam(job.user) == NULL)
		fprintf(stderr,
		        "%s: there is no user %s yet: until there is, cron "
		        "passes over the entry\n",
		        backup->who.source, job.user);
	strbuf_release(&entry);
	strbuf_release(&cron);
	strbuf_release(&config);
	return status;
}

/* "2026-11-25 02:00 CET" */
static void local_text(char out[static LOCAL_TEXT_MAX], int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	localtime_r(&t, &tm);
	strftime(out, LOCAL_TEXT_MAX, "%Y-%m-%d %H:%M %Z", &tm);
}

static void show_json(const char *path, const char *name, bool as_written,
                      int64_t next)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};
	char utc[CLOCK_TEXT_MAX];

	jsonw_object_begin(&w);
	jsonw_key(&w, "schedule");
	if (name == NULL)
		jsonw_null(&w);
	else
		jsonw_string(&w, name);
	jsonw_key(&w, "next");
	if (next < 0) {
		jsonw_null(&w);
	} else {
		clock_format_utc(utc, next);
		jsonw_string(&w, utc);
	}
	jsonw_member_bool(&w, "as_written", as_written);
	jsonw_member_string(&w, "file", path);
	jsonw_object_end(&w);
	puts(text.buf);
	strbuf_release(&text);
}

static void show_text(const char *path, enum schedule_period period,
                      bool as_written, int64_t next)
{
	char local[LOCAL_TEXT_MAX];

	if (!as_written) {
		printf("%s, but its time was changed by hand: see %s\n",
		       schedule_name(period), path);
		return;
	}
	printf("%s (%s)\n", schedule_name(period), schedule_when(period));
	if (next >= 0) {
		local_text(local, next);
		printf("next run: %s\n", local);
	}
}

static enum dum_status show(const struct backup *backup, const char *path,
                            int *exit_out, struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	struct dum_error why = {0};
	enum schedule_period period = SCHEDULE_OFF;
	bool as_written = true;
	enum dum_status status;
	int64_t next;

	status = fs_read_file(&text, path, ENTRY_MAX, err);
	if (status == DUM_ENOTFOUND) {
		error_clear(err);
		if (backup->json)
			show_json(path, NULL, true, -1);
		else
			printf("no schedule yet; dum-backup schedule daily "
			       "makes one\n");
		*exit_out = TOOL_PROBLEM;
		status = DUM_OK;
		goto out;
	}
	if (status != DUM_OK)
		goto out;
	status = schedule_read(&period, &as_written, text.buf, &why);
	if (status != DUM_OK) {
		error_set(err, status, "%.100s: %s", path, why.text);
		goto out;
	}
	next = as_written ? schedule_next(period, clock_now()) : -1;
	if (backup->json)
		show_json(path, schedule_name(period), as_written, next);
	else
		show_text(path, period, as_written, next);
out:
	strbuf_release(&text);
	return status;
}

enum dum_status backup_cmd_schedule(struct backup *backup, int *exit_out,
                                    struct dum_error *err)
{
	const char *path = backup_cron_file(backup);
	enum dum_status status = DUM_OK;

	/*
	 * cron goes by the time zone of the system, whatever the one of the
	 * settings or of this login is.
	 */
	if (backup->zone != NULL)
		status = clock_set_zone(backup->zone, err);
	else
		unsetenv("TZ");
	tzset();
	if (status == DUM_OK && backup->argc == 1)
		status = set(backup, path, backup->argv[0], err);
	if (status == DUM_OK)
		status = show(backup, path, exit_out, err);
	return status;
}
