/* Unit tests of ops/doctor.h and ops/file_check.h. */
#include "fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/doctor.h"
#include "ops/file_check.h"

static void the_race_is_fixed_in_these_versions_and_no_others(void **state)
{
	static const struct {
		const char *version;
		bool fixed;
	} cases[] = {
	    {"3.7.17", false}, {"3.15.2", false}, {"3.40.1", false},
	    {"3.44.5", false}, {"3.44.6", true},  {"3.44.10", true},
	    {"3.45.9", false}, {"3.46.1", false}, {"3.49.9", false},
	    {"3.50.6", false}, {"3.50.7", true},  {"3.51.0", false},
	    {"3.51.2", false}, {"3.51.3", true},  {"3.52.0", true},
	    {"4.0.0", true},   {"", false},       {"x", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (doctor_race_is_fixed(cases[i].version) != cases[i].fixed)
			fail_msg("%s: fixed should be %d", cases[i].version,
			         cases[i].fixed);
}

/* The worst of each check, and the text that goes with it. */
struct seen {
	const char *check;
	enum finding_level worst;
	int count;
	char text[640], advice[640];
};

static void note(void *arg, const struct finding *f)
{
	struct seen *seen = arg;

	if (strcmp(f->check, seen->check) != 0)
		return;
	if (seen->count++ == 0 || f->level > seen->worst) {
		seen->worst = f->level;
		snprintf(seen->text, sizeof(seen->text), "%s", f->text);
		snprintf(seen->advice, sizeof(seen->advice), "%s", f->advice);
	}
}

static struct seen look(struct fixture *f, const char *check)
{
	struct seen seen = {.check = check};
	const struct finder to = {.fn = note, .arg = &seen};

	file_check(&f->config, NULL, &to);
	file_check_kept(&f->config, &to);
	return seen;
}

static void modes_that_let_others_in_are_problems(void **state)
{
	static const struct {
		mode_t mode;
		enum finding_level key, database;
	} cases[] = {
	    {0600, FINDING_OK, FINDING_OK},
	    {0400, FINDING_OK, FINDING_OK},
	    {0640, FINDING_OK, FINDING_OK},
	    {0660, FINDING_PROBLEM, FINDING_WARNING},
	    {0604, FINDING_PROBLEM, FINDING_PROBLEM},
	    {0602, FINDING_PROBLEM, FINDING_PROBLEM},
	    {0666, FINDING_PROBLEM, FINDING_PROBLEM},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen key, database;

		assert_int_equal(
		    chmod(f->config.secret_key_file, cases[i].mode), 0);
		assert_int_equal(chmod(f->config.database_path, cases[i].mode),
		                 0);
		key = look(f, "secret_key");
		database = look(f, "database");
		if (key.worst != cases[i].key ||
		    database.worst != cases[i].database)
			fail_msg("%04o: key %d, database %d", cases[i].mode,
			         key.worst, database.worst);
		assert_int_equal(key.advice[0] == '\0',
		                 key.worst == FINDING_OK);
	}
}

static void files_beside_the_database_count_too(void **state)
{
	static const char *const endings[] = {"-wal", "-shm", "-lock",
	                                      "-login"};
	struct fixture *f = *state;
	char path[300];

	for (size_t i = 0; i < 4; i++) {
		struct seen seen;
		FILE *file;

		snprintf(path, sizeof(path), "%s%s", f->config.database_path,
		         endings[i]);
		file = fopen(path, "ae");
		assert_non_null(file);
		fclose(file);
		assert_int_equal(chmod(path, 0644), 0);
		seen = look(f, "database");
		assert_int_equal(seen.worst, FINDING_PROBLEM);
		assert_non_null(strstr(seen.text, endings[i]));
		assert_int_equal(chmod(path, 0600), 0);
		assert_int_equal(look(f, "database").worst, FINDING_OK);
	}
}

static void a_folder_that_anybody_can_write_to_is_a_problem(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(chmod(f->dir, 0777), 0);
	assert_int_equal(look(f, "database").worst, FINDING_PROBLEM);
	assert_int_equal(look(f, "secret_key").worst, FINDING_PROBLEM);
	/* As /tmp is: none can be replaced, but some can be put beside. */
	assert_int_equal(chmod(f->dir, 01777), 0);
	assert_int_equal(look(f, "database").worst, FINDING_WARNING);
	assert_int_equal(chmod(f->dir, 0700), 0);
	assert_int_equal(look(f, "database").worst, FINDING_OK);
}

static void another_owner_is_told(void **state)
{
	struct fixture *f = *state;
	struct seen seen;

	if (geteuid() != 0)
		return; /* only root can give a file away */
	assert_int_equal(chown(f->config.secret_key_file, 12345, 0), 0);
	seen = look(f, "secret_key");
	assert_int_equal(seen.worst, FINDING_PROBLEM);
	assert_non_null(strstr(seen.text, "12345"));
	/* The service is who owns the database; root may own the key. */
	assert_int_equal(chown(f->config.database_path, 12345, 0), 0);
	assert_int_equal(look(f, "secret_key").worst, FINDING_OK);
	assert_int_equal(chown(f->config.secret_key_file, 0, 12345), 0);
	assert_int_equal(chmod(f->config.secret_key_file, 0640), 0);
	assert_int_equal(look(f, "secret_key").worst, FINDING_OK);
}

static void files_that_are_not_there_are_no_concern(void **state)
{
	struct fixture *f = *state;

	unlink(f->config.secret_key_file);
	assert_int_equal(look(f, "secret_key").count, 0);
	assert_int_equal(look(f, "log").count, 0);
}

static void count_all(void *arg, const struct finding *f)
{
	int *count = arg;

	count[f->level]++;
	assert_true(f->text[0] != '\0');
	assert_int_equal(f->advice[0] == '\0', f->level == FINDING_OK);
}

static void install_tool(struct fixture *f, const char *name)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", f->config.tools_dir, name);
	fd = open(path, O_CREAT | O_WRONLY, 0755);
	assert_true(fd >= 0);
	close(fd);
}

static void a_fresh_installation_has_no_problem(void **state)
{
	struct fixture *f = *state;
	int count[3] = {0};
	const struct finder to = {.fn = count_all, .arg = count};
	struct dum_error err = {0};

	assert_ok(config_set(&f->config, "TOOLS_DIR", ".", f->dir, &err), &err);
	install_tool(f, "dum-import");
	install_tool(f, "dum-backup");
	doctor(&f->config, NULL, &to);
	assert_int_equal(count[FINDING_PROBLEM], 0);
	assert_true(count[FINDING_OK] >= 6);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_race_is_fixed_in_these_versions_and_no_others),
	    TEST(modes_that_let_others_in_are_problems),
	    TEST(files_beside_the_database_count_too),
	    TEST(a_folder_that_anybody_can_write_to_is_a_problem),
	    TEST(another_owner_is_told),
	    TEST(files_that_are_not_there_are_no_concern),
	    TEST(a_fresh_installation_has_no_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
