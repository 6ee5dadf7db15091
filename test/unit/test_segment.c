/*
 * Unit tests of the segments of the journal: what is shipped reads back, once
 * each, whatever state a run was cut short in; and a thousand single bits
 * turned, and a thousand cuts, of an open one and of sealed ones, are found.
 *
 * Shown to fail: without the comparison of the hash in segment_frame_read() of
 * lib/backup/segment_frame.c, without the cut in segment_writer_resume() of
 * lib/backup/segment_writer.c, and without other_history() in
 * lib/backup/ship.c.
 */
#include "fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/catalog.h"
#include "backup/segment_check.h"
#include "backup/segment_prune.h"
#include "backup/ship.h"
#include "base/fsutil.h"
#include "store/journal.h"

enum { ROUNDS = 250 }; /* for each of four forms */

static const struct container_key key = {.kind = CONTAINER_KEY_FILE,
                                         .bytes = "a key for the tests"};

static int setup(void **state)
{
	struct dum_error err = {0};
	struct fixture *f;

	assert_int_equal(fixture_setup(state), 0);
	f = *state;
	assert_ok(config_set(&f->config, "DATABASE_BACKUP_DIR", "backups",
	                     f->dir, &err),
	          &err);
	return 0;
}

static void grow(struct fixture *f, int events)
{
	struct dum_error err = {0};

	for (int i = 0; i < events; i++) {
		assert_ok(db_begin(f->db, &f->who, &err), &err);
		assert_ok(
		    journal_event(f->db,
		                  &(struct journal_event){
		                      .name = "x",
		                      .object = i % 2 == 0 ? "ä\"b" : NULL,
		                      .detail = "{\"n\":1}"},
		                  &err),
		    &err);
		assert_ok(db_commit(f->db, &err), &err);
	}
}

static struct ship_result ship(struct fixture *f, bool encrypted, bool seal)
{
	struct ship_options how = ship_options(&f->config, "test",
	                                       encrypted ? &key : NULL);
	struct ship_result result = {.entries = -1};
	struct dum_error err = {0};

	how.seal_now = seal;
	assert_ok(ship_journal(&result, &f->config, &how, &err), &err);
	return result;
}

static const char *folder(struct fixture *f)
{
	return fixture_path(f, "backups/journal");
}

static struct segment_list list_of(struct fixture *f)
{
	struct segment_list list = {.count = 0};
	struct dum_error err = {0};

	assert_ok(segment_list_read(&list, folder(f), &err), &err);
	return list;
}

static void path_of(char out[static 256], struct fixture *f,
                    const struct segment_name *name)
{
	char text[SEGMENT_NAME_MAX];

	segment_name_format(text, name);
	snprintf(out, 256, "%s/%s", folder(f), text);
}

static struct segment_report check(struct fixture *f)
{
	const struct segment_access access = {.container = &key};
	struct segment_report report = {.segments = 0};
	const struct catalog none = {.count = 0};
	struct dum_error err = {0};

	assert_ok(segment_check(&report, fixture_path(f, "backups"), &none,
	                        &access, NULL, NULL, &err),
	          &err);
	return report;
}

/* --- shipping ------------------------------------------------------------- */

static void every_entry_is_shipped_once(void **state)
{
	struct fixture *f = *state;
	struct segment_report report;

	assert_int_equal(ship(f, false, false).entries, 1); /* "init" */
	assert_int_equal(ship(f, true, false).entries, 0);
	for (int i = 1; i <= 5; i++) {
		grow(f, i);
		assert_int_equal(ship(f, true, i % 3 == 0).entries, i);
	}
	report = check(f);
	assert_int_equal(report.problems, 0);
	assert_int_equal(report.entries, 16);
	assert_int_equal(report.last_id, 16);
	assert_int_equal(report.segments, 2);
}

static void a_large_journal_is_cut_into_segments(void **state)
{
	struct fixture *f = *state;
	struct segment_report report;
	struct dum_error err = {0};

	assert_ok(
	    config_set(&f->config, "JOURNAL_SEGMENT_KB", "16", f->dir, &err),
	    &err);
	grow(f, 400);
	assert_int_equal(ship(f, false, false).entries, 401);
	report = check(f);
	assert_int_equal(report.problems, 0);
	assert_int_equal(report.entries, 401);
	assert_in_range(report.segments, 4, 20);
}

