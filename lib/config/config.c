/*
 * The table of keys, and values of one type each. A new setting is one row
 * here and one member in config.h; file, environment, help, `dum-admin config`
 * and the range check follow from the row.
 */
#include "config/config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/config_list.h"
#include "config/config_target.h"

#define AT(member) offsetof(struct config, member)

/* clang-format off */
const struct config_key config_keys[] = {
	{"DATABASE_PATH", CONFIG_PATH, AT(database_path),
	 "/var/lib/data-usage-monitor/data_usage.db", 0, 0, NULL, "",
	 "the database file"},
	{"DATABASE_BACKUP_DIR", CONFIG_PATH, AT(database_backup_dir),
	 "/var/lib/data-usage-monitor/backups", 0, 0, NULL, "",
	 "folder for backups"},
	{"SECRET_KEY_FILE", CONFIG_PATH, AT(secret_key_file),
	 "/var/lib/data-usage-monitor/secret.key", 0, 0, NULL, "",
	 "file with the key that seals the journal; 0600, made by dum-admin init"},
	{"BACKUP_KEY_FILE", CONFIG_PATH, AT(backup_key_file), "", 0, 0, NULL, "",
	 "file with the key that encrypts backups; empty: not encrypted"},
	{"LOG_FILE", CONFIG_PATH, AT(log_file), "", 0, 0, NULL, "",
	 "file to log to; empty: standard error"},
	{"LOG_LEVEL", CONFIG_CHOICE, AT(log_level), "INFO", 0, 0,
	 "DEBUG INFO WARNING ERROR", "", "least level that is logged"},
	{"TIMEZONE", CONFIG_TEXT, AT(timezone), "UTC", 0, 0, NULL, "",
	 "time zone of the days, such as Europe/Vienna"},
	{"CORS_ORIGINS", CONFIG_ORIGINS, AT(cors_origins), "", 0, 0, NULL, "",
	 "web origins that may use the API, separated by commas; *: any may read, with a key; empty: none"},
	{"BILLING_CYCLE_DAY", CONFIG_INT, AT(billing_cycle_day), "13", 1, 31,
	 NULL, "day of the month", "first day of a billing cycle"},
	{"MAX_DAILY_GB", CONFIG_INT, AT(max_daily_gb), "10000", 1, 1000000,
	 NULL, "GB", "most that one location can use on one day"},
	{"RATE_LIMIT", CONFIG_INT, AT(rate_limit), "20", 1, 10000, NULL,
	 "requests/s", "requests that one address may send to the API"},
	{"WORKER_MAX_REQUESTS", CONFIG_INT, AT(worker_max_requests), "100000",
	 0, 1000000000, NULL, "requests",
	 "a worker is replaced after so many; 0: never"},
	{"ANSWER_CACHE_SIZE", CONFIG_INT, AT(answer_cache_size), "2048", 0,
	 1048576, NULL, "KiB", "answers that each worker keeps; 0: none"},
	{"SESSION_IDLE_MINUTES", CONFIG_INT, AT(session_idle_minutes), "30",
	 1, 1440, NULL, "minutes", "a session ends after so long without a request"},
	{"SESSION_MAX_HOURS", CONFIG_INT, AT(session_max_hours), "12", 1, 720,
	 NULL, "hours", "a session ends after so long in any case"},
	{"REQUIRE_ADMIN_TOTP", CONFIG_BOOL, AT(require_admin_totp), "false",
	 0, 0, NULL, "", "administrators need a second factor"},
	{"AUDIT_ANCHOR_FILE", CONFIG_PATH, AT(audit_anchor_file),
	 "/var/lib/data-usage-monitor/audit-anchors.log", 0, 0, NULL, "",
	 "file that notes where the journal ended, so that a cut tail shows"},
	{"TRUSTED_PROXIES", CONFIG_NETWORKS, AT(trusted_proxies), "", 0, 0, NULL,
	 "",
	 "addresses or networks of proxies in front, separated by commas; empty: none"},
	{"SQLITE_SYNCHRONOUS", CONFIG_CHOICE, AT(sqlite_synchronous), "FULL",
	 0, 0, "FULL EXTRA", "",
	 "when a change counts as stored; less than FULL would lose some"},
	{"SQLITE_CACHE_SIZE", CONFIG_INT, AT(sqlite_cache_size), "8000", 64,
	 1048576, NULL, "KiB", "page cache of each connection"},
	{"SQLITE_TEMP_STORE", CONFIG_CHOICE, AT(sqlite_temp_store), "MEMORY",
	 0, 0, "MEMORY FILE", "", "where large sorts go"},
	{"SQLITE_BUSY_TIMEOUT", CONFIG_INT, AT(sqlite_busy_timeout), "2000",
	 0, 60000, NULL, "ms", "longest wait of a change for its turn"},
	{"BACKUP_RETENTION_DAYS", CONFIG_INT, AT(backup_retention_days), "30",
	 1, 36500, NULL, "days", "backups older than this are removed"},
	{"BACKUP_MAX_COUNT", CONFIG_INT, AT(backup_max_count), "50", 1, 100000,
	 NULL, "backups", "most backups that are kept"},
	{"BACKUP_KEEP_DAILY", CONFIG_INT, AT(backup_keep_daily), "0", 0, 3660,
	 NULL, "days", "of so many days the last backup is kept, however old"},
	{"BACKUP_KEEP_WEEKLY", CONFIG_INT, AT(backup_keep_weekly), "0", 0, 520,
	 NULL, "weeks", "of so many weeks the last backup is kept"},
	{"BACKUP_KEEP_MONTHLY", CONFIG_INT, AT(backup_keep_monthly), "0", 0,
	 1200, NULL, "months", "of so many months the last backup is kept"},
	{"BACKUP_COMPRESSION", CONFIG_BOOL, AT(backup_compression), "true",
	 0, 0, NULL, "", "compress backups"},
	{"JOURNAL_SEGMENT_KB", CONFIG_INT, AT(journal_segment_kb), "4096", 16,
	 65536, NULL, "KiB", "entries of the journal in one shipped segment"},
	{"JOURNAL_SEGMENT_HOURS", CONFIG_INT, AT(journal_segment_hours), "24",
	 1, 744, NULL, "hours", "a shipped segment is sealed when it is so old"},
	{"JOURNAL_RETENTION_DAYS", CONFIG_INT, AT(journal_retention_days), "0",
	 0, 36500, NULL, "days",
	 "entries older than this leave the database once they are in sealed "
	 "segments; 0: never"},
	{"SYNC_TARGET", CONFIG_TARGET, AT(sync_target), "", 0, 0, NULL, "",
	 "where dum-backup sync copies to: a folder on another disk, or an rclone "
	 "remote such as nas:usage; empty: nowhere"},
	{"SYNC_RCLONE_CONFIG", CONFIG_PATH, AT(sync_rclone_config), "", 0, 0,
	 NULL, "", "settings file of rclone, 0600; empty: rclone's own"},
	{"SYNC_RETENTION_DAYS", CONFIG_INT, AT(sync_retention_days), "30", 1,
	 36500, NULL, "days", "copies older than this are removed there"},
	{"SYNC_MAX_COUNT", CONFIG_INT, AT(sync_max_count), "50", 1, 100000,
	 NULL, "backups", "most copies that are kept there"},
	{"SYNC_KEEP_DAILY", CONFIG_INT, AT(sync_keep_daily), "0", 0, 3660,
	 NULL, "days", "of so many days the last copy is kept, however old"},
	{"SYNC_KEEP_WEEKLY", CONFIG_INT, AT(sync_keep_weekly), "0", 0, 520,
	 NULL, "weeks", "of so many weeks the last copy is kept"},
	{"SYNC_KEEP_MONTHLY", CONFIG_INT, AT(sync_keep_monthly), "0", 0,
	 1200, NULL, "months", "of so many months the last copy is kept"},
	{"TOOLS_DIR", CONFIG_PATH, AT(tools_dir), "/usr/bin", 0, 0, NULL, "",
	 "folder of the tools (dum-import ...) that the API starts for long work"},
	{"NOTIFY_COMMAND", CONFIG_TEXT, AT(notify_command), "", 0, 0, NULL, "",
	 "program that gets a mail on its standard input when something is "
	 "wrong, such as /usr/sbin/sendmail -t; empty: none"},
	{.name = NULL}
};
/* clang-format on */

