#include "backup/pruned.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/backup_dir.h"
#include "base/json_writer.h"

#define FILE_NAME "pruned.json"

/* A year of hourly backups, each with its line. */
enum { FILE_BYTES_MAX = 4 * 1024 * 1024 };

static bool read_entry(struct pruned_entry *out, json_t *value)
{
	const char *id = NULL, *hash = NULL;
	json_int_t sequence = 0;

	if (json_unpack(value, "{s:s, s:s, s:I}", "id", &id, "sha256", &hash,
	                "sequence", &sequence) != 0)
		return false;
	snprintf(out->id, sizeof(out->id), "%s", id);
	snprintf(out->hash, sizeof(out->hash), "%s", hash);
	out->sequence = sequence;
	return true;
}

static enum dum_status parse(struct pruned *out, const char *dir,
                             const struct strbuf *text, struct dum_error *err)
{
	json_t *root = json_loadb(text->buf, text->len, 0, NULL);
	enum dum_status status = DUM_OK;
	struct pruned pruned = {.count = json_array_size(root)};
	size_t index;
	json_t *value;

	pruned.list = calloc(pruned.count + 1, sizeof(*pruned.list));
	if (pruned.list == NULL)
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else if (!json_is_array(root))
		status = error_set(err, DUM_EDAMAGED,
		                   "%s/" FILE_NAME " is damaged; move it away, "
		                   "and what was removed will be listed as "
		                   "missing",
		                   dir);
	json_array_foreach(root, index, value)
	{
		if (status != DUM_OK || pruned.list == NULL)
			break;
		if (!read_entry(&pruned.list[index], value))
			status = error_set(err, DUM_EDAMAGED,
			                   "%s/" FILE_NAME
			                   ": entry %zu is damaged",
			                   dir, index + 1);
	}
	json_decref(root);
	if (status == DUM_OK)
		*out = pruned;
	else
		pruned_release(&pruned);
	return status;
}

enum dum_status pruned_read(struct pruned *out, const char *dir,
                            struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	struct dum_error inner = {0};
	enum dum_status status;

	status = backup_dir_text(&text, dir, FILE_NAME, FILE_BYTES_MAX, &inner);
	if (status == DUM_ENOTFOUND) {
		*out = (struct pruned){.count = 0};
		status = DUM_OK;
	} else if (status == DUM_OK) {
		status = parse(out, dir, &text, err);
	} else {
		error_set(err, status, "%s", inner.text);
	}
	strbuf_release(&text);
	return status;
}

void pruned_release(struct pruned *pruned)
{
	free(pruned->list);
	*pruned = (struct pruned){.count = 0};
}

bool pruned_has(const struct pruned *pruned, const char *id, const char *hash)
{
	for (size_t i = 0; i < pruned->count; i++)
		if (strcmp(pruned->list[i].id, id) == 0 &&
		    strcmp(pruned->list[i].hash, hash) == 0)
			return true;
	return false;
}

static void write_entry(struct json_writer *w, const struct pruned_entry *e)
{
	jsonw_object_begin(w);
	jsonw_member_int(w, "sequence", e->sequence);
	jsonw_member_string(w, "id", e->id);
	jsonw_member_string(w, "sha256", e->hash);
	jsonw_object_end(w);
	/* One a line, for people who look into it. */
	strbuf_addc(w->out, '\n');
}

void pruned_format(struct strbuf *out, const struct pruned *pruned)
{
	struct json_writer w = {.out = out};

	jsonw_array_begin(&w);
	for (size_t i = 0; i < pruned->count; i++)
		write_entry(&w, &pruned->list[i]);
	jsonw_array_end(&w);
	strbuf_addc(out, '\n');
}

static enum dum_status write_file(const char *dir, const struct pruned *pruned,
                                  struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	enum dum_status status;

	pruned_format(&text, pruned);
	status = backup_dir_put_text(dir, FILE_NAME, &text, err);
	strbuf_release(&text);
	return status;
}

enum dum_status pruned_add(const char *dir, const struct pruned_entry *entry,
                           int64_t keep_from, struct dum_error *err)
{
	struct pruned pruned = {.count = 0}, next = {.count = 0};
	enum dum_status status = pruned_read(&pruned, dir, err);

	if (status != DUM_OK)
		return status;
	next.list = calloc(pruned.count + 1, sizeof(*next.list));
	if (next.list == NULL) {
		status = error_set(err, DUM_ENOMEM, "out of memory");
	} else {
		for (size_t i = 0; i < pruned.count; i++)
			if (pruned.list[i].sequence >= keep_from)
				next.list[next.count++] = pruned.list[i];
		next.list[next.count++] = *entry;
		status = write_file(dir, &next, err);
	}
	pruned_release(&next);
	pruned_release(&pruned);
	return status;
}
