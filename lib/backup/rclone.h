#ifndef DUM_BACKUP_RCLONE_H
#define DUM_BACKUP_RCLONE_H
/*
 * rclone - calls of the rclone program, each a process; for remote_rclone.c
 * alone. DUM_ENOTFOUND is rclone's: there is no such file or folder there.
 */
#include "backup/remote_kind.h"
#include "base/program.h"

enum { RCLONE_WORDS_MAX = 24 };

struct rclone {
	char *target;           /* SYNC_TARGET */
	char *config;           /* "": its own */
	struct program *writer; /* of the file that is being written; NULL */
};

/* The words of a call. They are borrowed. */
struct rclone_words {
	const char *list[RCLONE_WORDS_MAX];
	size_t count;
};

/* With all that goes before the command, which never asks. */
void rclone_words_start(struct rclone_words *words, const struct rclone *rclone,
                        const char *command);
void rclone_words_add(struct rclone_words *words, const char *word);

/* Append how rclone calls a file there. */
void rclone_path(struct strbuf *out, const struct rclone *rclone,
                 const char *name);

DUM_MUST_CHECK enum dum_status rclone_start(struct program **out,
                                            const struct rclone_words *words,
                                            enum program_pipe pipe,
                                            struct dum_error *err);

/* Wait for its end; an error says what rclone said. */
DUM_MUST_CHECK enum dum_status rclone_finish(struct program *program,
                                             const char *what,
                                             struct dum_error *err);

/* Both in one, of a call that only does something. */
DUM_MUST_CHECK enum dum_status rclone_run(const struct rclone_words *words,
                                          const char *what,
                                          struct dum_error *err);

/* The same, of one that gives something. */
DUM_MUST_CHECK enum dum_status rclone_read(const struct rclone_words *words,
                                           const char *what,
                                           remote_take_fn take, void *arg,
                                           struct dum_error *err);

#endif