static char **text_at(struct config *config, const struct config_key *key)
{
	return (char **)((char *)config + key->offset);
}

static int64_t *int_at(struct config *config, const struct config_key *key)
{
	return (int64_t *)((char *)config + key->offset);
}

static bool *bool_at(struct config *config, const struct config_key *key)
{
	return (bool *)((char *)config + key->offset);
}

static bool holds_text(const struct config_key *key)
{
	return key->type != CONFIG_INT && key->type != CONFIG_BOOL;
}

const struct config_key *config_key_find(const char *name)
{
	for (const struct config_key *key = config_keys; key->name; key++)
		if (strcmp(key->name, name) == 0)
			return key;
	return NULL;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edit distance (Levenshtein) of two short names, without regard to case. */
static size_t distance(const char *a, const char *b)
{
	size_t row[64], len = strlen(b);

	if (len >= sizeof(row) / sizeof(row[0]))
		return SIZE_MAX;
	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 1; j <= len; j++) {
			size_t differ = strncasecmp(a + i, b + j - 1, 1) != 0;
			size_t above = row[j];

			row[j] = least(least(above, row[j - 1]) + 1,
			               diagonal + differ);
			diagonal = above;
		}
	}
	return row[len];
}

static enum dum_status unknown_key(const char *name, struct dum_error *err)
{
	const char *nearest = config_keys[0].name;

	for (const struct config_key *key = config_keys; key->name; key++)
		if (distance(name, key->name) < distance(name, nearest))
			nearest = key->name;
	return error_set(err, DUM_EINVAL,
	                 "unknown key %.60s; the nearest known key is %s", name,
	                 nearest);
}

