/*
 * A thousand single bits turned and a thousand cuts, of a plain and of an
 * encrypted backup, at random places: each is found. A restore begins with
 * this very look, so none of them restores.
 *
 * Shown to fail: without the comparison of the stored hash in check_stored() of
 * lib/backup/verify.c (a bit of gzip's headers, and of the unused ones in it).
 */
#include "fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/create.h"
#include "backup/verify.h"

enum { ROUNDS = 1000 };

static const struct container_key key = {.kind = CONTAINER_KEY_FILE,
                                         .bytes = "a key for the tests"};

struct shelf {
	struct fixture *f;
	struct backup_dir *dir;
	struct manifest m;
	struct verify_request request;
	off_t size;
	int fd;          /* a copy that can be damaged */
	unsigned number; /* of a generator that is the same everywhere */
};

static unsigned next_number(struct shelf *s)
{
	s->number = s->number * 1664525u + 1013904223u;
	return s->number >> 4;
}

static void copy_backup(struct shelf *s)
{
	static unsigned char data[1 << 20];
	char path[256];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", backup_dir_path(s->dir),
	         s->m.name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	len = read(fd, data, sizeof(data));
	assert_in_range(len, 1000, sizeof(data) - 1);
	close(fd);
	s->fd = open(fixture_path(s->f, "copy"), O_RDWR | O_CREAT | O_TRUNC,
	             0600);
	assert_true(s->fd >= 0);
	assert_int_equal(write(s->fd, data, (size_t)len), len);
	s->size = len;
}

static void open_shelf(struct shelf *s, struct fixture *f, bool encrypted)
{
	struct backup_options options = {
	    .packed = true, .level = 1, .key = encrypted ? &key : NULL};
	struct dum_error err = {0};

	*s = (struct shelf){.f = f, .number = 7};
	fixture_exec(f, "INSERT INTO locations (name, display_name) VALUES"
	                " ('a', 'A');"
	                "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT"
	                " i + 1 FROM n WHERE i < 1500)"
	                " INSERT INTO daily_usage (date, location_id,"
	                " usage_bytes) SELECT date('2020-01-01',"
	                " i || ' days'), 1, i * 7919 FROM n");
	assert_ok(
	    backup_dir_open(&s->dir, fixture_path(f, "backups"), "test", &err),
	    &err);
	assert_ok(backup_create(&s->m, &f->config, s->dir, &options, &err),
	          &err);
	s->request = (struct verify_request){
	    .dir = s->dir, .name = s->m.name, .level = 1, .key = options.key};
	copy_backup(s);
}

static void close_shelf(struct shelf *s)
{
	close(s->fd);
	backup_dir_close(s->dir);
}

static enum dum_status look(struct shelf *s, struct dum_error *err)
{
	struct manifest m = s->m;

	error_clear(err);
	return verify_file(&m, NULL, s->fd, &s->request, err);
}

static void turn(struct shelf *s, unsigned bit)
{
	unsigned char byte;

	assert_int_equal(pread(s->fd, &byte, 1, (off_t)(bit / 8)), 1);
	byte ^= (unsigned char)(1 << bit % 8);
	assert_int_equal(pwrite(s->fd, &byte, 1, (off_t)(bit / 8)), 1);
}

/* Turned bits of the header's parameters may make the key too dear. */
static void turn_bits(struct fixture *f, bool encrypted)
{
	struct dum_error err = {0};
	struct shelf s;

	open_shelf(&s, f, encrypted);
	for (int i = 0; i < ROUNDS; i++) {
		unsigned bit = next_number(&s) % (unsigned)(s.size * 8);
		enum dum_status status;

		turn(&s, bit);
		status = look(&s, &err);
		if (status != DUM_EDAMAGED && status != DUM_ETRUNCATED &&
		    !(encrypted && status == DUM_EKEY && bit < 164 * 8))
			fail_msg("bit %u: status %d %s", bit, status, err.text);
		turn(&s, bit);
	}
	assert_ok(look(&s, &err), &err);
	close_shelf(&s);
}

static void cut(struct fixture *f, bool encrypted)
{
	static unsigned char data[1 << 20];
	struct dum_error err = {0};
	struct shelf s;

	open_shelf(&s, f, encrypted);
	assert_int_equal(pread(s.fd, data, sizeof(data), 0), s.size);
	for (int i = 0; i < ROUNDS; i++) {
		off_t len = (off_t)(next_number(&s) % (unsigned)s.size);

		assert_int_equal(ftruncate(s.fd, len), 0);
		assert_status(look(&s, &err), DUM_ETRUNCATED, &err);
		assert_int_equal(
		    pwrite(s.fd, data + len, (size_t)(s.size - len), len),
		    s.size - len);
	}
	assert_ok(look(&s, &err), &err);
	close_shelf(&s);
}

static void turned_bits_of_a_plain_one_are_found(void **state)
{
	turn_bits(*state, false);
}

static void turned_bits_of_an_encrypted_one_are_found(void **state)
{
	turn_bits(*state, true);
}

static void cuts_of_a_plain_one_are_found(void **state)
{
	cut(*state, false);
}

static void cuts_of_an_encrypted_one_are_found(void **state)
{
	cut(*state, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        turned_bits_of_a_plain_one_are_found, fixture_setup,
	        fixture_teardown),
	    cmocka_unit_test_setup_teardown(
	        turned_bits_of_an_encrypted_one_are_found, fixture_setup,
	        fixture_teardown),
	    cmocka_unit_test_setup_teardown(cuts_of_a_plain_one_are_found,
	                                    fixture_setup, fixture_teardown),
	    cmocka_unit_test_setup_teardown(cuts_of_an_encrypted_one_are_found,
	                                    fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests_name("backup_damage", tests, NULL, NULL);
}
