/*
 * Whatever rclone reaches. A file goes through the standard input of rclone
 * rcat, so that what was hashed is what was sent, whatever happens to the file
 * meanwhile; and a writer that is killed takes its rclone along.
 *
 * Where rclone can not rename there, it would copy by way of this machine and
 * write under the final name: such places are refused.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/rclone.h"
#include "base/program.h"

enum { FEATURES_MAX = 262144, LINE_MAX_BYTES = 8192 };

/* --- the place ------------------------------------------------------------ */

static void free_rclone(void *place)
{
	struct rclone *r = place;

	if (r == NULL)
		return;
	program_free(r->writer);
	free(r->target);
	free(r->config);
	free(r);
}

static enum dum_status take_features(void *arg, const void *data, size_t len,
                                     struct dum_error *err)
{
	struct strbuf *text = arg;

	strbuf_add(text, data, len);
	return strbuf_ok(text) ? DUM_OK
	                       : error_set(err, DUM_ESYS,
	                                   "rclone said more of the remote "
	                                   "than can be");
}

static enum dum_status check_features(const struct rclone *r,
                                      struct dum_error *err)
{
	struct strbuf text = {.buf = strbuf_empty, .limit = FEATURES_MAX};
	struct dum_error inner = {0};
	enum dum_status status;
	json_t *root = NULL;
	int move = 0, copy = 0;
	struct rclone_words w;

	rclone_words_start(&w, r, "backend");
	rclone_words_add(&w, "features");
	rclone_words_add(&w, r->target);
	status = rclone_read(&w, "backend features", take_features, &text,
	                     &inner);
	if (status != DUM_OK) {
		error_set(err, status, "SYNC_TARGET %.100s: %s", r->target,
		          inner.text);
	} else {
		root = json_loadb(text.buf, text.len, 0, NULL);
		if (json_unpack(root, "{s:{s?b, s?b}}", "Features", "Move",
		                &move, "Copy", &copy) != 0)
			status = error_set(err, DUM_ESYS,
			                   "rclone did not tell what %s can do",
			                   r->target);
		else if (!move && !copy)
			status = error_set(err, DUM_EINVAL,
			                   "%s: nothing can be renamed there, "
			                   "so that a copy that is cut short "
			                   "would look like a whole one",
			                   r->target);
	}
	json_decref(root);
	strbuf_release(&text);
	return status;
}

enum dum_status remote_rclone_open(void **out, const struct config *config,
                                   struct dum_error *err)
{
	struct rclone *r = calloc(1, sizeof(*r));
	enum dum_status status;

	if (r == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	r->target = strdup(config->sync_target);
	r->config = strdup(config->sync_rclone_config);
	if (r->target == NULL || r->config == NULL)
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = check_features(r, err);
	if (status != DUM_OK) {
		free_rclone(r);
		return status;
	}
	*out = r;
	return DUM_OK;
}

/* --- the list ------------------------------------------------------------- */

struct listing {
	struct remote_list *out;
	size_t room;
	struct strbuf line;
};

/* "SIZE;PATH" */
static enum dum_status take_line(struct listing *l, struct dum_error *err)
{
	char *end = NULL;
	long long bytes = strtoll(l->line.buf, &end, 10);
	enum dum_status status = DUM_OK;

	if (end == l->line.buf || *end != ';')
		status = error_set(err, DUM_ESYS,
		                   "rclone lsf: '%.80s' is no line of a list",
		                   l->line.buf);
	else
		status = remote_list_add(l->out, &l->room, end + 1, bytes, err);
	strbuf_reset(&l->line);
	return status;
}

static enum dum_status take_list(void *arg, const void *data, size_t len,
                                 struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	struct listing *l = arg;
	const char *at = data;

	while (len > 0 && status == DUM_OK) {
		const char *end = memchr(at, '\n', len);
		size_t n = end != NULL ? (size_t)(end - at) : len;

		strbuf_add(&l->line, at, n);
		if (!strbuf_ok(&l->line))
			return error_set(err, DUM_ESYS,
			                 "rclone lsf: a line is too long");
		if (end != NULL)
			status = take_line(l, err);
		n += end != NULL;
		at += n;
		len -= n;
	}
	return status;
}

static enum dum_status list(struct remote_list *out, void *place,
                            struct dum_error *err)
{
	struct listing l = {
	    .out = out, .line = {.buf = strbuf_empty, .limit = LINE_MAX_BYTES}};
	struct dum_error inner = {0};
	struct rclone *r = place;
	enum dum_status status;
	struct rclone_words w;

