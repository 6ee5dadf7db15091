#ifndef DUM_TOOLS_BACKUP_H
#define DUM_TOOLS_BACKUP_H
/* backup - what the commands of dum-backup share. One file for each noun. */
#include <stdbool.h>

#include "backup/backup_dir.h"
#include "backup/manifest.h"
#include "backup/verify.h"
#include "tool.h"

enum { BACKUP_LOCATIONS_MAX = 64, BACKUP_INSTANCE_MAX = 19 };

/* One call of a command. */
struct backup {
	struct config config;
	bool json;                   /* --json */
	bool all;                    /* --all */
	bool confirm;                /* --confirm */
	bool whole;                  /* --whole */
	bool dry_run;                /* --dry-run */
	bool passphrase;             /* --passphrase */
	bool new_passphrase;         /* --new-passphrase */
	bool seal, journal;          /* --seal, --journal */
	bool csv, apply;             /* --csv, --apply */
	bool with_config;            /* --with-config */
	bool force, list;            /* --force, --list */
	bool prepare, verify_remote; /* --prepare, --verify-remote */
	const char *at, *to;         /* --at, --to */
	const char *from, *until;    /* --from, --until */
	const char *locations[BACKUP_LOCATIONS_MAX]; /* --location */
	size_t nlocations;
	const char *label;     /* --name */
	const char *key_file;  /* --key-file */
	const char *new_key;   /* --new-key-file */
	const char *cron_file; /* --cron-file */
	const char *user;      /* --user */
	const char *zone;      /* --zone */
	int level;             /* --level or --verify; -1: not given */
	int64_t latest;        /* --latest; 0: not given */
	int64_t throttle_mb_s; /* --throttle; 0: not given */
	int64_t job_id;        /* --job; 0: not given */
	int argc;              /* words after the command */
	char **argv;
	const char *command;     /* its name */
	const char *config_path; /* of the settings */
	/* Of the instance whose settings they are; "": of none. */
	char instance_cron_file[80], instance_user[40];
	/* What --key-file and --new-key-file have, read by who runs it. */
	struct container_key given_key, given_new_key;
	struct origin who;
	struct backup_dir *dir; /* NULL until opened; closed by the caller */
};

/*
 * After a backup is made: remove what need not be kept any longer. What goes
 * wrong with that is told, and no more.
 */
void backup_make_room(struct backup *backup);

/* The entry of schedule: --cron-file, else the usual one. */
const char *backup_cron_file(const struct backup *backup);
/* Let file and user be those of the instance, unless they were given. */
void backup_find_instance(struct backup *backup);

/* Take the folder for this command. */
DUM_MUST_CHECK enum dum_status backup_take_dir(struct backup *backup,
                                               struct dum_error *err);

/*
 * Read the key files that the command line names: by whoever runs the program,
 * before it becomes another.
 */
DUM_MUST_CHECK enum dum_status backup_read_keys(struct backup *backup,
                                                struct dum_error *err);

/*
 * The key that the command line or the settings name. *given is false when
 * they name none. Wipe it after use. making: a passphrase is asked for twice.
 */
DUM_MUST_CHECK enum dum_status backup_key(struct container_key *out,
                                          bool *given,
                                          const struct backup *backup,
                                          bool making, struct dum_error *err);

/* The same for the new key of rekey, which has to be named. */
DUM_MUST_CHECK enum dum_status backup_new_key(struct container_key *out,
                                              const struct backup *backup,
                                              struct dum_error *err);

/*
 * Take a word of the command line apart: a name alone is a backup of the
 * folder (*folder_out is NULL), one with a slash is a path given on purpose.
 * Free *folder_out; *name_out is part of the word. DUM_EINVAL: no such name
 * is ever made.
 */
DUM_MUST_CHECK enum dum_status backup_word(char **folder_out,
                                           const char **name_out,
                                           const char *word,
                                           struct dum_error *err);

/*
 * Enter into the journal that a backup's data leave ("export"), before they do;
 * to: a file, or "-". If not possible that is told, and they leave all the
 * same.
 */
void backup_note_export(const struct backup *backup, const char *name,
                        const char *to);

/* "12.3 MB", or "10.8 kB" of less than one */
enum { BACKUP_SIZE_TEXT = 24 };
void backup_size_text(char out[static BACKUP_SIZE_TEXT], int64_t bytes);

/* For snapshot_pace: arg is a struct tool_progress. */
void backup_show_progress(void *arg, int64_t done, int64_t all);

#endif
