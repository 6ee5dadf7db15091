#include "backup/offsite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/companion.h"
#include "backup/offsite_parts.h"
#include "base/fsutil.h"
#include "base/plural.h"

void offsite_problem(struct offsite *o, const struct dum_error *problem)
{
	struct offsite_result *result = o->result;

	if (result->problems++ == 0)
		result->problem = problem->status;
	if (o->options->problem != NULL)
		o->options->problem(o->options->arg, problem);
}

void offsite_progress(void *arg, int64_t bytes)
{
	struct offsite *o = arg;

	o->done += bytes;
	if (o->options->progress != NULL)
		o->options->progress(o->options->arg, o->done, o->to_do);
}

static enum dum_status folder_path(struct strbuf *out,
                                   const struct config *config,
                                   struct dum_error *err)
{
	strbuf_addf(out, "%s/offsite", config->database_backup_dir);
	return strbuf_ok(out) ? DUM_OK
	                      : error_set(err, DUM_ENOMEM, "out of memory");
}

/* --- copying -------------------------------------------------------------- */

static bool is_manifest(const struct offsite_step *step)
{
	size_t len = strlen(step->name);

	return step->backup[0] != '\0' && len > 5 &&
	       strcmp(step->name + len - 5, ".json") == 0;
}

/* That something is not there is said of the place only where it is ours. */
static enum dum_status put(char sha256[static HASH_HEX_MAX], struct offsite *o,
                           const char *name, int fd, int64_t bytes,
                           const char *wanted, struct dum_error *err)
{
	const struct remote_copy copy = {.name = name,
	                                 .fd = fd,
	                                 .bytes = bytes,
	                                 .sha256 = wanted,
	                                 .mark = o->view.mark,
	                                 .progress = offsite_progress,
	                                 .arg = o};
	struct dum_error inner = {0};
	enum dum_status status = remote_put(sha256, o->remote, &copy, &inner);

	if (status == DUM_OK)
		return DUM_OK;
	return error_set(err, status == DUM_ENOTFOUND ? DUM_ESYS : status, "%s",
	                 inner.text);
}

/* As large as it is now: the open one grows meanwhile, at its end. */
static enum dum_status copy_segment(struct offsite *o,
                                    struct offsite_step *step,
                                    struct dum_error *err)
{
	struct offsite_known known = {.bytes = 0};
	enum dum_status status;
	struct stat st;
	int fd = -1;

	status = backup_dir_read(&fd, &known.bytes, o->view.folder, step->name,
	                         err);
	if (status != DUM_OK)
		return status;
	if (fstat(fd, &st) != 0)
		status = error_set(err, DUM_ESYS, "%s: %s", step->name,
		                   strerror(errno));
	if (status == DUM_OK) {
		step->bytes = known.bytes = st.st_size;
		status = put(known.sha256, o, step->name, fd, known.bytes, NULL,
		             err);
	}
	close(fd);
	if (status != DUM_OK)
		return status;
	known.changed_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 +
	                   st.st_mtim.tv_nsec;
	snprintf(known.name, sizeof(known.name), "%s", step->name);
	return offsite_ledger_set(&o->ledger, &known, err);
}

static enum dum_status copy_stored(struct offsite *o,
                                   const struct offsite_step *step,
                                   struct dum_error *err)
{
	char sha256[HASH_HEX_MAX];
	enum dum_status status;
	int64_t bytes = 0;
	int fd = -1;

	status = backup_dir_read(&fd, &bytes, o->view.folder, step->name, err);
	if (status != DUM_OK)
		return status;
	if (bytes != step->bytes)
		status = error_set(err, DUM_EDAMAGED,
		                   "%s has %lld byte%s, not %lld; it was not "
		                   "copied",
		                   step->name, (long long)bytes,
		                   plural_s(bytes), (long long)step->bytes);
	else
		status = put(sha256, o, step->name, fd, bytes, step->sha256,
		             err);
	close(fd);
	return status;
}

