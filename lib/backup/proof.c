#include "backup/proof.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/proof_parts.h"
#include "base/fsutil.h"
#include "base/json_writer.h"

/* Some years of nightly lines. */
enum { LOG_BYTES_MAX = 1024 * 1024 };

void proof_note(struct proving *p, const char *name, enum dum_status status,
                const struct dum_error *err, const char *text)
{
	struct proof *out = p->out;
	struct proof_check *c;

	if (out->count == PROOF_CHECKS_MAX)
		return;
	c = &out->checks[out->count++];
	*c = (struct proof_check){
	    .name = name, .ok = status == DUM_OK, .status = status};
	snprintf(c->text, sizeof(c->text), "%s", c->ok ? text : err->text);
	out->problems += !c->ok;
}

enum dum_status proof_run(struct proof *out, const struct config *config,
                          const struct backup_dir *dir,
                          const struct origin *who,
                          const struct proof_options *options,
                          struct dum_error *err)
{
	struct proof proof = {.started_at = clock_now()};
	struct proving p = {.out = &proof,
	                    .config = config,
	                    .dir = dir,
	                    .who = who,
	                    .options = options};
	int64_t start_ms = clock_monotonic_ms();
	enum dum_status status;

	status = catalog_read(&p.catalog, backup_dir_path(dir), err);
	if (status != DUM_OK)
		return status;
	proof_database(&p);
	proof_backups(&p);
	catalog_release(&p.catalog);
	proof.duration_ms = clock_monotonic_ms() - start_ms;
	*out = proof;
	return DUM_OK;
}

void proof_json(struct strbuf *out, const struct proof *proof)
{
	struct json_writer w = {.out = out};
	char at[CLOCK_TEXT_MAX];

	clock_format_utc(at, proof->started_at);
	jsonw_object_begin(&w);
	jsonw_member_string(&w, "at", at);
	jsonw_member_bool(&w, "ok", proof->problems == 0);
	jsonw_member_int(&w, "duration_ms", proof->duration_ms);
	jsonw_key(&w, "checks");
	jsonw_array_begin(&w);
	for (size_t i = 0; i < proof->count; i++) {
		const struct proof_check *c = &proof->checks[i];

		jsonw_object_begin(&w);
		jsonw_member_string(&w, "name", c->name);
		jsonw_member_bool(&w, "ok", c->ok);
		jsonw_member_string(&w, "text", c->text);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_object_end(&w);
}

static enum dum_status append(const char *path, const struct strbuf *line,
                              struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
	          0600);
	if (fd < 0 || fs_write_all(fd, line->buf, line->len) != 0 ||
	    fsync(fd) != 0)
		status = error_set(err, fs_write_status(errno), "%s: %s", path,
		                   strerror(errno));
	if (fd >= 0)
		close(fd);
	return status;
}

enum dum_status proof_log(const struct proof *proof,
                          const struct backup_dir *dir, struct dum_error *err)
{
	struct strbuf path = STRBUF_INIT, old = STRBUF_INIT, line = STRBUF_INIT;
	enum dum_status status;
	struct stat st;

	strbuf_addf(&path, "%s/verification.log", backup_dir_path(dir));
	strbuf_addf(&old, "%s.1", path.buf);
	proof_json(&line, proof);
	strbuf_addc(&line, '\n');
	if (!strbuf_ok(&path) || !strbuf_ok(&old) || !strbuf_ok(&line)) {
		status = error_set(err, DUM_ENOMEM, "out of memory");
		goto out;
	}
	if (stat(path.buf, &st) == 0 && st.st_size > LOG_BYTES_MAX)
		(void)!rename(path.buf, old.buf);
	status = append(path.buf, &line, err);
out:
	strbuf_release(&path);
	strbuf_release(&old);
	strbuf_release(&line);
	return status;
}
