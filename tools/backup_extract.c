/* dum-backup extract: some days of a backup, as a file or put back. */
#include "backup/extract.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/unpacked.h"
#include "backup_commands.h"
#include "base/bytes.h"
#include "base/fsutil.h"
#include "base/json_writer.h"
#include "base/plural.h"
#include "exchange/export.h"
#include "store/checkpoint.h"

enum { ROWS_SHOWN = 20 };

static enum dum_status read_days(struct extract_request *out,
                                 const struct backup *backup,
                                 struct dum_error *err)
{
	struct date last = {0};

	if (backup->from == NULL || backup->until == NULL)
		return error_set(err, DUM_EINVAL,
		                 "say which days: --from DATE --until DATE");
	if (!date_parse(&out->from, backup->from, strlen(backup->from)) ||
	    !date_parse(&last, backup->until, strlen(backup->until)) ||
	    date_cmp(out->from, last) > 0)
		return error_set(err, DUM_EINVAL,
		                 "--from %.20s --until %.20s: a first and a "
		                 "last day, as YYYY-MM-DD",
		                 backup->from, backup->until);
	/* No day lies after the last one that there can be. */
	if (date_to_days(last) <
	    date_to_days((struct date){DATE_YEAR_MAX, 12, 31}))
		out->until = date_add(last, 1);
	out->locations = backup->locations;
	out->nlocations = backup->nlocations;
	return DUM_OK;
}

static enum dum_status write_piece(void *arg, const char *text, size_t len,
                                   struct dum_error *err)
{
	(void)arg;
	if (fs_write_all(STDOUT_FILENO, text, len) == 0)
		return DUM_OK;
	return error_set(err, fs_write_status(errno),
	                 "the answer could not be written: %s",
	                 strerror(errno));
}

static enum dum_status write_csv(struct db *db,
                                 const struct extract_request *request,
                                 struct dum_error *err)
{
	const struct export_options options = {
	    .format = EXPORT_LONG,
	    .from = request->from,
	    .until = request->until,
	    .locations = request->locations,
	    .nlocations = request->nlocations};
	enum dum_status status;
	int64_t rows;

	status = db_read_begin(db, 0, err);
	if (status == DUM_OK)
		status = export_run(&rows, db, &options, write_piece, NULL,
		                    err);
	db_read_end(db);
	return status;
}

struct showing {
	bool json;
	int64_t shown;
	struct strbuf text;
	struct json_writer w;
};

static void amount(char out[static BYTES_GB_MAX + 4], int64_t bytes)
{
	if (bytes < 0) {
		snprintf(out, BYTES_GB_MAX + 4, "not known");
		return;
	}
	bytes_format_gb(out, bytes);
	memcpy(out + strlen(out), " GB", sizeof(" GB"));
}

static void row_json(struct json_writer *w, const struct extract_row *row)
{
	jsonw_object_begin(w);
	jsonw_member_string(w, "date", row->date);
	jsonw_member_string(w, "location", row->location);
	if (row->before >= 0)
		jsonw_member_gb(w, "before", row->before);
	else
		jsonw_member_null(w, "before");
	jsonw_member_gb(w, "after", row->after);
	jsonw_object_end(w);
}

static enum dum_status show(void *arg, const struct extract_row *row,
                            struct dum_error *err)
{
	char before[BYTES_GB_MAX + 4], after[BYTES_GB_MAX + 4];
	struct showing *s = arg;

	(void)err;
	if (s->shown++ >= ROWS_SHOWN)
		return DUM_OK;
	amount(before, row->before);
	amount(after, row->after);
	if (s->json)
		row_json(&s->w, row);
	else
		strbuf_addf(&s->text, "  %s %s: %s -> %s\n", row->date,
		            row->location, before, after);
	return DUM_OK;
}

