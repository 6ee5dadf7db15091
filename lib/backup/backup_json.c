#include "backup/backup_json.h"

static void member_text(struct json_writer *w, const char *name,
                        const char *text)
{
	if (text[0] != '\0')
		jsonw_member_string(w, name, text);
	else
		jsonw_member_null(w, name);
}

static void member_level(struct json_writer *w, const char *name, int level)
{
	if (level >= 0)
		jsonw_member_int(w, name, level);
	else
		jsonw_member_null(w, name);
}

void backup_json_entry(struct json_writer *w, const struct catalog_entry *e)
{
	char at[CLOCK_TEXT_MAX];

	clock_format_utc(at, e->parsed.at);
	jsonw_object_begin(w);
	jsonw_member_string(w, "file", e->name);
	jsonw_member_string(w, "at", at);
	if (e->bytes >= 0)
		jsonw_member_int(w, "bytes", e->bytes);
	else
		jsonw_member_null(w, "bytes");
	member_text(w, "label", e->parsed.label);
	jsonw_member_bool(w, "encrypted", e->parsed.encrypted);
	jsonw_member_bool(w, "compressed", e->parsed.packed);
	jsonw_member_bool(w, "config", e->has_config);
	jsonw_member_string(w, "state", backup_state_text(e->state));
	jsonw_member_bool(w, "proven", e->state == BACKUP_PROVEN);
	member_text(w, "id", e->id);
	if (e->has_manifest)
		jsonw_member_int(w, "sequence", e->sequence);
	else
		jsonw_member_null(w, "sequence");
	member_level(w, "verify_level", e->level);
	member_text(w, "verified_at", e->verified_at);
	member_text(w, "note", e->note);
	jsonw_object_end(w);
}

void backup_json_made(struct json_writer *w, const struct manifest *m)
{
	jsonw_object_begin(w);
	jsonw_member_string(w, "file", m->name);
	jsonw_member_string(w, "id", m->id);
	jsonw_member_int(w, "bytes", m->stored_bytes);
	jsonw_member_int(w, "database_bytes",
	                 m->facts.page_size * m->facts.page_count);
	jsonw_member_int(w, "duration_ms", m->duration_ms);
	jsonw_member_bool(w, "encrypted", m->encrypted);
	jsonw_member_int(w, "config_files", m->config.files);
	jsonw_member_bool(w, "proven", manifest_is_proven(m));
	jsonw_member_int(w, "verify_level", m->verification.level);
	jsonw_member_int(w, "verify_ms", m->verification.duration_ms);
	jsonw_member_string(w, "at", m->finished_at);
	jsonw_object_end(w);
}

void backup_json_verified(struct json_writer *w, const struct manifest *m,
                          int level)
{
	jsonw_object_begin(w);
	jsonw_member_string(w, "file", m->name);
	member_text(w, "id", m->id);
	jsonw_member_int(w, "bytes", m->stored_bytes);
	jsonw_member_int(w, "level", level);
	/* Without a manifest there is nothing to hold it against. */
	jsonw_member_bool(w, "proven",
	                  m->id[0] != '\0' && manifest_is_proven(m));
	jsonw_object_end(w);
}

static void write_instant(struct json_writer *w, const struct restore_result *r,
                          const char *at)
{
	jsonw_member_string(w, "at", at);
	jsonw_member_int(w, "replayed", r->replayed);
	jsonw_member_int(w, "last_entry", r->last_id);
	member_text(w, "last_entry_at", r->last_at);
	jsonw_member_bool(w, "journal_ends_there", r->open_end);
	jsonw_member_int(w, "backups_on_the_way", r->checked);
	member_text(w, "not_shipped", r->not_shipped);
}

static void write_tables(struct json_writer *w, const struct restore_result *r)
{
	jsonw_key(w, "tables");
	jsonw_object_begin(w);
	for (size_t i = 0; i < r->table_count; i++) {
		jsonw_key(w, r->tables[i].name);
		jsonw_object_begin(w);
		jsonw_member_int(w, "rows", r->tables[i].rows);
		jsonw_member_int(w, "removed", r->tables[i].removed);
		jsonw_member_int(w, "added", r->tables[i].added);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

void backup_json_restored(struct json_writer *w, const struct restore_result *r,
                          const char *at, const char *to)
{
	jsonw_object_begin(w);
	jsonw_member_string(w, "file", r->manifest.name);
	jsonw_member_bool(w, "whole", r->whole);
	if (at != NULL)
		write_instant(w, r, at);
	if (to != NULL)
		jsonw_member_string(w, "to", to);
	else
		jsonw_member_int(w, "timeline", r->timeline);
	member_text(w, "safety_backup", r->safety);
	member_text(w, "kept_aside", r->aside);
	member_text(w, "fresh_backup", r->fresh);
	jsonw_member_int(w, "recovery_codes_dropped", r->codes_dropped);
	write_tables(w, r);
	jsonw_object_end(w);
}