static bool is_choice(const char *choices, const char *value)
{
	size_t len = strlen(value);

	for (const char *c = choices; len > 0 && *c != '\0';) {
		size_t n = strcspn(c, " ");

		if (n == len && strncmp(c, value, n) == 0)
			return true;
		c += n + strspn(c + n, " ");
	}
	return false;
}

/* strtoll would take blanks and a plus sign before the digits too. */
static bool is_number(const char *value)
{
	return isdigit((unsigned char)value[value[0] == '-']) != 0;
}

static enum dum_status set_int(struct config *config,
                               const struct config_key *key, const char *value,
                               struct dum_error *err)
{
	char *end = NULL;
	long long n;

	errno = 0;
	n = strtoll(value, &end, 10);
	if (errno != 0 || !is_number(value) || *end != '\0' || n < key->min ||
	    n > key->max)
		return error_set(err, DUM_EINVAL,
		                 "%s: '%.40s' is not a whole number from %lld "
		                 "to %lld%s%s",
		                 key->name, value, (long long)key->min,
		                 (long long)key->max, *key->unit ? " " : "",
		                 key->unit);
	*int_at(config, key) = n;
	return DUM_OK;
}

static enum dum_status set_bool(struct config *config,
                                const struct config_key *key, const char *value,
                                struct dum_error *err)
{
	if (is_choice("true yes on 1", value))
		*bool_at(config, key) = true;
	else if (is_choice("false no off 0", value))
		*bool_at(config, key) = false;
	else
		return error_set(err, DUM_EINVAL,
		                 "%s: '%.40s' is neither true nor false",
		                 key->name, value);
	return DUM_OK;
}

static enum dum_status check_text(const struct config_key *key,
                                  const char *value, struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status = DUM_OK;

	if (key->type == CONFIG_CHOICE && !is_choice(key->choices, value))
		return error_set(err, DUM_EINVAL,
		                 "%s: '%.40s' is not one of: %s", key->name,
		                 value, key->choices);
	if (key->type == CONFIG_NETWORKS)
		status = config_check_networks(value, &inner);
	else if (key->type == CONFIG_ORIGINS)
		status = config_check_origins(value, &inner);
	else if (key->type == CONFIG_TARGET)
		status = config_check_target(value, &inner);
	if (status != DUM_OK)
		error_set(err, status, "%s: %s", key->name, inner.text);
	return status;
}

static enum dum_status set_text(struct config *config,
                                const struct config_key *key, const char *value,
                                const char *dir, struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	enum dum_status status = check_text(key, value, err);
	char *copy;

	if (status != DUM_OK)
		return status;
	if (key->type == CONFIG_PATH && dir != NULL && value[0] != '\0' &&
	    value[0] != '/') {
		strbuf_adds(&text, dir);
		strbuf_addc(&text, '/');
	}
	strbuf_adds(&text, value);
	copy = strbuf_detach(&text);
	strbuf_release(&text);
	if (copy == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	free(*text_at(config, key));
	*text_at(config, key) = copy;
	return DUM_OK;
}

enum dum_status config_set(struct config *config, const char *name,
                           const char *value, const char *dir,
                           struct dum_error *err)
{
	const struct config_key *key = config_key_find(name);

	if (key == NULL)
		return unknown_key(name, err);
	switch (key->type) {
	case CONFIG_INT:
		return set_int(config, key, value, err);
	case CONFIG_BOOL:
		return set_bool(config, key, value, err);
	case CONFIG_TEXT:
	case CONFIG_PATH:
	case CONFIG_CHOICE:
	case CONFIG_NETWORKS:
	case CONFIG_ORIGINS:
	case CONFIG_TARGET:
		return set_text(config, key, value, dir, err);
	}
	return error_set(err, DUM_ESYS, "%s: a key without a type", name);
}

enum dum_status config_init(struct config *config, struct dum_error *err)
{
	enum dum_status status = DUM_OK;

	memset(config, 0, sizeof(*config));
	for (const struct config_key *key = config_keys;
	     status == DUM_OK && key->name != NULL; key++)
		status = config_set(config, key->name, key->initial, NULL, err);
	return status;
}

void config_release(struct config *config)
{
	for (const struct config_key *key = config_keys; key->name; key++) {
		if (holds_text(key)) {
			free(*text_at(config, key));
			*text_at(config, key) = NULL;
		}
	}
}

enum dum_status config_read_environment(struct config *config,
                                        struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status = DUM_OK;

	for (const struct config_key *key = config_keys;
	     status == DUM_OK && key->name != NULL; key++) {
		const char *value = getenv(key->name);

		if (value != NULL)
			status = config_set(config, key->name, value, NULL,
			                    &inner);
	}
	/* Nobody looks there first. */
	if (status != DUM_OK)
		error_set(err, status, "in the environment: %s", inner.text);
	return status;
}

void config_value(struct strbuf *out, const struct config *config,
                  const struct config_key *key)
{
	const char *member = (const char *)config + key->offset;

	if (key->type == CONFIG_INT)
		strbuf_addi(out, *(const int64_t *)(const void *)member);
	else if (key->type == CONFIG_BOOL)
		strbuf_adds(out, *(const bool *)member ? "true" : "false");
	else
		strbuf_adds(out, *(char *const *)(const void *)member);
}
