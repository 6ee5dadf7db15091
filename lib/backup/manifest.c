#include "backup/manifest.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/backup_dir.h"

enum { FORMAT = 1 };

bool manifest_is_proven(const struct manifest *m)
{
	return m->verification.ok && m->verification.level >= 1;
}

static json_t *hash_value(const unsigned char hash[static HASH_BYTES])
{
	char hex[HASH_HEX_MAX];

	hex_write(hex, hash, HASH_BYTES);
	return json_string(hex);
}

static json_t *text_or_null(const char *text)
{
	return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *tables_value(const struct content_tables *tables)
{
	json_t *all = json_object();

	for (size_t i = 0; i < tables->count; i++) {
		const struct content_table *t = &tables->list[i];
		json_t *value = json_pack(
		    "{s:I, s:o, s:o}", "rows", (json_int_t)t->rows, "last_id",
		    t->last_id >= 0 ? json_integer(t->last_id) : json_null(),
		    "sha256", hash_value(t->hash));

		/* Not one too few: without memory there is no manifest. */
		if (json_object_set_new(all, t->name, value) != 0) {
			json_decref(all);
			return NULL;
		}
	}
	return all;
}

static json_t *database_value(const struct snapshot_facts *f)
{
	return json_pack(
	    "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "id",
	    f->database_id, "application_id", (json_int_t)f->application_id,
	    "schema_version", (json_int_t)f->schema_version, "timeline",
	    (json_int_t)f->timeline, "generation", (json_int_t)f->generation,
	    "page_size", (json_int_t)f->page_size, "page_count",
	    (json_int_t)f->page_count, "free_pages", (json_int_t)f->free_pages,
	    "bytes", (json_int_t)f->page_size * f->page_count);
}

static json_t *previous_value(const struct manifest *m)
{
	if (m->previous_id[0] == '\0')
		return json_null();
	return json_pack("{s:s, s:s}", "id", m->previous_id, "sha256",
	                 m->previous_hash);
}

/* NULL, which leaves the member out, where there is no such file. */
static json_t *along_value(const struct manifest_config *c)
{
	if (c->files == 0)
		return NULL;
	return json_pack("{s:I, s:I, s:s}", "files", (json_int_t)c->files,
	                 "bytes", (json_int_t)c->bytes, "sha256", c->sha256);
}

static json_t *stored_along_value(const struct manifest_config *c)
{
	if (c->files == 0)
		return NULL;
	return json_pack("{s:I, s:s}", "bytes", (json_int_t)c->stored_bytes,
	                 "sha256", c->stored_sha256);
}

static json_t *backup_value(const struct manifest *m)
{
	const struct snapshot_facts *f = &m->facts;

	return json_pack(
	    "{s:s, s:I, s:o, s:o, s:s, s:s, s:s, s:s, s:I, s:o,"
	    " s:{s:I, s:o}, s:o, s:o, s:o*}",
	    "id", m->id, "sequence", (json_int_t)m->sequence, "previous",
	    previous_value(m), "label", text_or_null(m->label), "program",
	    m->program, "engine", m->engine, "started_at", m->started_at,
	    "finished_at", m->finished_at, "duration_ms",
	    (json_int_t)m->duration_ms, "database", database_value(f),
	    "journal", "id", (json_int_t)f->journal_id, "mac",
	    hash_value(f->journal_mac), "pages_sha256",
	    hash_value(f->pages_hash), "tables", tables_value(&f->tables),
	    "config", along_value(&m->config));
}

static json_t *stored_value(const struct manifest *m)
{
	return json_pack("{s:s, s:I, s:s, s:b, s:b, s:o*}", "name", m->name,
	                 "bytes", (json_int_t)m->stored_bytes, "sha256",
	                 m->stored_sha256, "packed", m->packed, "encrypted",
	                 m->encrypted, "config",
	                 stored_along_value(&m->config));
}

static json_t *verification_value(const struct manifest_verification *v)
{
	if (v->level < 0)
		return json_null();
	return json_pack("{s:i, s:b, s:s, s:I, s:o, s:o}", "level", v->level,
	                 "ok", v->ok, "at", v->at, "duration_ms",
	                 (json_int_t)v->duration_ms, "image_sha256",
	                 text_or_null(v->image_sha256), "problem",
	                 text_or_null(v->problem));
}

/* Of the member as it stands, also where a newer program put more into it. */
static enum dum_status hash_backup(char out[static HASH_HEX_MAX],
                                   const json_t *backup, struct dum_error *err)
{
	char *text = json_dumps(backup, JSON_COMPACT | JSON_SORT_KEYS);
	enum dum_status status;

	if (text == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = hash_sha256_hex(out, text, strlen(text), err);
	free(text);
	return status;
}

enum dum_status manifest_format(struct strbuf *out, struct manifest *m,
                                struct dum_error *err)
{
	enum dum_status status;
	json_t *root = NULL;
	char *text = NULL;

	root = json_pack("{s:i, s:o, s:o, s:o}", "format", FORMAT, "backup",
	                 backup_value(m), "stored", stored_value(m),
	                 "verification", verification_value(&m->verification));
	if (root != NULL)
		text = json_dumps(root, JSON_INDENT(2));
	if (text == NULL) {
		status = error_set(err, DUM_ENOMEM, "out of memory");
		goto out;
	}
	status = hash_backup(m->hash, json_object_get(root, "backup"), err);
	strbuf_adds(out, text);
	strbuf_addc(out, '\n');
	if (status == DUM_OK && !strbuf_ok(out))
		status = error_set(err, DUM_ENOMEM, "out of memory");
out:
	free(text);
	json_decref(root);
	return status;
}

/* Copies a text of the JSON; false where it does not fit. */
static bool copy(char *out, size_t size, const char *text)
{
	return text == NULL || snprintf(out, size, "%s", text) < (int)size;
}

static bool copy_hash(unsigned char out[static HASH_BYTES], const char *text)
{
	return hex_read(out, HASH_BYTES, text, strlen(text));
}

static bool read_tables(struct content_tables *out, json_t *all)
{
	const char *name;
	json_t *value;

	json_object_foreach(all, name, value)
	{
		struct content_table *t = &out->list[out->count];
		json_int_t rows = 0;
		json_t *last = NULL;
		const char *hash = NULL;

		if (out->count == CONTENT_TABLES_MAX ||
		    json_unpack(value, "{s:I, s:o, s:s}", "rows", &rows,
		                "last_id", &last, "sha256", &hash) != 0 ||
		    !copy(t->name, sizeof(t->name), name) ||
		    !copy_hash(t->hash, hash))
			return false;
		t->rows = rows;
		t->last_id = json_is_integer(last) ? json_integer_value(last)
		                                   : -1;
		out->count++;
	}
	return true;
}

static bool read_database(struct snapshot_facts *f, json_t *value)
{
	json_int_t n[7];
	const char *id = NULL;

	if (json_unpack(value, "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "id",
	                &id, "application_id", &n[0], "schema_version", &n[1],
	                "timeline", &n[2], "generation", &n[3], "page_size",
	                &n[4], "page_count", &n[5], "free_pages", &n[6]) != 0)
		return false;
	f->application_id = n[0];
	f->schema_version = n[1];
	f->timeline = n[2];
	f->generation = n[3];
	f->page_size = n[4];
	f->page_count = n[5];
	f->free_pages = n[6];
	return copy(f->database_id, sizeof(f->database_id), id);
}

static bool read_previous(struct manifest *m, json_t *value)
{
	const char *id = NULL, *hash = NULL;

	if (json_is_null(value))
		return true;
	return json_unpack(value, "{s:s, s:s}", "id", &id, "sha256", &hash) ==
	           0 &&
	       copy(m->previous_id, sizeof(m->previous_id), id) &&
	       copy(m->previous_hash, sizeof(m->previous_hash), hash);
}

/* Both parts, or neither. */
static bool read_config(struct manifest_config *c, json_t *backup,
                        json_t *stored)
{
	const char *hash = NULL, *stored_hash = NULL;
	json_int_t files = 0, bytes = 0, stored_bytes = 0;

	if (json_object_get(backup, "config") == NULL)
		return true;
	if (json_unpack(backup, "{s:{s:I, s:I, s:s}}", "config", "files",
	                &files, "bytes", &bytes, "sha256", &hash) != 0 ||
	    json_unpack(stored, "{s:{s:I, s:s}}", "config", "bytes",
	                &stored_bytes, "sha256", &stored_hash) != 0)
		return false;
	c->files = files;
	c->bytes = bytes;
	c->stored_bytes = stored_bytes;
	return files > 0 && copy(c->sha256, sizeof(c->sha256), hash) &&
	       copy(c->stored_sha256, sizeof(c->stored_sha256), stored_hash);
}

static bool read_backup(struct manifest *m, json_t *value)
{
	const char *id, *program, *engine, *started, *finished, *mac, *pages;
	json_t *previous, *label, *database, *tables;
	json_int_t sequence, duration, journal;

	if (json_unpack(value,
	                "{s:s, s:I, s:o, s:o, s:s, s:s, s:s, s:s, s:I, s:o,"
	                " s:{s:I, s:s}, s:s, s:o}",
	                "id", &id, "sequence", &sequence, "previous", &previous,
	                "label", &label, "program", &program, "engine", &engine,
	                "started_at", &started, "finished_at", &finished,
	                "duration_ms", &duration, "database", &database,
	                "journal", "id", &journal, "mac", &mac, "pages_sha256",
	                &pages, "tables", &tables) != 0)
		return false;
	m->sequence = sequence;
	m->duration_ms = duration;
	m->facts.journal_id = journal;
	return copy(m->id, sizeof(m->id), id) &&
	       copy(m->program, sizeof(m->program), program) &&
	       copy(m->engine, sizeof(m->engine), engine) &&
	       copy(m->started_at, sizeof(m->started_at), started) &&
	       copy(m->finished_at, sizeof(m->finished_at), finished) &&
	       copy(m->label, sizeof(m->label), json_string_value(label)) &&
	       copy_hash(m->facts.journal_mac, mac) &&
	       copy_hash(m->facts.pages_hash, pages) &&
	       read_previous(m, previous) &&
	       read_database(&m->facts, database) &&
	       read_tables(&m->facts.tables, tables);
}

static bool read_stored(struct manifest *m, json_t *value)
{
	const char *name = NULL, *hash = NULL;
	int packed = 0, encrypted = 0;
	json_int_t bytes = 0;

	if (json_unpack(value, "{s:s, s:I, s:s, s:b, s:b}", "name", &name,
	                "bytes", &bytes, "sha256", &hash, "packed", &packed,
	                "encrypted", &encrypted) != 0)
		return false;
	m->stored_bytes = bytes;
	m->packed = packed;
	m->encrypted = encrypted;
	return copy(m->name, sizeof(m->name), name) &&
	       copy(m->stored_sha256, sizeof(m->stored_sha256), hash);
}

static bool read_verification(struct manifest_verification *v, json_t *value)
{
	const char *at = NULL;
	json_t *image = NULL, *problem = NULL;
	json_int_t duration = 0;
	int ok = 0;

	v->level = -1;
	if (json_is_null(value))
		return true;
	if (json_unpack(value, "{s:i, s:b, s:s, s:I, s:o, s:o}", "level",
	                &v->level, "ok", &ok, "at", &at, "duration_ms",
	                &duration, "image_sha256", &image, "problem",
	                &problem) != 0)
		return false;
	v->ok = ok;
	v->duration_ms = duration;
	return copy(v->at, sizeof(v->at), at) &&
	       copy(v->image_sha256, sizeof(v->image_sha256),
	            json_string_value(image)) &&
	       copy(v->problem, sizeof(v->problem), json_string_value(problem));
}

enum dum_status manifest_parse(struct manifest *out, const char *text,
                               size_t len, struct dum_error *err)
{
	json_t *root, *backup = NULL, *stored = NULL, *verification = NULL;
	struct manifest *m = calloc(1, sizeof(*m));
	enum dum_status status = DUM_OK;
	json_error_t why;
	int format = 0;

	if (m == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (root == NULL)
		status = error_set(err, DUM_EDAMAGED, "line %d: %.80s",
		                   why.line, why.text);
	else if (json_unpack(root, "{s:i, s:o, s:o, s:o}", "format", &format,
	                     "backup", &backup, "stored", &stored,
	                     "verification", &verification) != 0)
		status = error_set(err, DUM_EDAMAGED, "it is no manifest");
	else if (format != FORMAT)
		status = error_set(err, DUM_ESCHEMA,
		                   "it is of a newer program (format %d)",
		                   format);
	else if (!read_backup(m, backup) || !read_stored(m, stored) ||
	         !read_config(&m->config, backup, stored) ||
	         !read_verification(&m->verification, verification))
		status = error_set(err, DUM_EDAMAGED,
		                   "a member is missing or of a wrong kind");
	else
		status = hash_backup(m->hash, backup, err);
	if (status == DUM_OK)
		*out = *m;
	json_decref(root);
	free(m);
	return status;
}

static void file_name(char out[static BACKUP_NAME_MAX + 5], const char *name)
{
	snprintf(out, BACKUP_NAME_MAX + 5, "%s.json", name);
}

enum dum_status manifest_write(struct manifest *m, const char *dir,
                               struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	char file[BACKUP_NAME_MAX + 5];
	enum dum_status status;

	file_name(file, m->name);
	status = manifest_format(&text, m, err);
	if (status == DUM_OK)
		status = backup_dir_put_text(dir, file, &text, err);
	strbuf_release(&text);
	return status;
}

enum dum_status manifest_read(struct manifest *out, const char *dir,
                              const char *name, struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	char file[BACKUP_NAME_MAX + 5];
	struct dum_error inner = {0};
	enum dum_status status;

	file_name(file, name);
	status = backup_dir_text(&text, dir, file, MANIFEST_BYTES_MAX, err);
	if (status != DUM_OK)
		goto out;
	status = manifest_parse(out, text.buf, text.len, &inner);
	if (status == DUM_OK && strcmp(out->name, name) != 0)
		status = error_set(&inner, DUM_EDAMAGED, "it is of %s",
		                   out->name);
	if (status != DUM_OK)
		error_set(err, status, "%s/%s: %s", dir, file, inner.text);
out:
	strbuf_release(&text);
	return status;
}
