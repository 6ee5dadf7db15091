#ifndef DUM_BACKUP_INSTALLATION_H
#define DUM_BACKUP_INSTALLATION_H
/*
 * installation - what makes an installation besides its database: a few files
 * that the settings name, and the settings themselves. They are put together
 * in one tar, the settings first, to go along with a backup.
 *
 * Not among them: nginx's files and certificates. "dum-setup enable NAME" makes
 * the first anew; the second are root's, belong to the name and not to the
 * data, and are had again from whoever signed them.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "base/strbuf.h"
#include "base/tar.h"
#include "config/config.h"

enum {
	INSTALLATION_FILES_MAX = 6,
	INSTALLATION_FILE_BYTES_MAX = 4 * 1024 * 1024,
	INSTALLATION_BYTES_MAX = 16 * 1024 * 1024
};

struct installation_file {
	const char *what;        /* "the settings": a constant */
	char path[TAR_NAME_MAX]; /* from the root on */
	mode_t mode;             /* that it gets */
	bool secret;             /* goes into encrypted backups alone */
	bool optional;           /* nothing is amiss when it is not there */
	bool roots;              /* root's, and not the service's */
};

struct installation {
	struct installation_file list[INSTALLATION_FILES_MAX];
	size_t count; /* the first one is the settings */
};

/*
 * A path from the root on, without "." and empty parts; links are not looked
 * up. DUM_EINVAL: it is too long.
 */
DUM_MUST_CHECK enum dum_status installation_path(char out[static TAR_NAME_MAX],
                                                 const char *path,
                                                 struct dum_error *err);

/*
 * By the settings, which are at config_path; cron_file is the entry of dum-
 * backup schedule. DUM_EINVAL: a path is too long.
 */
DUM_MUST_CHECK enum dum_status installation_of(struct installation *out,
                                               const struct config *config,
                                               const char *config_path,
                                               const char *cron_file,
                                               struct dum_error *err);

/* Gets a file that could not be read, and so does not go along. */
typedef void (*installation_missing_fn)(void *arg, const char *what,
                                        const struct dum_error *why);

/*
 * Append the tar. secrets: those, too. *count_out: how many files. What is in
 * memory after is as secret as they are. Only without the settings themselves
 * there is none: a backup is not held up by a file that is amiss.
 */
DUM_MUST_CHECK enum dum_status installation_collect(
    struct strbuf *out, int *count_out, const struct installation *installation,
    bool secrets, installation_missing_fn missing, void *arg,
    struct dum_error *err);

enum installation_outcome {
	INSTALLATION_LISTED,  /* it is in the tar */
	INSTALLATION_SAME,    /* the file is there, the same */
	INSTALLATION_DIFFERS, /* another is there, which was left alone */
	INSTALLATION_WRITTEN
};

/*
 * One file of the tar; path is where it goes. kept is where the one that was
 * there is now; "": there was none.
 */
typedef void (*installation_fn)(void *arg, const char *path,
                                const struct tar_file *file,
                                enum installation_outcome outcome,
                                const char *kept);

struct installation_request {
	const char *tar;
	size_t len;
	const char *to;          /* a folder that takes the place of /; NULL */
	const char *config_path; /* full: where the settings have to be */
	const char *cron_file;
	bool list; /* only tell */
	bool force;
};

/*
 * Put the files back where they were, or tell what there is. Only those that
 * the settings of the tar name, with the modes that they have to have. One
 * that is there and differs is kept beside the new one with `force`, and else
 * nothing at all is written: DUM_ECONFLICT. DUM_EDAMAGED, DUM_ETRUNCATED: it
 * is no such tar. DUM_EINVAL: the settings were elsewhere.
 */
DUM_MUST_CHECK enum dum_status installation_put(
    const struct installation_request *request, installation_fn tell, void *arg,
    struct dum_error *err);

#endif
