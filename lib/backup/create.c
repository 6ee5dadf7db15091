#include "backup/create.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup/catalog.h"
#include "backup/companion.h"
#include "backup/verify.h"
#include "base/fsutil.h"
#include "base/version.h"
#include "crypto/random.h"

/* A first backup may pack as badly as this; later ones are known. */
enum { PACKED_PERCENT = 80 };

/* What writing is of the time, and reading back the rest, about. */
enum { WRITTEN = 700 };

struct making {
	const struct backup_dir *dir;
	const struct backup_options *options;
	struct manifest *m;
	struct container_ids ids;
	char partial[BACKUP_NAME_MAX + 8];
	int64_t guess_percent; /* of the database that the backup will have */
};

/* The end of the chain, and how well the last one packed. */
static void take_chain(struct making *making, const struct catalog *catalog)
{
	const struct catalog_entry *end = catalog_chain_end(catalog);
	struct manifest *m = making->m;

	m->sequence = catalog->last_sequence + 1;
	making->guess_percent = making->options->packed ? PACKED_PERCENT : 101;
	if (end == NULL)
		return;
	memcpy(m->previous_id, end->id, sizeof(m->previous_id));
	memcpy(m->previous_hash, end->hash, sizeof(m->previous_hash));
	if (making->options->packed && end->parsed.packed && end->bytes > 0 &&
	    end->image_bytes > 1000000)
		making->guess_percent = end->bytes * 110 / end->image_bytes + 2;
}

/* Is there a backup of this name already, packed, encrypted or not? */
static bool is_taken(const struct catalog *catalog,
                     const struct backup_name *name)
{
	for (size_t i = 0; i < catalog->count; i++) {
		const struct backup_name *n = &catalog->list[i].parsed;

		if (n->at == name->at && n->number == name->number &&
		    strcmp(n->label, name->label) == 0)
			return true;
	}
	return false;
}

static enum dum_status choose_name(struct making *making, struct dum_error *err)
{
	const struct backup_options *o = making->options;
	struct backup_name name = {.at = clock_now(),
	                           .number = 1,
	                           .packed = o->packed,
	                           .encrypted = o->key != NULL};
	struct manifest *m = making->m;
	struct catalog catalog;
	enum dum_status status;

	if (o->label != NULL && o->label[0] != '\0') {
		if (!backup_label_ok(o->label))
			return error_set(err, DUM_EINVAL,
			                 "label '%.60s': 1 to %d letters, "
			                 "digits and hyphens, not digits alone",
			                 o->label, BACKUP_LABEL_MAX - 1);
		snprintf(name.label, sizeof(name.label), "%s", o->label);
	}
	status = catalog_read(&catalog, backup_dir_path(making->dir), err);
	if (status != DUM_OK)
		return status;
	while (is_taken(&catalog, &name))
		name.number++;
	take_chain(making, &catalog);
	catalog_release(&catalog);
	backup_name_format(m->name, &name);
	memcpy(m->label, name.label, sizeof(m->label));
	clock_format_utc(m->started_at, name.at);
	snprintf(making->partial, sizeof(making->partial), "%s.partial",
	         m->name);
	return DUM_OK;
}

static enum dum_status make_ids(struct container_ids *ids, struct manifest *m,
                                struct dum_error *err)
{
	enum dum_status status = random_hex(m->id, CONTAINER_ID_BYTES, err);

	if (status != DUM_OK)
		return status;
	if (!hex_read(ids->backup, CONTAINER_ID_BYTES, m->id, strlen(m->id)) ||
	    !hex_read(ids->database, CONTAINER_ID_BYTES, m->facts.database_id,
	              strlen(m->facts.database_id)))
		return error_set(err, DUM_EDAMAGED,
		                 "system_info: database_id is no id");
	return DUM_OK;
}

/* From the database to the disk. The read transaction ends here. */
static enum dum_status write_snapshot(struct making *making,
                                      const struct config *config, int fd,
                                      struct dum_error *err)
{
	struct archive_form form = {.packed = making->options->packed,
	                            .key = making->options->key};
	struct snapshot_pace pace = making->options->pace;
	struct backup_part part = {
	    .fn = pace.progress, .arg = pace.arg, .to = WRITTEN};
	struct snapshot *snapshot = NULL;
	struct manifest *m = making->m;
	enum dum_status status;

