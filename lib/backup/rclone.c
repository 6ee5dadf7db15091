#include "backup/rclone.h"

#include <string.h>

enum {
	PIECE_BYTES = 65536,
	/* Of rclone. */
	EXIT_NO_FOLDER = 3,
	EXIT_NO_FILE = 4
};

/* Of all calls. It must never ask, nor say what is no error. */
void rclone_words_start(struct rclone_words *w, const struct rclone *r,
                        const char *command)
{
	const char *const first[] = {"rclone",  "--log-level",
	                             "ERROR",   "--ask-password=false",
	                             "--stats", "0"};

	*w = (struct rclone_words){.count = 0};
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		w->list[w->count++] = first[i];
	if (r->config[0] != '\0') {
		w->list[w->count++] = "--config";
		w->list[w->count++] = r->config;
	}
	w->list[w->count++] = command;
}

void rclone_words_add(struct rclone_words *w, const char *word)
{
	w->list[w->count++] = word;
}

void rclone_path(struct strbuf *out, const struct rclone *r, const char *name)
{
	const char *target = r->target;
	char last = target[strlen(target) - 1];

	strbuf_addf(out, "%s%s%s", target,
	            last == ':' || last == '/' ? "" : "/", name);
}

/* Without "2026/11/24 14:00:00 " before it. */
static const char *without_time(const char *said)
{
	static const char shape[] = "dddd/dd/dd dd:dd:dd ";

	for (size_t i = 0; i < sizeof(shape) - 1; i++)
		if (shape[i] == 'd' ? said[i] < '0' || said[i] > '9'
		                    : said[i] != shape[i])
			return said;
	return said + sizeof(shape) - 1;
}

/* A status of rclone's, with what it said. */
static enum dum_status judge(int exit, const char *said, const char *what,
                             struct dum_error *err)
{
	if (exit == 0)
		return DUM_OK;
	return error_set(
	    err,
	    exit == EXIT_NO_FOLDER || exit == EXIT_NO_FILE ? DUM_ENOTFOUND
	                                                   : DUM_ESYS,
	    "rclone %s failed (status %d): %s", what, exit,
	    said[0] != '\0' ? without_time(said) : "it did not say why");
}

enum dum_status rclone_finish(struct program *p, const char *what,
                              struct dum_error *err)
{
	char said[PROGRAM_SAID_MAX];
	enum dum_status status;
	int result = 0;

	status = program_finish(&result, said, p, err);
	return status == DUM_OK ? judge(result, said, what, err) : status;
}

enum dum_status rclone_start(struct program **out, const struct rclone_words *w,
                             enum program_pipe pipe, struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status = program_start(out, w->list, pipe, &inner);

	if (status == DUM_ENOTFOUND)
		return error_set(err, DUM_ESYS,
		                 "SYNC_TARGET is an rclone remote, and rclone "
		                 "is not installed: apt-get install rclone");
	return status == DUM_OK ? status
	                        : error_set(err, status, "%s", inner.text);
}

/* Run one that only does something. */
enum dum_status rclone_run(const struct rclone_words *w, const char *what,
                           struct dum_error *err)
{
	struct program *p = NULL;
	enum dum_status status = rclone_start(&p, w, PROGRAM_SILENT, err);

	if (status == DUM_OK)
		status = rclone_finish(p, what, err);
	program_free(p);
	return status;
}

/* Run one that gives something. What went wrong first is told. */
enum dum_status rclone_read(const struct rclone_words *w, const char *what,
                            remote_take_fn take, void *arg,
                            struct dum_error *err)
{
	struct program *p = NULL;
	enum dum_status status = rclone_start(&p, w, PROGRAM_GIVES, err);
	char piece[PIECE_BYTES];
	size_t got = 1;

	while (status == DUM_OK && got > 0) {
		status = program_read(&got, p, piece, sizeof(piece), err);
		if (status == DUM_OK && got > 0)
			status = take(arg, piece, got, err);
	}
	if (status == DUM_OK)
		status = rclone_finish(p, what, err);
	program_free(p);
	return status;
}