static void a_torn_tail_is_cut_away_and_shipped_again(void **state)
{
	struct fixture *f = *state;
	struct segment_list list;
	char path[256];
	struct stat st;

	ship(f, false, false);
	grow(f, 3);
	ship(f, false, false);
	list = list_of(f);
	path_of(path, f, &list.list[0]);
	segment_list_release(&list);
	assert_int_equal(stat(path, &st), 0);
	for (int cut = 1; cut < 200; cut += 33) {
		assert_int_equal(truncate(path, st.st_size - cut), 0);
		assert_int_equal(check(f).status, DUM_ETRUNCATED);
		assert_true(ship(f, false, false).mended_bytes > 0);
		assert_int_equal(check(f).problems, 0);
		assert_int_equal(check(f).entries, 4);
	}
	/* Grown, and not written: what a power cut may leave. */
	assert_int_equal(truncate(path, st.st_size + 4096), 0);
	assert_int_equal(check(f).status, DUM_EDAMAGED);
	assert_int_equal(ship(f, false, false).mended_bytes, 4096);
	assert_int_equal(check(f).problems, 0);
}

static void an_open_one_that_was_sealed_is_not_counted_twice(void **state)
{
	struct fixture *f = *state;
	struct strbuf saved = STRBUF_INIT;
	struct dum_error err = {0};
	struct segment_list list;
	char path[256];

	grow(f, 3);
	ship(f, false, false);
	list = list_of(f);
	path_of(path, f, &list.list[0]);
	segment_list_release(&list);
	assert_ok(fs_read_file(&saved, path, 65536, &err), &err);
	ship(f, false, true);
	/* As if it was killed between the two. */
	assert_ok(fs_write_atomic(path, saved.buf, saved.len, 0600, &err),
	          &err);
	strbuf_release(&saved);
	grow(f, 1);
	assert_int_equal(ship(f, false, false).entries, 1);
	assert_int_equal(check(f).entries, 5);
	assert_int_equal(check(f).problems, 0);
	assert_false(fs_exists(path));
}

static void another_history_is_not_mixed_in(void **state)
{
	struct ship_options how;
	struct ship_result result;
	struct fixture *f = *state;
	struct dum_error err = {0};

	grow(f, 3);
	ship(f, false, false);
	/* The file of an older state was put back by hand. */
	fixture_exec(f, "DROP TRIGGER journal_no_delete;"
	                "DELETE FROM journal WHERE id > 2");
	grow(f, 4);
	how = ship_options(&f->config, "test", NULL);
	assert_status(ship_journal(&result, &f->config, &how, &err),
	              DUM_ECONFLICT, &err);
	assert_int_equal(check(f).entries, 4);
}

static void a_new_timeline_has_a_segment_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct segment_list list;

	grow(f, 3);
	ship(f, false, false);
	/* A restore of the whole database took the journal back to entry 3. */
	fixture_exec(f, "DROP TRIGGER journal_no_delete;"
	                "DELETE FROM journal WHERE id > 3;"
	                "UPDATE system_info SET metric_value = '2'"
	                " WHERE metric_name = 'timeline'");
	grow(f, 2);
	assert_int_equal(ship(f, false, false).entries, 2);
	list = list_of(f);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.list[0].last_id, 4);
	assert_int_equal(list.list[1].timeline, 2);
	assert_int_equal(list.list[1].first_id, 4);
	segment_list_release(&list);
	assert_int_equal(check(f).problems, 0);
}

static void live_entries_go_only_when_they_are_in_sealed_segments(void **state)
{
	struct fixture *f = *state;
	struct segment_access access = {.container = NULL};
	struct segment_key seals;
	struct journal_gone gone = {.entries = 0};
	struct dum_error err = {0};

	assert_ok(segment_key_read(&seals, f->config.secret_key_file, &err),
	          &err);
	access.seals = &seals;
	grow(f, 4);
	ship(f, false, true);
	grow(f, 3);
	ship(f, false, false);
	/* Nothing is old yet; then all of it is. */
	assert_ok(
	    journal_let_go(&gone, &f->config, &f->who, &access, 1, false, &err),
	    &err);
	assert_int_equal(gone.entries + gone.held, 0);
	assert_ok(
	    journal_let_go(&gone, &f->config, &f->who, &access, -1, true, &err),
	    &err);
	assert_int_equal(gone.entries, 5);
	assert_int_equal(gone.held, 3);
	assert_int_equal(fixture_number(f, "SELECT min(id) FROM journal"), 1);
	assert_ok(journal_let_go(&gone, &f->config, &f->who, &access, -1, false,
	                         &err),
	          &err);
	assert_int_equal(gone.entries, 5);
	assert_int_equal(fixture_number(f, "SELECT min(id) FROM journal"), 6);
	/* What was let go is not missed by the next run. */
	grow(f, 1);
	assert_int_equal(ship(f, false, false).entries, 2);
	assert_int_equal(check(f).problems, 0);
	segment_key_release(&seals);
}