	rclone_words_start(&w, r, "lsf");
	rclone_words_add(&w, "--files-only");
	rclone_words_add(&w, "--recursive");
	rclone_words_add(&w, "--max-depth");
	rclone_words_add(&w, "2");
	rclone_words_add(&w, "--format");
	rclone_words_add(&w, "sp");
	rclone_words_add(&w, r->target);
	status = rclone_read(&w, "lsf", take_list, &l, &inner);
	strbuf_release(&l.line);
	/* A folder that is not there yet has no files. */
	if (status == DUM_ENOTFOUND)
		return DUM_OK;
	return status == DUM_OK ? status
	                        : error_set(err, status, "%s", inner.text);
}

/* --- files ---------------------------------------------------------------- */

static enum dum_status begin(void *place, const char *name, int64_t bytes,
                             struct dum_error *err)
{
	struct strbuf path = STRBUF_INIT;
	struct rclone *r = place;
	enum dum_status status;
	char size[24];
	struct rclone_words w;

	snprintf(size, sizeof(size), "%" PRId64, bytes);
	rclone_path(&path, r, name);
	rclone_words_start(&w, r, "rcat");
	rclone_words_add(&w, "--size");
	rclone_words_add(&w, size);
	rclone_words_add(&w, path.buf);
	if (strbuf_ok(&path))
		status = rclone_start(&r->writer, &w, PROGRAM_TAKES, err);
	else
		status = error_set(err, DUM_ENOMEM, "out of memory");
	strbuf_release(&path);
	return status;
}

static void cancel(void *place)
{
	struct rclone *r = place;

	program_free(r->writer);
	r->writer = NULL;
}

static enum dum_status write_piece(void *place, const void *data, size_t len,
                                   struct dum_error *err)
{
	struct dum_error inner = {0};
	struct rclone *r = place;
	enum dum_status status;

	status = program_write(r->writer, data, len, &inner);
	if (status == DUM_OK)
		return DUM_OK;
	/* Its own words say more than that the pipe is broken. */
	if (rclone_finish(r->writer, "rcat", err) == DUM_OK)
		error_set(err, status, "rclone rcat: %s", inner.text);
	cancel(place);
	return status;
}

static enum dum_status end(void *place, struct dum_error *err)
{
	struct rclone *r = place;
	enum dum_status status = rclone_finish(r->writer, "rcat", err);

	cancel(place);
	return status;
}

/* A command on one file there. */
static enum dum_status on_file(struct rclone *r, const char *command,
                               const char *name, remote_take_fn take, void *arg,
                               struct dum_error *err)
{
	struct strbuf path = STRBUF_INIT;
	enum dum_status status;
	struct rclone_words w;

	rclone_path(&path, r, name);
	rclone_words_start(&w, r, command);
	rclone_words_add(&w, path.buf);
	if (!strbuf_ok(&path))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else if (take != NULL)
		status = rclone_read(&w, command, take, arg, err);
	else
		status = rclone_run(&w, command, err);
	strbuf_release(&path);
	return status;
}

static enum dum_status read_all(void *place, const char *name,
                                remote_take_fn take, void *arg,
                                struct dum_error *err)
{
	return on_file(place, "cat", name, take, arg, err);
}

static enum dum_status remove_file(void *place, const char *name,
                                   struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status;

	status = on_file(place, "deletefile", name, NULL, NULL, &inner);
	if (status == DUM_OK || status == DUM_ENOTFOUND)
		return DUM_OK;
	return error_set(err, status, "%s", inner.text);
}

static enum dum_status rename_file(void *place, const char *from,
                                   const char *to, struct dum_error *err)
{
	struct strbuf old = STRBUF_INIT, new = STRBUF_INIT;
	struct rclone *r = place;
	enum dum_status status;
	struct rclone_words w;

	rclone_path(&old, r, from);
	rclone_path(&new, r, to);
	rclone_words_start(&w, r, "moveto");
	/* Of two that have one size and time, too, the new one is wanted. */
	rclone_words_add(&w, "--ignore-times");
	rclone_words_add(&w, old.buf);
	rclone_words_add(&w, new.buf);
	if (strbuf_ok(&old) && strbuf_ok(&new))
		status = rclone_run(&w, "moveto", err);
	else
		status = error_set(err, DUM_ENOMEM, "out of memory");
	strbuf_release(&old);
	strbuf_release(&new);
	return status;
}

const struct remote_kind remote_rclone = {.list = list,
                                          .begin = begin,
                                          .write = write_piece,
                                          .end = end,
                                          .cancel = cancel,
                                          .read = read_all,
                                          .rename = rename_file,
                                          .remove = remove_file,
                                          .free = free_rclone};
