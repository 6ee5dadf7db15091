/*
 * Handler tests of the backups that there are: list, download, delete, and the
 * figures of the database. They are made by lib/backup, as dum-backup does;
 * test/app/test_backup_jobs.c has what becomes a job.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/create.h"
#include "base/fsutil.h"

#define BACKUPS "/api/system/backups"
#define INFO    "/api/system/database-info"

static struct session_pass admin;

static int setup(void **state)
{
	harness_setup(state);
	admin = harness_login(*state, "ada", ROLE_ADMIN, NULL);
	return 0;
}

/* Of the folder of the backups; in a buffer that the next call keeps. */
static const char *path_of(struct harness *h, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", h->f->config.database_backup_dir,
	         name);
	return path;
}

/* Its name. level 0 proves nothing. */
static const char *make(struct harness *h, const char *label, int level)
{
	const struct backup_options options = {
	    .label = label, .packed = true, .level = level};
	static struct manifest made[8];
	static size_t turn;
	struct manifest *m = &made[turn++ % 8];
	struct backup_dir *dir = NULL;
	struct dum_error err = {0};

	assert_ok(backup_dir_open(&dir, h->f->config.database_backup_dir,
	                          "test", &err),
	          &err);
	assert_ok(backup_create(m, &h->f->config, dir, &options, &err), &err);
	backup_dir_close(dir);
	return m->name;
}

static const char *uri_of(const char *name)
{
	static char uri[200];

	snprintf(uri, sizeof(uri), BACKUPS "/%s", name);
	return uri;
}

/* Of the answer's body, which may hold NULs. */
static size_t body_len(const struct harness *h)
{
	return h->raw.len - (size_t)(h->body - h->raw.buf);
}

static int64_t events(struct harness *h, const char *op, const char *object)
{
	char sql[300];

	snprintf(sql, sizeof(sql),
	         "SELECT count(*) FROM journal WHERE tbl = 'event' AND "
	         "op = '%s' AND pk = '%s' AND actor = 'user:ada' AND "
	         "address = '192.0.2.7'",
	         op, object);
	return fixture_number(h->f, sql);
}

static void the_list_has_the_newest_first(void **state)
{
	struct harness *h = *state;
	const char *first, *second;

	assert_int_equal(get(h, &admin, BACKUPS), 200);
	assert_body(h, "[]");
	first = make(h, "before-move", 1);
	second = make(h, NULL, 0);
	assert_int_equal(get(h, &admin, BACKUPS), 200);
	assert_int_equal(json_array_size(h->json), 2);
	assert_string_equal(text_at(h, "0/file"), second);
	assert_string_equal(text_at(h, "1/file"), first);
	assert_string_equal(text_at(h, "1/label"), "before-move");
	assert_true(json_is_true(at(h, "1/proven")));
	assert_false(json_is_true(at(h, "0/proven")));
	assert_string_equal(text_at(h, "0/state"), "unproven");
	assert_int_equal(number_at(h, "1/sequence"), 1);
	assert_true(json_is_null(at(h, "0/note")));
	assert_null(header(h, "ETag"));
	assert_int_equal(remove(path_of(h, first)), 0);
	get(h, &admin, BACKUPS);
	assert_string_equal(text_at(h, "1/state"), "missing");
	assert_true(json_is_null(at(h, "1/bytes")));
}

static void a_download_is_the_stored_file_and_is_written_down(void **state)
{
	struct harness *h = *state;
	const char *name = make(h, NULL, 1);
	struct strbuf stored = STRBUF_INIT;
	struct dum_error err = {0};
	char text[200];

	assert_ok(fs_read_file(&stored, path_of(h, name), 1 << 20, &err), &err);
	ask(h,
	    &(struct ask){.method = "HEAD", .uri = uri_of(name), .as = &admin});
	assert_int_equal(h->status, 200);
	assert_int_equal(body_len(h), 0);
	snprintf(text, sizeof(text), "%zu", stored.len);
	assert_string_equal(header(h, "Content-Length"), text);
	assert_int_equal(events(h, "download", name), 0);
	assert_int_equal(get(h, &admin, uri_of(name)), 200);
	assert_int_equal(body_len(h), stored.len);
	assert_memory_equal(h->body, stored.buf, stored.len);
	assert_string_equal(header(h, "Content-Length"), text);
	assert_string_equal(header(h, "Content-Type"),
	                    "application/octet-stream");
	assert_string_equal(header(h, "Cache-Control"), "no-store");
	snprintf(text, sizeof(text), "attachment; filename=\"%s\"", name);
	assert_string_equal(header(h, "Content-Disposition"), text);
	assert_int_equal(events(h, "download", name), 1);
	strbuf_release(&stored);
}

static void nothing_leaves_that_can_not_be_written_down(void **state)
{
	struct harness *h = *state;
	const char *name = make(h, NULL, 1);

	harness_busy(h);
	get(h, &admin, uri_of(name));
	assert_problem(h, 503, NULL);
	assert_non_null(header(h, "Retry-After"));
	assert_null(header(h, "Content-Disposition"));
	harness_idle(h);
}

