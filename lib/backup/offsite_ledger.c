#include "backup/offsite_ledger.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/backup_dir.h"
#include "base/json_writer.h"

#define FILE_NAME "sync.json"

/* Some years of segments, each with its line. */
enum { FILE_BYTES_MAX = 64 * 1024 * 1024 };

/* --- the list ------------------------------------------------------------- */

/* Where it is, or would have to be. */
static size_t place_of(const struct offsite_ledger *ledger, const char *name)
{
	size_t from = 0, to = ledger->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (strcmp(ledger->list[middle].name, name) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool is_at(const struct offsite_ledger *ledger, size_t place,
                  const char *name)
{
	return place < ledger->count &&
	       strcmp(ledger->list[place].name, name) == 0;
}

const struct offsite_known *offsite_ledger_find(
    const struct offsite_ledger *ledger, const char *name)
{
	size_t place = place_of(ledger, name);

	return is_at(ledger, place, name) ? &ledger->list[place] : NULL;
}

enum dum_status offsite_ledger_set(struct offsite_ledger *ledger,
                                   const struct offsite_known *known,
                                   struct dum_error *err)
{
	size_t place = place_of(ledger, known->name);

	if (is_at(ledger, place, known->name)) {
		ledger->list[place] = *known;
		return DUM_OK;
	}
	if (ledger->count == ledger->room) {
		size_t room = ledger->room == 0 ? 64 : ledger->room * 2;
		struct offsite_known *grown = realloc(ledger->list,
		                                      room * sizeof(*grown));

		if (grown == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
		ledger->list = grown;
		ledger->room = room;
	}
	memmove(&ledger->list[place + 1], &ledger->list[place],
	        (ledger->count - place) * sizeof(*ledger->list));
	ledger->list[place] = *known;
	ledger->count++;
	return DUM_OK;
}

/* name may be the one in the list: it is not looked at after. */
void offsite_ledger_drop(struct offsite_ledger *ledger, const char *name)
{
	size_t place = place_of(ledger, name);

	if (!is_at(ledger, place, name))
		return;
	ledger->count--;
	memmove(&ledger->list[place], &ledger->list[place + 1],
	        (ledger->count - place) * sizeof(*ledger->list));
}

void offsite_ledger_release(struct offsite_ledger *ledger)
{
	free(ledger->target);
	free(ledger->list);
	*ledger = (struct offsite_ledger){.count = 0};
}

/* --- the file ------------------------------------------------------------- */

static bool read_known(struct offsite_known *out, json_t *value)
{
	const char *name = NULL, *hash = NULL;
	json_int_t bytes = 0, changed = 0;

	*out = (struct offsite_known){.bytes = 0};
	if (json_unpack(value, "{s:s, s:I, s:I, s:s}", "name", &name, "bytes",
	                &bytes, "changed_ns", &changed, "sha256", &hash) != 0)
		return false;
	out->bytes = bytes;
	out->changed_ns = changed;
	return snprintf(out->name, sizeof(out->name), "%s", name) <
	           (int)sizeof(out->name) &&
	       snprintf(out->sha256, sizeof(out->sha256), "%s", hash) <
	           (int)sizeof(out->sha256);
}

/* What can not be read is learnt again. */
static enum dum_status parse(struct offsite_ledger *out, json_t *root,
                             struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	struct offsite_known known;
	const char *target = NULL;
	json_int_t at = 0;
	json_t *files = NULL, *value;
	size_t index;

	if (json_unpack(root, "{s:s, s:I, s:o}", "target", &target, "synced_at",
	                &at, "files", &files) != 0 ||
	    strcmp(target, out->target) != 0)
		return DUM_OK;
	out->is_of_target = true;
	out->synced_at = at;
	json_array_foreach(files, index, value)
	{
		if (status == DUM_OK && read_known(&known, value))
			status = offsite_ledger_set(out, &known, err);
	}
	return status;
}

enum dum_status offsite_ledger_read(struct offsite_ledger *out,
                                    const char *folder, const char *target,
                                    struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	struct dum_error inner = {0};
	enum dum_status status;
	json_t *root;

	*out = (struct offsite_ledger){.target = strdup(target)};
	if (out->target == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = backup_dir_text(&text, folder, FILE_NAME, FILE_BYTES_MAX,
	                         &inner);
	if (status == DUM_OK) {
		root = json_loadb(text.buf, text.len, 0, NULL);
		status = parse(out, root, err);
		json_decref(root);
	} else if (status == DUM_ENOTFOUND) {
		status = DUM_OK;
	} else {
		error_set(err, status, "%s", inner.text);
	}
	strbuf_release(&text);
	return status;
}

enum dum_status offsite_ledger_write(const struct offsite_ledger *ledger,
                                     const char *folder, struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};
	enum dum_status status;

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "target", ledger->target);
	jsonw_member_int(&w, "synced_at", ledger->synced_at);
	jsonw_key(&w, "files");
	jsonw_array_begin(&w);
	for (size_t i = 0; i < ledger->count; i++) {
		const struct offsite_known *k = &ledger->list[i];

		jsonw_object_begin(&w);
		jsonw_member_string(&w, "name", k->name);
		jsonw_member_int(&w, "bytes", k->bytes);
		jsonw_member_int(&w, "changed_ns", k->changed_ns);
		jsonw_member_string(&w, "sha256", k->sha256);
		jsonw_object_end(&w);
		/* One a line, for people who look into it. */
		strbuf_addc(&text, '\n');
	}
	jsonw_array_end(&w);
	jsonw_object_end(&w);
	strbuf_addc(&text, '\n');
	status = backup_dir_put_text(folder, FILE_NAME, &text, err);
	strbuf_release(&text);
	return status;
}
