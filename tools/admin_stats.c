/* dum-admin stats: what the database holds. */
#include <sys/stat.h>

#include "admin_command.h"
#include "base/json_writer.h"
#include "calc/date.h"
#include "store/data_state.h"
#include "store/location.h"
#include "store/migrate.h"
#include "store/system_info.h"
#include "store/usage.h"

struct stats {
	int64_t locations, records;
	struct data_state state;
	bool any;
	struct date first, last;
	struct strbuf id;
	int64_t file_bytes, log_bytes;
};

/* 0 for a file that is not there: without changes there is no log. */
static int64_t size_of(const char *path, const char *suffix)
{
	struct strbuf name = STRBUF_INIT;
	struct stat st = {.st_size = 0};

	strbuf_addf(&name, "%s%s", path, suffix);
	if (!strbuf_ok(&name) || stat(name.buf, &st) != 0)
		st.st_size = 0;
	strbuf_release(&name);
	return st.st_size;
}

static enum dum_status read_stats(struct stats *out, struct db *db,
                                  struct dum_error *err)
{
	struct usage_filter all = {.location_id = 0};
	enum dum_status status;

	status = db_read_begin(db, 0, err);
	if (status != DUM_OK)
		return status;
	status = location_count(&out->locations, db, err);
	if (status == DUM_OK)
		status = usage_count(&out->records, db, &all, err);
	if (status == DUM_OK)
		status = usage_range(&out->any, &out->first, &out->last, db,
		                     err);
	if (status == DUM_OK)
		status = system_info_get(&out->id, db, "database_id", err);
	if (status == DUM_OK)
		status = data_state_now(&out->state, db, err);
	db_read_end(db);
	out->file_bytes = size_of(db_path(db), "");
	out->log_bytes = size_of(db_path(db), "-wal");
	return status;
}

static void write_json(const struct stats *s, const char *path)
{
	char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "database", path);
	jsonw_member_string(&w, "database_id", s->id.buf);
	jsonw_member_int(&w, "schema_version", migrate_newest());
	jsonw_member_int(&w, "locations", s->locations);
	jsonw_member_int(&w, "records", s->records);
	jsonw_key(&w, "date_range");
	jsonw_object_begin(&w);
	if (s->any) {
		date_format(first, s->first);
		date_format(last, s->last);
		jsonw_member_string(&w, "start", first);
		jsonw_member_string(&w, "end", last);
	} else {
		jsonw_member_null(&w, "start");
		jsonw_member_null(&w, "end");
	}
	jsonw_object_end(&w);
	jsonw_member_int(&w, "data_generation", s->state.generation);
	jsonw_member_int(&w, "database_bytes", s->file_bytes);
	jsonw_member_int(&w, "log_bytes", s->log_bytes);
	jsonw_object_end(&w);
	puts(text.buf);
	strbuf_release(&text);
}

static void write_text(const struct stats *s, const char *path)
{
	char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];

	printf("database         %s\n", path);
	printf("database id      %s\n", s->id.buf);
	printf("schema version   %d\n", migrate_newest());
	printf("locations        %lld active\n", (long long)s->locations);
	printf("records          %lld\n", (long long)s->records);
	if (s->any) {
		date_format(first, s->first);
		date_format(last, s->last);
		printf("days             %s to %s\n", first, last);
	}
	printf("size             %lld bytes, and %lld in the log\n",
	       (long long)s->file_bytes, (long long)s->log_bytes);
}

enum dum_status admin_stats(struct admin *admin, int *exit_out,
                            struct dum_error *err)
{
	struct stats stats = {.id = STRBUF_INIT};
	enum dum_status status;

	(void)exit_out;
	status = db_open(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = read_stats(&stats, admin->db, err);
	if (status == DUM_OK && admin->json)
		write_json(&stats, db_path(admin->db));
	else if (status == DUM_OK)
		write_text(&stats, db_path(admin->db));
	strbuf_release(&stats.id);
	return status;
}