enum dum_status offsite_put_text(struct offsite *o, const char *name,
                                 const struct strbuf *text,
                                 struct dum_error *err)
{
	char sha256[HASH_HEX_MAX];
	enum dum_status status = DUM_OK;
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0 || fs_write_all(fd, text->buf, text->len) != 0)
		status = error_set(err, DUM_ESYS, "%s: %s", name,
		                   strerror(errno));
	if (status == DUM_OK)
		status = put(sha256, o, name, fd, (int64_t)text->len, NULL,
		             err);
	if (fd >= 0)
		close(fd);
	if (status == DUM_OK)
		status = backup_dir_put_text(backup_dir_path(o->known), name,
		                             text, err);
	return status;
}

/* One that has come to describe other bytes waits for the next run. */
static enum dum_status copy_manifest(struct offsite *o,
                                     const struct offsite_step *step,
                                     struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	struct dum_error inner = {0};
	enum dum_status status;
	struct manifest m;

	status = backup_dir_text(&text, o->view.folder, step->name,
	                         MANIFEST_BYTES_MAX, err);
	if (status != DUM_OK)
		goto out;
	status = manifest_parse(&m, text.buf, text.len, &inner);
	if (status != DUM_OK)
		error_set(err, status, "%s: %s", step->name, inner.text);
	else if (strcmp(m.stored_sha256, step->sha256) == 0)
		status = offsite_put_text(o, step->name, &text, err);
out:
	strbuf_release(&text);
	return status;
}

/* --- steps ---------------------------------------------------------------- */

static enum dum_status remove_there(struct offsite *o,
                                    const struct offsite_step *step,
                                    struct dum_error *err)
{
	enum dum_status status = remote_remove(o->remote, step->name, err);

	offsite_ledger_drop(&o->ledger, step->name);
	if (status == DUM_OK && is_manifest(step))
		status = backup_dir_remove(o->known, step->name, err);
	return status;
}

static enum dum_status take_step(struct offsite *o, struct offsite_step *step,
                                 struct dum_error *err)
{
	if (step->action == OFFSITE_REMOVE)
		return remove_there(o, step, err);
	if (step->backup[0] == '\0')
		return copy_segment(o, step, err);
	if (is_manifest(step))
		return copy_manifest(o, step, err);
	return copy_stored(o, step, err);
}

static void count_step(struct offsite *o, struct offsite_step *step)
{
	step->done = true;
	if (step->action == OFFSITE_REMOVE) {
		o->result->removed++;
	} else {
		o->result->copied++;
		o->result->copied_bytes += step->bytes;
	}
	if (o->options->tell != NULL)
		o->options->tell(o->options->arg, step);
}

/* What is no more than trouble with this one file. */
static bool is_of_file(enum dum_status status)
{
	return status == DUM_EDAMAGED || status == DUM_ETRUNCATED ||
	       status == DUM_ENOTFOUND;
}

static enum dum_status take_steps(struct offsite *o, struct dum_error *err)
{
	char skip[BACKUP_NAME_MAX] = "";
	enum dum_status status = DUM_OK;
	bool noted = false;

	for (size_t i = 0; i < o->steps.count && status == DUM_OK; i++) {
		struct offsite_step *step = &o->steps.list[i];
		struct dum_error inner = {0};

		if (skip[0] != '\0' && strcmp(skip, step->backup) == 0)
			continue;
		/* First the note: without it the chain would look broken. */
		if (step->action == OFFSITE_REMOVE && step->backup[0] != '\0' &&
		    !noted) {
			status = offsite_note_pruned(o, err);
			if (status != DUM_OK)
				break;
			noted = true;
		}
		status = take_step(o, step, &inner);
		if (status == DUM_OK) {
			count_step(o, step);
		} else if (is_of_file(status)) {
			/* One that is gone was let go of meanwhile. */
			if (status != DUM_ENOTFOUND)
				offsite_problem(o, &inner);
			memcpy(skip, step->backup, sizeof(skip));
			status = DUM_OK;
		} else {
			error_set(err, status, "%s", inner.text);
		}
	}
	if (status == DUM_OK && !noted)
		status = offsite_note_pruned(o, err);
	return status;
}

/* Whatever the place said while it took them: are they there? */
static enum dum_status look_again(struct offsite *o, struct dum_error *err)
{
	struct remote_list there = {.count = 0};
	struct dum_error problem = {0};
	enum dum_status status;

