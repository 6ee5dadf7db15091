/* dum-backup diff: what is not the same in two backups, or in one and now. */
#include "backup/diff.h"

#include <stdlib.h>
#include <string.h>

#include "backup/unpacked.h"
#include "backup_commands.h"
#include "base/bytes.h"
#include "base/json_writer.h"

enum { ROWS_SHOWN = 20 };

/* One of the two: a backup that is unpacked, or the database. */
struct side {
	const char *word;
	bool live;
	struct unpacked unpacked;
	struct db *db;
};

struct showing {
	bool json;
	int64_t shown[DIFF_TABLES];
	struct strbuf text; /* lines, or JSON */
	struct json_writer w;
};

static enum dum_status open_side(struct side *side, struct backup *backup,
                                 const struct container_key *key,
                                 struct dum_error *err)
{
	struct verify_request request = {
	    .dir = backup->dir, .level = 2, .key = key};
	enum dum_status status;
	char *folder = NULL;

	side->live = strcmp(side->word, "live") == 0;
	if (side->live) {
		status = db_open(&side->db, &backup->config, err);
	} else {
		status = backup_word(&folder, &request.name, side->word, err);
		request.folder = folder;
		if (status == DUM_OK)
			status = unpacked_open(&side->unpacked, &backup->config,
			                       &request, &backup->who, err);
		side->db = side->unpacked.db;
	}
	free(folder);
	if (status == DUM_OK)
		status = db_read_begin(side->db, 0, err);
	return status;
}

static void close_side(struct side *side)
{
	if (side->db != NULL)
		db_read_end(side->db);
	if (side->live)
		db_free(side->db);
	else
		unpacked_close(&side->unpacked);
}

/* An amount as people read it; other values are texts already. */
static const char *value_text(char out[static BYTES_GB_MAX + 4],
                              const struct diff_row *row, const char *value)
{
	if (value == NULL)
		return "-";
	if (row->table != DIFF_DAYS)
		return value;
	bytes_format_gb(out, strtoll(value, NULL, 10));
	memcpy(out + strlen(out), " GB", sizeof(" GB"));
	return out;
}

static void value_json(struct json_writer *w, const char *name,
                       const struct diff_row *row, const char *value)
{
	if (value == NULL)
		jsonw_member_null(w, name);
	else if (row->table == DIFF_DAYS)
		jsonw_member_gb(w, name, strtoll(value, NULL, 10));
	else
		jsonw_member_string(w, name, value);
}

static void row_json(struct json_writer *w, const struct diff_row *row)
{
	jsonw_object_begin(w);
	jsonw_member_string(w, "table", diff_table_name(row->table));
	if (row->date[0] != '\0')
		jsonw_member_string(w, "date", row->date);
	jsonw_member_int(w, "location_id", row->location_id);
	if (row->location != NULL)
		jsonw_member_string(w, "location", row->location);
	else
		jsonw_member_null(w, "location");
	value_json(w, "a", row, row->a);
	value_json(w, "b", row, row->b);
	jsonw_object_end(w);
}

static enum dum_status show(void *arg, const struct diff_row *row,
                            struct dum_error *err)
{
	char a[BYTES_GB_MAX + 4], b[BYTES_GB_MAX + 4];
	struct showing *s = arg;

	(void)err;
	if (s->shown[row->table]++ >= ROWS_SHOWN)
		return DUM_OK;
	if (s->json)
		row_json(&s->w, row);
	else
		strbuf_addf(&s->text, "  %-9s %s%s%s: %s -> %s\n",
		            diff_table_name(row->table), row->date,
		            row->date[0] != '\0' ? " " : "",
		            row->location != NULL ? row->location : "for all",
		            value_text(a, row, row->a),
		            value_text(b, row, row->b));
	return DUM_OK;
}

static void counts_json(struct json_writer *w, const struct diff_counts *all)
{
	jsonw_object_begin(w);
	for (int i = 0; i < DIFF_TABLES; i++) {
		jsonw_key(w, diff_table_name((enum diff_table)i));
		jsonw_object_begin(w);
		jsonw_member_int(w, "same", all[i].same);
		jsonw_member_int(w, "changed", all[i].changed);
		jsonw_member_int(w, "only_a", all[i].only_a);
		jsonw_member_int(w, "only_b", all[i].only_b);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

static int64_t print(const struct backup *backup, struct showing *s,
                     const struct diff_counts *all)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};
	int64_t differ = 0;

	for (int i = 0; i < DIFF_TABLES; i++)
		differ += all[i].changed + all[i].only_a + all[i].only_b;
	if (backup->json) {
		jsonw_object_begin(&w);
		jsonw_member_string(&w, "a", backup->argv[0]);
		jsonw_member_string(&w, "b", backup->argv[1]);
		jsonw_member_bool(&w, "same", differ == 0);
		jsonw_key(&w, "tables");
		counts_json(&w, all);
		jsonw_key(&w, "rows");
		jsonw_raw(&w, s->text.buf, s->text.len);
		jsonw_object_end(&w);
		puts(text.buf);
	}
	if (!backup->json)
		printf("A: %s\nB: %s\n", backup->argv[0], backup->argv[1]);
	for (int i = 0; i < DIFF_TABLES && !backup->json; i++)
		printf("%-9s %lld the same, %lld changed, %lld only in A, "
		       "%lld only in B\n",
		       diff_table_name((enum diff_table)i),
		       (long long)all[i].same, (long long)all[i].changed,
		       (long long)all[i].only_a, (long long)all[i].only_b);
	if (!backup->json)
		fputs(s->text.buf, stdout);
	strbuf_release(&text);
	return differ;
}

static enum dum_status compare(struct backup *backup, struct side *a,
                               struct side *b, int *exit_out,
                               struct dum_error *err)
{
	struct diff_counts counts[DIFF_TABLES];
	struct showing s = {.json = backup->json, .text = STRBUF_INIT};
	enum dum_status status;

	s.w = (struct json_writer){.out = &s.text};
	if (s.json)
		jsonw_array_begin(&s.w);
	status = diff_databases(counts, a->db, b->db, show, &s, err);
	if (s.json)
		jsonw_array_end(&s.w);
	if (status == DUM_OK && !strbuf_ok(&s.text))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	if (status == DUM_OK && print(backup, &s, counts) > 0)
		*exit_out = TOOL_PROBLEM;
	strbuf_release(&s.text);
	return status;
}

enum dum_status backup_cmd_diff(struct backup *backup, int *exit_out,
                                struct dum_error *err)
{
	struct container_key key = {.kind = CONTAINER_KEY_FILE};
	struct side *sides = calloc(2, sizeof(*sides));
	enum dum_status status;
	bool has_key = false;

	if (sides == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	sides[0].word = backup->argv[0];
	sides[1].word = backup->argv[1];
	status = backup_key(&key, &has_key, backup, false, err);
	if (status == DUM_OK)
		status = backup_take_dir(backup, err);
	for (int i = 0; i < 2 && status == DUM_OK; i++)
		status = open_side(&sides[i], backup, has_key ? &key : NULL,
		                   err);
	if (status == DUM_OK)
		status = compare(backup, &sides[0], &sides[1], exit_out, err);
	close_side(&sides[0]);
	close_side(&sides[1]);
	container_key_wipe(&key);
	free(sides);
	return status;
}