/* --- damage --------------------------------------------------------------- */

struct copy {
	struct fixture *f;
	struct segment_name name;
	char path[256];
	unsigned char data[1 << 18];
	size_t size;
	unsigned number;
};

static unsigned next_number(struct copy *c)
{
	c->number = c->number * 1664525u + 1013904223u;
	return c->number >> 4;
}

static void prepare(struct copy *c, struct fixture *f, bool encrypted,
                    bool seal)
{
	struct segment_list list;
	int fd;

	*c = (struct copy){.f = f, .number = 5};
	for (int i = 0; i < 5; i++) {
		grow(f, 20);
		ship(f, encrypted, seal && i == 4);
	}
	list = list_of(f);
	assert_int_equal(list.count, 1);
	c->name = list.list[0];
	segment_list_release(&list);
	path_of(c->path, f, &c->name);
	fd = open(c->path, O_RDONLY);
	assert_true(fd >= 0);
	c->size = (size_t)read(fd, c->data, sizeof(c->data));
	close(fd);
	assert_in_range(c->size, 1000, sizeof(c->data) - 1);
}

static void put_back(const struct copy *c, size_t size)
{
	int fd = open(c->path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, c->data, size), size);
	close(fd);
}

static bool is_sound(struct copy *c)
{
	const struct segment_access access = {.container = &key};
	static struct segment_file file;
	struct dum_error err = {0};
	enum dum_status status;

	status = segment_file_read(&file, folder(c->f), &c->name, &access, NULL,
	                           NULL, &err);
	if (status != DUM_OK)
		assert_true(status == DUM_EDAMAGED ||
		            status == DUM_ETRUNCATED || status == DUM_EKEY ||
		            status == DUM_ESCHEMA);
	return status == DUM_OK && file.torn.status == DUM_OK &&
	       file.seen.entries == 101;
}

static void damage(struct fixture *f, bool encrypted, bool seal)
{
	static struct copy c;

	prepare(&c, f, encrypted, seal);
	assert_true(is_sound(&c));
	for (int i = 0; i < ROUNDS; i++) {
		unsigned bit = next_number(&c) % (unsigned)(c.size * 8);

		c.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		put_back(&c, c.size);
		if (is_sound(&c))
			fail_msg("bit %u was not missed", bit);
		c.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	for (int i = 0; i < ROUNDS; i++) {
		put_back(&c, next_number(&c) % c.size);
		assert_false(is_sound(&c));
	}
	put_back(&c, c.size);
	assert_true(is_sound(&c));
}

static void damage_of_an_open_one_is_found(void **state)
{
	damage(*state, false, false);
}

static void damage_of_an_open_encrypted_one_is_found(void **state)
{
	damage(*state, true, false);
}

static void damage_of_a_sealed_one_is_found(void **state)
{
	damage(*state, false, true);
}

static void damage_of_a_sealed_encrypted_one_is_found(void **state)
{
	damage(*state, true, true);
}

#define SEGMENT_TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SEGMENT_TEST(every_entry_is_shipped_once),
	    SEGMENT_TEST(a_large_journal_is_cut_into_segments),
	    SEGMENT_TEST(a_torn_tail_is_cut_away_and_shipped_again),
	    SEGMENT_TEST(an_open_one_that_was_sealed_is_not_counted_twice),
	    SEGMENT_TEST(another_history_is_not_mixed_in),
	    SEGMENT_TEST(a_new_timeline_has_a_segment_of_its_own),
	    SEGMENT_TEST(live_entries_go_only_when_they_are_in_sealed_segments),
	    SEGMENT_TEST(damage_of_an_open_one_is_found),
	    SEGMENT_TEST(damage_of_an_open_encrypted_one_is_found),
	    SEGMENT_TEST(damage_of_a_sealed_one_is_found),
	    SEGMENT_TEST(damage_of_a_sealed_encrypted_one_is_found),
	};

	return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