static void print_json(const struct extract_result *r, const struct showing *s,
                       bool applied)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};

	jsonw_object_begin(&w);
	jsonw_member_bool(&w, "applied", applied);
	jsonw_member_int(&w, "days", r->days);
	jsonw_member_int(&w, "new", r->new);
	jsonw_member_int(&w, "changed", r->changed);
	jsonw_member_int(&w, "same", r->same);
	jsonw_member_int(&w, "locations_new", r->locations_new);
	jsonw_key(&w, "rows");
	jsonw_raw(&w, s->text.buf, s->text.len);
	jsonw_object_end(&w);
	puts(text.buf);
	strbuf_release(&text);
}

static void print_text(const struct extract_result *r, const struct showing *s,
                       bool applied)
{
	fputs(s->text.buf, stdout);
	if (s->shown > ROWS_SHOWN)
		printf("  and %lld more\n", (long long)(s->shown - ROWS_SHOWN));
	printf("%s: %lld day%s of the backup: %lld new, %lld changed, %lld "
	       "the same; %lld location%s new\n",
	       applied ? "put back" : "would be put back", (long long)r->days,
	       plural_s(r->days), (long long)r->new, (long long)r->changed,
	       (long long)r->same, (long long)r->locations_new,
	       plural_s(r->locations_new));
}

/* Without --confirm all of it is done and undone, to show what it comes to. */
static enum dum_status apply(struct backup *backup, struct db *from,
                             struct extract_request *request,
                             struct dum_error *err)
{
	struct showing s = {.json = backup->json, .text = STRBUF_INIT};
	struct extract_result result;
	enum dum_status status;
	struct db *db = NULL;

	s.w = (struct json_writer){.out = &s.text};
	if (s.json)
		jsonw_array_begin(&s.w);
	request->dry_run = !backup->confirm;
	status = db_open(&db, &backup->config, err);
	if (status == DUM_OK)
		status = extract_days(&result, db, from, &backup->who, request,
		                      show, &s, err);
	if (status == DUM_OK && backup->confirm)
		db_checkpoint_if_long(db);
	db_free(db);
	if (s.json)
		jsonw_array_end(&s.w);
	if (status == DUM_OK && !strbuf_ok(&s.text))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	if (status == DUM_OK && backup->json)
		print_json(&result, &s, backup->confirm);
	else if (status == DUM_OK)
		print_text(&result, &s, backup->confirm);
	if (status == DUM_OK && !backup->confirm)
		status = error_set(err, DUM_EINVAL,
		                   "nothing was changed; say --confirm to do "
		                   "it");
	strbuf_release(&s.text);
	return status;
}

static enum dum_status extract(struct backup *backup,
                               struct extract_request *request,
                               const struct container_key *key,
                               struct dum_error *err)
{
	struct unpacked *unpacked = calloc(1, sizeof(*unpacked));
	struct verify_request verify = {.level = 2, .key = key};
	enum dum_status status;
	char *folder = NULL;

	if (unpacked == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = backup_word(&folder, &verify.name, backup->argv[0], err);
	if (status == DUM_OK)
		status = backup_take_dir(backup, err);
	verify.folder = folder;
	verify.dir = backup->dir;
	if (status == DUM_OK)
		status = unpacked_open(unpacked, &backup->config, &verify,
		                       &backup->who, err);
	if (status == DUM_OK && !backup->apply)
		backup_note_export(backup, verify.name, "-");
	if (status == DUM_OK)
		status = backup->apply
		             ? apply(backup, unpacked->db, request, err)
		             : write_csv(unpacked->db, request, err);
	unpacked_close(unpacked);
	free(unpacked);
	free(folder);
	return status;
}

enum dum_status backup_cmd_extract(struct backup *backup, int *exit_out,
                                   struct dum_error *err)
{
	struct container_key key = {.kind = CONTAINER_KEY_FILE};
	struct extract_request request = {.nlocations = 0};
	enum dum_status status;
	bool has_key = false;

	(void)exit_out;
	status = read_days(&request, backup, err);
	if (status == DUM_OK)
		status = backup_key(&key, &has_key, backup, false, err);
	if (status == DUM_OK)
		status = extract(backup, &request, has_key ? &key : NULL, err);
	container_key_wipe(&key);
	return status;
}