static void a_download_that_breaks_off_does_not_look_whole(void **state)
{
	struct harness *h = *state;
	const char *name = make(h, NULL, 1);

	ask(h, &(struct ask){.method = "GET",
	                     .uri = uri_of(name),
	                     .as = &admin,
	                     .peer_leaves_after = 1});
	assert_true(h->lost);
}

/* Whatever lies in the folder, and whatever is written for it. */
static void nothing_but_backups_leaves_the_folder(void **state)
{
	static const char *const names[] = {
	    "backup.lock",
	    "data_usage_backup_20261124_120000.db.gz.json",
	    "data_usage_backup_20261124_120000.db.gz.partial",
	    "data_usage_backup_20261124_120000_a_b.db.gz",
	    "data_usage_backup_20261124_120000.db.gz%00",
	    "data_usage_backup_20261124_120000.db.gz/",
	    "%2e%2e%2fsecret.key",
	    "../secret.key",
	    "..",
	    "."};
	struct harness *h = *state;
	const char *name = make(h, NULL, 1);
	char link[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		get(h, &admin, uri_of(names[i]));
		assert_problem(h, 404, NULL);
		send_json(h, &admin, "DELETE", uri_of(names[i]), NULL);
		assert_problem(h, 404, NULL);
	}
	get(h, &admin, uri_of(HARNESS_BACKUP));
	assert_problem(h, 404, NULL);
	/* A link that has the name of one, and a folder. */
	snprintf(link, sizeof(link), "%s", path_of(h, HARNESS_BACKUP));
	assert_int_equal(symlink(path_of(h, name), link), 0);
	get(h, &admin, uri_of(HARNESS_BACKUP));
	assert_problem(h, 404, NULL);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(fs_make_dir(link, NULL), DUM_OK);
	get(h, &admin, uri_of(HARNESS_BACKUP));
	assert_problem(h, 404, NULL);
}

static void any_but_the_newest_proven_one_can_go(void **state)
{
	struct harness *h = *state;
	const char *old = make(h, "keep-me", 1), *proven = make(h, NULL, 1),
	           *doubtful = make(h, NULL, 0);
	int64_t journal = fixture_number(h->f, "SELECT count(*) FROM journal");

	send_json(h, &admin, "DELETE", uri_of(proven), NULL);
	assert_problem(h, 409, NULL);
	assert_non_null(strstr(text_at(h, "detail"), "newest backup"));
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM journal"),
	                 journal);
	assert_true(fs_exists(path_of(h, proven)));
	assert_int_equal(send_json(h, &admin, "DELETE", uri_of(old), NULL),
	                 204);
	assert_false(fs_exists(path_of(h, old)));
	assert_int_equal(events(h, "backup_deleted", old), 1);
	send_json(h, &admin, "DELETE", uri_of(old), NULL);
	assert_problem(h, 404, NULL);
	assert_int_equal(send_json(h, &admin, "DELETE", uri_of(doubtful), NULL),
	                 204);
	/* That they were meant to go is known: nothing looks missing. */
	get(h, &admin, BACKUPS);
	assert_int_equal(json_array_size(h->json), 1);
	assert_true(json_is_null(at(h, "0/note")));
}

static void nothing_goes_that_can_not_be_written_down(void **state)
{
	struct harness *h = *state;
	const char *old = make(h, NULL, 1);

	(void)make(h, NULL, 1);
	harness_busy(h);
	send_json(h, &admin, "DELETE", uri_of(old), NULL);
	assert_problem(h, 503, NULL);
	assert_true(fs_exists(path_of(h, old)));
	harness_idle(h);
	assert_int_equal(send_json(h, &admin, "DELETE", uri_of(old), NULL),
	                 204);
}

static void who_works_in_the_folder_is_named(void **state)
{
	struct harness *h = *state;
	const char *old = make(h, NULL, 1);
	struct backup_dir *dir = NULL;
	struct dum_error err = {0};

	(void)make(h, NULL, 1);
	assert_ok(backup_dir_open(&dir, h->f->config.database_backup_dir,
	                          "dum-verify", &err),
	          &err);
	send_json(h, &admin, "DELETE", uri_of(old), NULL);
	assert_problem(h, 503, NULL);
	assert_non_null(header(h, "Retry-After"));
	assert_non_null(strstr(text_at(h, "detail"), "dum-verify"));
	backup_dir_close(dir);
	/* To read needs no turn. */
	assert_int_equal(get(h, &admin, BACKUPS), 200);
}

