/* dum-backup list: what there is, and what it is worth. */
#include <stdlib.h>
#include <unistd.h>

#include "backup/backup_json.h"
#include "backup/segment_name.h"
#include "backup_commands.h"
#include "base/plural.h"

/* "3 h", "12 days": how long ago, in one number. */
static void age_text(char *out, size_t size, int64_t seconds)
{
	if (seconds < 0)
		snprintf(out, size, "in the future");
	else if (seconds < 3600)
		snprintf(out, size, "%lld min", (long long)seconds / 60);
	else if (seconds < INT64_C(2) * 86400)
		snprintf(out, size, "%lld h", (long long)seconds / 3600);
	else
		snprintf(out, size, "%lld days", (long long)seconds / 86400);
}

static void print_entry(const struct catalog_entry *e, int64_t now)
{
	char age[24], size[BACKUP_SIZE_TEXT] = "-";

	age_text(age, sizeof(age), now - e->parsed.at);
	if (e->bytes >= 0)
		backup_size_text(size, e->bytes);
	printf("%-56s %9s %12s  %-8s %-9s %s%s%s\n", e->name, age, size,
	       backup_state_text(e->state),
	       e->parsed.encrypted ? "encrypted" : "plain", e->parsed.label,
	       e->parsed.label[0] == '\0' ? "-" : "",
	       e->has_config ? " +config" : "");
	if (e->note[0] != '\0')
		printf("    %s\n", e->note);
}

static enum dum_status print_json(const struct catalog *catalog,
                                  struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};
	enum dum_status status = DUM_OK;

	jsonw_array_begin(&w);
	for (size_t i = 0; i < catalog->count; i++)
		backup_json_entry(&w, &catalog->list[i]);
	jsonw_array_end(&w);
	if (strbuf_ok(&text))
		puts(text.buf);
	else
		status = error_set(err, DUM_ENOMEM, "out of memory");
	strbuf_release(&text);
	return status;
}

/* --- the journal's segments ----------------------------------------------- */

static int64_t size_of(const char *folder, const char *name)
{
	struct dum_error ignored = {0};
	int64_t bytes = 0;
	int fd = -1;

	if (backup_dir_read(&fd, &bytes, folder, name, &ignored) == DUM_OK)
		close(fd);
	return bytes;
}

static void print_segment(const struct segment_name *n, const char *name,
                          int64_t bytes)
{
	char size[BACKUP_SIZE_TEXT];

	backup_size_text(size, bytes);
	printf("%-72s %12s  %s\n", name, size,
	       n->last_id != 0 ? "sealed" : "open");
}

static void segment_json(struct json_writer *w, const struct segment_name *n,
                         const char *name, int64_t bytes)
{
	jsonw_object_begin(w);
	jsonw_member_string(w, "file", name);
	jsonw_member_string(w, "database", n->database);
	jsonw_member_int(w, "timeline", n->timeline);
	jsonw_member_int(w, "first_id", n->first_id);
	if (n->last_id != 0)
		jsonw_member_int(w, "last_id", n->last_id);
	else
		jsonw_member_null(w, "last_id");
	jsonw_member_bool(w, "sealed", n->last_id != 0);
	jsonw_member_int(w, "bytes", bytes);
	jsonw_object_end(w);
}

/* By their names alone; whether they are sound, verify tells. */
static enum dum_status list_segments(struct backup *backup, bool only_sum,
                                     struct dum_error *err)
{
	struct strbuf folder = STRBUF_INIT, text = STRBUF_INIT;
	struct json_writer w = {.out = &text};
	struct segment_list list = {.count = 0};
	char name[SEGMENT_NAME_MAX], size[BACKUP_SIZE_TEXT];
	enum dum_status status;
	int64_t sum = 0;

	status = segment_folder(&folder, backup->config.database_backup_dir,
	                        err);
	if (status == DUM_OK)
		status = segment_list_read(&list, folder.buf, err);
	jsonw_array_begin(&w);
	for (size_t i = 0; i < list.count; i++) {
		int64_t bytes;

		segment_name_format(name, &list.list[i]);
		bytes = size_of(folder.buf, name);
		sum += bytes;
		if (backup->json)
			segment_json(&w, &list.list[i], name, bytes);
		else if (!only_sum)
			print_segment(&list.list[i], name, bytes);
	}
	jsonw_array_end(&w);
	backup_size_text(size, sum);
	if (status == DUM_OK && backup->json)
		puts(text.buf);
	else if (status == DUM_OK && only_sum && list.count > 0)
		printf("and %zu segment%s of the journal, %s: list --journal\n",
		       list.count, plural_s((int64_t)list.count), size);
	else if (status == DUM_OK && !only_sum && list.count == 0)
		printf("no segments in %s\n", folder.buf);
	segment_list_release(&list);
	strbuf_release(&folder);
	strbuf_release(&text);
	return status;
}

/* It only reads, so it does not wait for who is at work in the folder. */
enum dum_status backup_cmd_list(struct backup *backup, int *exit_out,
                                struct dum_error *err)
{
	struct catalog catalog;
	enum dum_status status;

	if (backup->journal)
		return list_segments(backup, false, err);
	status = catalog_read(&catalog, backup->config.database_backup_dir,
	                      err);
	if (status != DUM_OK)
		return status;
	for (size_t i = 0; i < catalog.count; i++) {
		if (catalog.list[i].state == BACKUP_DAMAGED ||
		    catalog.list[i].state == BACKUP_MISSING)
			*exit_out = TOOL_PROBLEM;
		if (!backup->json)
			print_entry(&catalog.list[i], clock_now());
	}
	if (backup->json)
		status = print_json(&catalog, err);
	else if (catalog.count == 0)
		printf("no backups in %s\n",
		       backup->config.database_backup_dir);
	catalog_release(&catalog);
	if (status == DUM_OK && !backup->json)
		status = list_segments(backup, true, err);
	return status;
}
