/*
 * Is what is there what was sent? Each file is read back and its hash held
 * against the manifest, those of segments against what was noted when they were
 * copied. What is not right is noted as damaged, so that the next run sends it
 * again where it is still here.
 */
#include <stdio.h>
#include <string.h>

#include "backup/companion.h"
#include "backup/offsite_parts.h"
#include "base/plural.h"

/* DUM_EDAMAGED, DUM_ETRUNCATED, DUM_ENOTFOUND: of this one file. */
static enum dum_status check_file(struct offsite *o, const char *name,
                                  int64_t bytes, const char *sha256,
                                  struct dum_error *err)
{
	char seen[HASH_HEX_MAX];
	enum dum_status status;
	int64_t got = 0;

	status = remote_hash(seen, &got, o->remote, name, offsite_progress, o,
	                     err);
	if (status != DUM_OK)
		return status;
	o->result->verified++;
	if (got < bytes)
		return error_set(err, DUM_ETRUNCATED,
		                 "the copy of %s has %lld byte%s, not %lld",
		                 name, (long long)got, plural_s(got),
		                 (long long)bytes);
	if (strcmp(seen, sha256) != 0)
		return error_set(err, DUM_EDAMAGED,
		                 "the copy of %s is not what was copied", name);
	return DUM_OK;
}

/* A manifest there against the one in the folder "offsite". */
static enum dum_status check_manifest(struct offsite *o, const char *name,
                                      struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	char file[BACKUP_NAME_MAX + 5], sha256[HASH_HEX_MAX];
	enum dum_status status;

	snprintf(file, sizeof(file), "%s.json", name);
	status = backup_dir_text(&text, backup_dir_path(o->known), file,
	                         MANIFEST_BYTES_MAX, err);
	if (status == DUM_OK)
		status = hash_sha256_hex(sha256, text.buf, text.len, err);
	if (status == DUM_OK)
		status = check_file(o, file, (int64_t)text.len, sha256, err);
	strbuf_release(&text);
	return status;
}

/* The copy of a manifest that this folder has says so from now on. */
static enum dum_status note_damage(struct offsite *o, const char *name,
                                   const struct dum_error *problem,
                                   struct dum_error *err)
{
	const char *folder = backup_dir_path(o->known);
	struct dum_error inner = {0};
	enum dum_status status;
	struct manifest m;

	status = manifest_read(&m, folder, name, &inner);
	if (status != DUM_OK)
		return error_set(err, status, "%s", inner.text);
	m.verification.level = 0;
	m.verification.ok = false;
	clock_format_utc(m.verification.at, clock_now());
	snprintf(m.verification.problem, sizeof(m.verification.problem), "%s",
	         problem->text);
	return manifest_write(&m, folder, err);
}

static bool is_of_file(enum dum_status status)
{
	return status == DUM_EDAMAGED || status == DUM_ETRUNCATED ||
	       status == DUM_ENOTFOUND;
}

static enum dum_status check_backup(struct offsite *o,
                                    const struct offsite_copy *copy,
                                    struct dum_error *err)
{
	const char *name = copy->entry.name;
	char config[COMPANION_NAME_MAX];
	struct dum_error inner = {0};
	enum dum_status status;
	struct manifest m;

	status = manifest_read(&m, backup_dir_path(o->known), name, &inner);
	if (status == DUM_OK)
		status = check_file(o, name, m.stored_bytes, m.stored_sha256,
		                    &inner);
	companion_name(config, name);
	if (status == DUM_OK && m.config.files > 0)
		status = check_file(o, config, m.config.stored_bytes,
		                    m.config.stored_sha256, &inner);
	if (status == DUM_OK)
		status = check_manifest(o, name, &inner);
	if (status == DUM_OK)
		return DUM_OK;
	if (!is_of_file(status))
		return error_set(err, status, "%s", inner.text);
	offsite_problem(o, &inner);
	return o->options->dry_run ? DUM_OK : note_damage(o, name, &inner, err);
}

/* What is noted stands in the order of names, and one may be dropped. */
static enum dum_status check_segments(struct offsite *o, struct dum_error *err)
{
	struct dum_error inner;
	enum dum_status status;
	size_t i = 0;

	while (i < o->ledger.count) {
		const struct offsite_known known = o->ledger.list[i];

		inner = (struct dum_error){.status = DUM_OK};
		status = check_file(o, known.name, known.bytes, known.sha256,
		                    &inner);
		if (status == DUM_OK) {
			i++;
			continue;
		}
		if (!is_of_file(status))
			return error_set(err, status, "%s", inner.text);
		offsite_problem(o, &inner);
		offsite_ledger_drop(&o->ledger, known.name);
	}
	return DUM_OK;
}

/* What is there now, which the view tells of before the run. */
static enum dum_status look_again(struct offsite *o, struct dum_error *err)
{
	enum dum_status status;

	o->ledger.is_of_target = true;
	offsite_view_release(&o->view);
	status = offsite_view_read(o, err);
	o->done = o->to_do = 0;
	for (size_t i = 0; status == DUM_OK && i < o->view.copy_count; i++)
		o->to_do += o->view.copies[i].entry.bytes +
		            o->view.copies[i].config_bytes;
	for (size_t i = 0; status == DUM_OK && i < o->ledger.count; i++)
		o->to_do += o->ledger.list[i].bytes;
	return status;
}

enum dum_status offsite_check(struct offsite *o, struct dum_error *err)
{
	enum dum_status status = look_again(o, err);

	for (size_t i = 0; status == DUM_OK && i < o->view.copy_count; i++)
		status = check_backup(o, &o->view.copies[i], err);
	if (status == DUM_OK)
		status = check_segments(o, err);
	return status;
}