	if (o->result->copied == 0)
		return DUM_OK;
	status = remote_list_read(&there, o->remote, err);
	for (size_t i = 0; status == DUM_OK && i < o->ledger.count; i++) {
		const struct offsite_known *k = &o->ledger.list[i];
		const struct remote_file *file = remote_list_find(&there,
		                                                  k->name);

		if (file == NULL || file->bytes != k->bytes)
			error_set(&problem, DUM_EDAMAGED,
			          "%s is not there as it was copied", k->name);
	}
	for (size_t i = 0; status == DUM_OK && i < o->steps.count; i++) {
		const struct offsite_step *s = &o->steps.list[i];
		const struct remote_file *file = remote_list_find(&there,
		                                                  s->name);

		if (s->action == OFFSITE_COPY && s->done &&
		    s->backup[0] != '\0' && !is_manifest(s) &&
		    (file == NULL || file->bytes != s->bytes))
			error_set(&problem, DUM_EDAMAGED,
			          "%s is not there as it was copied", s->name);
	}
	if (problem.status != DUM_OK && o->result->problems == 0)
		offsite_problem(o, &problem);
	remote_list_release(&there);
	return status;
}

static enum dum_status work(struct offsite *o, struct dum_error *err)
{
	struct dum_error ignored = {0};
	enum dum_status status, written;

	status = take_steps(o, err);
	if (status == DUM_OK)
		status = look_again(o, err);
	if (status == DUM_OK && o->view.clock.status != DUM_OK)
		offsite_problem(o, &o->view.clock);
	if (status == DUM_OK && o->options->verify)
		status = offsite_check(o, err);
	if (status == DUM_OK && o->result->problems == 0)
		o->ledger.synced_at = clock_now();
	/* Also of a run that ends early: what it did was done. */
	written = offsite_ledger_write(&o->ledger, backup_dir_path(o->known),
	                               status == DUM_OK ? err : &ignored);
	return status == DUM_OK ? written : status;
}

static enum dum_status dry_run(struct offsite *o, struct dum_error *err)
{
	for (size_t i = 0; i < o->steps.count; i++)
		count_step(o, &o->steps.list[i]);
	if (o->view.clock.status != DUM_OK)
		offsite_problem(o, &o->view.clock);
	return o->options->verify ? offsite_check(o, err) : DUM_OK;
}

enum dum_status offsite_sync(struct offsite_result *out,
                             const struct config *config,
                             const struct offsite_options *options,
                             struct dum_error *err)
{
	struct offsite_result result = {.copied = 0};
	struct offsite o = {
	    .config = config, .options = options, .result = &result};
	struct strbuf folder = STRBUF_INIT;
	enum dum_status status;

	/* The place first: without one nothing is made here, either. */
	status = remote_open(&o.remote, config, err);
	if (status == DUM_OK)
		status = folder_path(&folder, config, err);
	if (status == DUM_OK)
		status = backup_dir_open(&o.known, folder.buf, options->who,
		                         err);
	if (status == DUM_OK)
		status = offsite_ledger_read(&o.ledger, folder.buf,
		                             config->sync_target, err);
	if (status == DUM_OK)
		status = offsite_view_read(&o, err);
	if (status == DUM_OK)
		status = offsite_plan(&o, err);
	if (status == DUM_OK)
		status = options->dry_run ? dry_run(&o, err) : work(&o, err);
	offsite_view_release(&o.view);
	offsite_ledger_release(&o.ledger);
	free(o.steps.list);
	backup_dir_close(o.known);
	remote_free(o.remote);
	strbuf_release(&folder);
	if (status == DUM_OK)
		*out = result;
	return status;
}

enum dum_status offsite_last(int64_t *at_out, const struct config *config,
                             struct dum_error *err)
{
	struct offsite_ledger ledger = {.count = 0};
	struct strbuf folder = STRBUF_INIT;
	enum dum_status status = folder_path(&folder, config, err);

	if (status == DUM_OK)
		status = offsite_ledger_read(&ledger, folder.buf,
		                             config->sync_target, err);
	if (status == DUM_OK)
		*at_out = ledger.synced_at;
	offsite_ledger_release(&ledger);
	strbuf_release(&folder);
	return status;
}