static void a_key_with_a_limit_gets_no_backup(void **state)
{
	struct harness *h = *state;
	const int64_t here[] = {harness_location(h, "here"), 0};
	char *limited = harness_key(h, SCOPE_BACKUP, here),
	     *whole = harness_key(h, SCOPE_BACKUP, NULL);
	const char *name = make(h, NULL, 1);
	const char *const uris[] = {BACKUPS, INFO, uri_of(name)};

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct ask what = {
		    .method = "GET", .uri = uris[i], .key = limited};

		ask(h, &what);
		assert_problem(h, 403, NULL);
		what.key = whole;
		assert_int_equal(ask(h, &what), 200);
	}
	free(limited);
	free(whole);
}

static int64_t rows(struct harness *h, const char *table)
{
	char sql[80];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	return fixture_number(h->f, sql);
}

static void the_figures_of_the_database_are_those_that_are_so(void **state)
{
	static const char *const tables[] = {
	    "locations", "daily_usage", "monthly_summaries", "cycle_settings",
	    "imports",   "users",       "api_keys",          "journal"};
	struct harness *h = *state;
	int64_t here = harness_location(h, "here");
	const char *proven;
	char path[48];

	for (int day = 10; day < 20; day++) {
		snprintf(path, sizeof(path), "2026-11-%d", day);
		harness_day(h, path, here, 5);
	}
	free(harness_key(h, SCOPE_READ, NULL));
	assert_int_equal(get(h, &admin, INFO), 200);
	assert_int_equal(json_object_size(at(h, "table_counts")),
	                 sizeof(tables) / sizeof(tables[0]));
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		snprintf(path, sizeof(path), "table_counts/%s", tables[i]);
		assert_int_equal(number_at(h, path), rows(h, tables[i]));
	}
	assert_int_equal(number_at(h, "size_bytes"),
	                 fixture_number(h->f,
	                                "SELECT page_size * page_count FROM "
	                                "pragma_page_size, pragma_page_count"));
	assert_true(number_at(h, "wal_bytes") > 0);
	assert_true(number_at(h, "disk_free_bytes") > 0);
	assert_true(json_is_null(at(h, "last_backup")));
	assert_true(json_is_null(at(h, "last_proven_backup")));
	assert_true(json_is_null(at(h, "last_verification")));
	proven = make(h, NULL, 1);
	(void)make(h, NULL, 0);
	get(h, &admin, INFO);
	assert_string_equal(text_at(h, "last_backup/state"), "unproven");
	assert_string_equal(text_at(h, "last_proven_backup/file"), proven);
}

static void the_last_whole_line_of_the_log_is_the_last_proof(void **state)
{
	static const char log[] =
	    "{\"at\":\"2026-11-22T03:00:00Z\",\"ok\":true,\"checks\":[]}\n"
	    "{\"at\":\"2026-11-23T03:00:00Z\",\"ok\":false,\"duration_ms\":5,"
	    "\"checks\":[{\"name\":\"age\",\"ok\":false,\"text\":\"old\"}]}\n"
	    "[1]\nno line of ours\n{\"at\":\"2026-11-24T03:0";
	struct harness *h = *state;
	struct dum_error err = {0};

	(void)make(h, NULL, 1);
	assert_ok(fs_write_atomic(path_of(h, "verification.log"), log,
	                          sizeof(log) - 1, 0600, &err),
	          &err);
	assert_int_equal(get(h, &admin, INFO), 200);
	assert_string_equal(text_at(h, "last_verification/at"),
	                    "2026-11-23T03:00:00Z");
	assert_string_equal(text_at(h, "last_verification/checks/0/text"),
	                    "old");
	assert_ok(
	    fs_write_atomic(path_of(h, "verification.log"), "x", 1, 0600, &err),
	    &err);
	get(h, &admin, INFO);
	assert_true(json_is_null(at(h, "last_verification")));
}

static void a_damaged_folder_does_not_take_the_database_away(void **state)
{
	struct harness *h = *state;
	struct dum_error err = {0};

	(void)make(h, NULL, 1);
	assert_ok(
	    fs_write_atomic(path_of(h, "pruned.json"), "{", 1, 0600, &err),
	    &err);
	get(h, &admin, BACKUPS);
	assert_problem(h, 500, NULL);
	assert_non_null(h->app.db);
	get(h, &admin, INFO);
	assert_problem(h, 500, NULL);
	assert_non_null(h->app.db);
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_list_has_the_newest_first),
	    TEST(a_download_is_the_stored_file_and_is_written_down),
	    TEST(nothing_leaves_that_can_not_be_written_down),
	    TEST(a_download_that_breaks_off_does_not_look_whole),
	    TEST(nothing_but_backups_leaves_the_folder),
	    TEST(any_but_the_newest_proven_one_can_go),
	    TEST(nothing_goes_that_can_not_be_written_down),
	    TEST(who_works_in_the_folder_is_named),
	    TEST(a_key_with_a_limit_gets_no_backup),
	    TEST(the_figures_of_the_database_are_those_that_are_so),
	    TEST(the_last_whole_line_of_the_log_is_the_last_proof),
	    TEST(a_damaged_folder_does_not_take_the_database_away),
	};

	return cmocka_run_group_tests_name("backups", tests, NULL, NULL);
}
