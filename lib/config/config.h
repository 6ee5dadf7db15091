#ifndef DUM_CONFIG_CONFIG_H
#define DUM_CONFIG_CONFIG_H
/*
 * config - the settings of an installation.
 *
 * One table (config.c) holds every key with its type, unit, range, default
 * and help; this struct holds the values. A value comes from the file, the
 * environment overrides the file, the command line overrides both. The file
 * has KEY=VALUE lines, # comments and optional quotes, as systemd's
 * EnvironmentFile reads them.
 *
 * An unknown key or a value out of range is an error that names the line, the
 * key, what is allowed and, for a misspelt key, the nearest known one.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/strbuf.h"

#define CONFIG_DEFAULT_PATH "/etc/data-usage-monitor/dum.conf"

/*
 * Texts are owned by the struct; relative paths count from the file's folder.
 */
struct config {
	char *database_path;
	char *database_backup_dir;
	char *secret_key_file;
	char *backup_key_file; /* "": none */
	char *notify_command;  /* "": none */
	char *tools_dir;
	char *log_file;              /* "": stderr */
	char *log_level;             /* DEBUG, INFO, WARNING, ERROR */
	char *timezone;              /* IANA name */
	char *cors_origins;          /* "": none */
	char *sqlite_synchronous;    /* FULL or EXTRA */
	char *sqlite_temp_store;     /* MEMORY or FILE */
	int64_t sqlite_cache_size;   /* KiB for each connection */
	int64_t sqlite_busy_timeout; /* ms */
	int64_t billing_cycle_day;   /* 1..31 */
	int64_t max_daily_gb;        /* 1..1000000 */
	int64_t rate_limit;          /* requests a second from one address */
	int64_t worker_max_requests; /* 0: never recycled */
	int64_t answer_cache_size;   /* KiB for each worker; 0: none */
	int64_t session_idle_minutes;
	int64_t session_max_hours;
	bool require_admin_totp;
	char *audit_anchor_file;
	char *trusted_proxies; /* addresses and networks; "": none */
	int64_t backup_retention_days;
	int64_t backup_max_count;
	int64_t backup_keep_daily; /* of so many days one, however old */
	int64_t backup_keep_weekly;
	int64_t backup_keep_monthly;
	bool backup_compression;
	int64_t journal_segment_kb;     /* shipped to one file at most, about */
	int64_t journal_segment_hours;  /* the same, by its age */
	int64_t journal_retention_days; /* 0: entries stay for ever */
	char *sync_target; /* see config_target.h; "": no copies elsewhere */
	char *sync_rclone_config; /* "": rclone's own */
	int64_t sync_retention_days;
	int64_t sync_max_count;
	int64_t sync_keep_daily;
	int64_t sync_keep_weekly;
	int64_t sync_keep_monthly;
};

enum config_type {
	CONFIG_TEXT,
	CONFIG_PATH,
	CONFIG_CHOICE,
	CONFIG_NETWORKS, /* a list, see config_list.h */
	CONFIG_ORIGINS,  /* a list, see config_list.h */
	CONFIG_TARGET,   /* see config_target.h */
	CONFIG_INT,
	CONFIG_BOOL
};

/* One key. Ends with .name == NULL. */
struct config_key {
	const char *name;
	enum config_type type;
	size_t offset;       /* of the member of struct config */
	const char *initial; /* the default, as it would be written */
	int64_t min, max;    /* CONFIG_INT */
	const char *choices; /* CONFIG_CHOICE: separated by blanks */
	const char *unit;    /* "" where it has none */
	const char *help;
};

extern const struct config_key config_keys[];

/* Fill in the defaults. DUM_ENOMEM only. End with config_release(). */
DUM_MUST_CHECK enum dum_status config_init(struct config *config,
                                           struct dum_error *err);
void config_release(struct config *config);

/*
 * Read a file over what is there. DUM_ENOTFOUND: no such file. DUM_EINVAL:
 * with the line in err->line.
 */
DUM_MUST_CHECK enum dum_status config_read_file(struct config *config,
                                                const char *path,
                                                struct dum_error *err);

/* As config_read_file, from text; dir is what relative paths count from. */
DUM_MUST_CHECK enum dum_status config_read_text(struct config *config,
                                                const char *text, size_t len,
                                                const char *dir,
                                                struct dum_error *err);

/*
 * Take the keys that stand in the environment. Of the environment only known
 * keys are looked at: all else in it belongs to others.
 */
DUM_MUST_CHECK enum dum_status config_read_environment(struct config *config,
                                                       struct dum_error *err);

/* Set one key. dir may be NULL: relative paths then stay as they are. */
DUM_MUST_CHECK enum dum_status config_set(struct config *config,
                                          const char *name, const char *value,
                                          const char *dir,
                                          struct dum_error *err);

/* Find a key by its exact name; NULL: no such key. */
const struct config_key *config_key_find(const char *name);

/* Append the value of a key as it would be written in the file. */
void config_value(struct strbuf *out, const struct config *config,
                  const struct config_key *key);

#endif