	pace.progress = backup_part_step;
	pace.arg = &part;
	status = snapshot_open(&snapshot, config, err);
	if (status != DUM_OK)
		return status;
	m->facts = *snapshot_facts(snapshot);
	status = make_ids(&making->ids, m, err);
	form.ids = making->ids;
	if (status == DUM_OK)
		status = backup_dir_need(making->dir,
		                         m->facts.page_size *
		                             m->facts.page_count / 100 *
		                             making->guess_percent,
		                         "the backup", err);
	if (status == DUM_OK)
		status = snapshot_write(snapshot, fd, &form, &pace, err);
	m->facts = *snapshot_facts(snapshot);
	snapshot_free(snapshot);
	if (status == DUM_OK && fsync(fd) != 0)
		status = error_set(err, fs_write_status(errno),
		                   "cannot flush the backup: %s",
		                   strerror(errno));
	return status;
}

/* Without a manifest it would be a backup of which nothing is known. */
static enum dum_status publish(struct making *making, struct dum_error *err)
{
	const struct backup_options *options = making->options;
	struct manifest *m = making->m;
	char companion[COMPANION_NAME_MAX], manifest[BACKUP_NAME_MAX + 5];
	struct dum_error ignored = {0};
	enum dum_status status;

	status = backup_dir_publish(making->dir, making->partial, m->name, err);
	if (status == DUM_OK && options->config_tar != NULL)
		status = companion_write(m, making->dir, options->config_tar,
		                         options->config_files, options->key,
		                         &making->ids, err);
	if (status == DUM_OK)
		status = manifest_write(m, backup_dir_path(making->dir), err);
	if (status == DUM_OK)
		return DUM_OK;
	snprintf(manifest, sizeof(manifest), "%s.json", m->name);
	companion_name(companion, m->name);
	(void)!backup_dir_remove(making->dir, m->name, &ignored);
	(void)!backup_dir_remove(making->dir, companion, &ignored);
	(void)!backup_dir_remove(making->dir, manifest, &ignored);
	return status;
}

static enum dum_status make(struct making *making, const struct config *config,
                            int fd, struct dum_error *err)
{
	struct backup_part part = {.fn = making->options->pace.progress,
	                           .arg = making->options->pace.arg,
	                           .from = WRITTEN,
	                           .to = BACKUP_PROGRESS_WHOLE};
	const struct verify_request request = {.dir = making->dir,
	                                       .name = making->m->name,
	                                       .level = making->options->level,
	                                       .key = making->options->key,
	                                       .progress = backup_part_step,
	                                       .arg = &part};
	struct manifest *m = making->m;
	int64_t start_ms = clock_monotonic_ms();
	enum dum_status status;

	m->packed = making->options->packed;
	m->encrypted = making->options->key != NULL;
	m->verification.level = -1;
	snprintf(m->program, sizeof(m->program), "dum-backup %s", DUM_VERSION);
	snprintf(m->engine, sizeof(m->engine), "SQLite %s",
	         db_engine_version());
	status = write_snapshot(making, config, fd, err);
	clock_format_utc(m->finished_at, clock_now());
	m->duration_ms = clock_monotonic_ms() - start_ms;
	if (status == DUM_OK)
		status = verify_file(m, NULL, fd, &request, err);
	return status == DUM_OK ? publish(making, err) : status;
}

enum dum_status backup_create(struct manifest *out, const struct config *config,
                              const struct backup_dir *dir,
                              const struct backup_options *options,
                              struct dum_error *err)
{
	struct manifest m = {.sequence = 0};
	struct making making = {.dir = dir, .options = options, .m = &m};
	struct dum_error ignored = {0};
	enum dum_status status;
	int fd = -1;

	status = choose_name(&making, err);
	if (status == DUM_OK)
		status = backup_dir_create(&fd, dir, making.partial, err);
	if (status != DUM_OK)
		return status;
	status = make(&making, config, fd, err);
	close(fd); /* fsync has told already */
	if (status == DUM_OK)
		*out = m;
	else
		(void)!backup_dir_remove(dir, making.partial, &ignored);
	return status;
}
