/* Unit tests of base/log.h: one call, one line, whatever stands in it. */
#include "fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "tempdir.h"

/* What one line says after time, level and program. */
static const char *said(char *text)
{
	char *line = strstr(text, "]: ");

	assert_non_null(line);
	line += 3;
	assert_int_equal(line[strlen(line) - 1], '\n');
	line[strlen(line) - 1] = '\0';
	return line;
}

static void a_line_has_time_level_program_and_text(void **state)
{
	const char *path = tempdir_path(state, "log");
	struct dum_error err = {0};
	char level[10], rest[80], start[80];
	char *text;
	int y, m, d, used = 0;

	assert_ok(log_open(path, LOG_AT_INFO, "dum-test", &err), &err);
	log_line(LOG_AT_WARNING, "%d things", 3);
	text = tempdir_read(path);
	assert_int_equal(sscanf(text, "%4d-%2d-%2dT%*8cZ %9s %79[^\n]%n", &y,
	                        &m, &d, level, rest, &used),
	                 5);
	assert_string_equal(level, "WARNING");
	snprintf(start, sizeof(start), "dum-test[%ld]: 3 things",
	         (long)getpid());
	assert_string_equal(rest, start);
	assert_string_equal(text + used, "\n");
	free(text);
}

static const struct {
	const char *text, *written;
} injections[] = {
    {"a\n2026-01-01T00:00:00Z INFO dum-api[1]: all is well",
     "a\\x0a2026-01-01T00:00:00Z INFO dum-api[1]: all is well"},
    {"a\r\nb", "a\\x0d\\x0ab"},
    {"\x1b]0;title\x07", "\\x1b]0;title\\x07"},
    {"back\x08\x7f", "back\\x08\\x7f"},
    {"c1 \xc2\x9b"
     "2J",
     "c1 \\xc2\\x9b2J"},
    {"no utf-8 \x9b\xff", "no utf-8 \\x9b\\xff"},
    {"turned \xe2\x80\xae", "turned \\xe2\\x80\\xae"},
    {"\\x0a is not a newline", "\\\\x0a is not a newline"},
    {"Z\xc3\xbcrich \xf0\x9f\x98\x80", "Z\xc3\xbcrich \xf0\x9f\x98\x80"},
};

static void input_can_neither_start_a_line_nor_steer_a_terminal(void **state)
{
	for (size_t i = 0; i < sizeof(injections) / sizeof(injections[0]);
	     i++) {
		const char *path = tempdir_path(state, "log");
		struct dum_error err = {0};
		char *text;

		unlink(path);
		assert_ok(log_open(path, LOG_AT_DEBUG, "t", &err), &err);
		log_line(LOG_AT_ERROR, "%s", injections[i].text);
		text = tempdir_read(path);
		assert_string_equal(said(text), injections[i].written);
		free(text);
	}
}

static void a_long_text_is_cut_and_stays_one_line(void **state)
{
	const char *path = tempdir_path(state, "log");
	struct dum_error err = {0};
	char *text, *longest = calloc(1, 5000);

	assert_ok(log_open(path, LOG_AT_INFO, "t", &err), &err);
	memset(longest, '\n', 4999); /* each takes four bytes */
	log_line(LOG_AT_ERROR, "%s", longest);
	memset(longest, 'x', 4999);
	log_line(LOG_AT_ERROR, "%s", longest);
	text = tempdir_read(path);
	assert_in_range(strlen(text), 2000, 4096);
	assert_ptr_equal(strchr(strchr(text, '\n') + 1, '\n'),
	                 text + strlen(text) - 1);
	free(longest);
	free(text);
}

static void levels_below_the_least_are_not_written(void **state)
{
	const char *path = tempdir_path(state, "log");
	struct dum_error err = {0};
	char *text;

	assert_ok(log_open(path, LOG_AT_WARNING, "t", &err), &err);
	log_line(LOG_AT_DEBUG, "one");
	log_line(LOG_AT_INFO, "two");
	log_line(LOG_AT_WARNING, "three");
	log_line(LOG_AT_ERROR, "four");
	text = tempdir_read(path);
	assert_null(strstr(text, "one"));
	assert_null(strstr(text, "two"));
	assert_non_null(strstr(text, "three"));
	assert_non_null(strstr(text, "four"));
	free(text);
}

static void levels_are_found_by_the_names_of_the_settings(void **state)
{
	(void)state;
	assert_int_equal(log_level_find("DEBUG"), LOG_AT_DEBUG);
	assert_int_equal(log_level_find("INFO"), LOG_AT_INFO);
	assert_int_equal(log_level_find("WARNING"), LOG_AT_WARNING);
	assert_int_equal(log_level_find("ERROR"), LOG_AT_ERROR);
	assert_int_equal(log_level_find("info"), -1);
	assert_int_equal(log_level_find(""), -1);
}

static void a_log_is_private_to_its_group_and_appended_to(void **state)
{
	const char *path = tempdir_path(state, "log");
	struct dum_error err = {0};
	struct stat st;
	char *text;

	umask(022);
	for (int i = 0; i < 2; i++) {
		assert_ok(log_open(path, LOG_AT_INFO, "t", &err), &err);
		log_line(LOG_AT_INFO, "time %d", i);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	text = tempdir_read(path);
	assert_non_null(strstr(text, "time 0\n"));
	assert_non_null(strstr(text, "time 1\n"));
	free(text);
}

/* What goes to a stderr that is the file, when systemd tells of that stream. */
static char *line_on_stderr(const char *path, const char *stream)
{
	struct dum_error err = {0};
	int kept = dup(STDERR_FILENO);
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_TRUNC, 0600);

	assert_true(kept >= 0 && fd >= 0);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
	assert_ok(log_open("", LOG_AT_DEBUG, "t", &err), &err);
	log_line(LOG_AT_DEBUG, "one");
	log_line(LOG_AT_INFO, "two");
	log_line(LOG_AT_WARNING, "three");
	log_line(LOG_AT_ERROR, "four");
	assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
	assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
	close(fd);
	close(kept);
	return tempdir_read(path);
}

static void the_journal_is_told_the_priority_of_each_line(void **state)
{
	static const char *const begins[] = {"<7>", "<6>", "<4>", "<3>"};
	const char *path = tempdir_path(state, "log");
	char stream[64], *text, *line, *rest = NULL;
	struct stat st;
	size_t i = 0;

	free(line_on_stderr(path, ""));
	assert_int_equal(stat(path, &st), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
	         (uintmax_t)st.st_ino);
	text = line_on_stderr(path, stream);
	for (line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		assert_in_range(i, 0, 3);
		assert_memory_equal(line, begins[i++], 3);
		assert_int_equal(line[3 + 4], '-'); /* the year's end */
	}
	assert_int_equal(i, 4);
	free(text);
}

static void what_is_not_the_journal_gets_no_priorities(void **state)
{
	static const char *const streams[] = {"", "1:1", "x", "1:", ":"};
	const char *path = tempdir_path(state, "log");

	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		char *text = line_on_stderr(path, streams[i]);

		assert_non_null(strstr(text, "four\n"));
		assert_null(strchr(text, '<'));
		free(text);
	}
}

static void a_log_that_can_not_be_opened_is_named(void **state)
{
	const char *path = tempdir_path(state, "missing/log");
	struct dum_error err = {0};

	assert_status(log_open(path, LOG_AT_INFO, "t", &err), DUM_ESYS, &err);
	assert_non_null(strstr(err.text, path));
}

static void lines_of_many_processes_never_mix(void **state)
{
	enum { WRITERS = 4, LINES = 200 };
	const char *path = tempdir_path(state, "log");
	struct dum_error err = {0};
	char line[600], pad[301];
	int lines = 0;
	FILE *f;

	memset(pad, '.', sizeof(pad) - 1);
	pad[sizeof(pad) - 1] = '\0';
	assert_ok(log_open(path, LOG_AT_INFO, "t", &err), &err);
	for (int i = 0; i < WRITERS; i++) {
		if (fork() == 0) {
			for (int n = 0; n < LINES; n++)
				log_line(LOG_AT_INFO, "%d %s end", i, pad);
			_exit(0);
		}
	}
	for (int i = 0, status; i < WRITERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		size_t len = strlen(line);

		assert_int_equal(line[4], '-');
		assert_string_equal(line + len - 5, " end\n");
		lines++;
	}
	fclose(f);
	assert_int_equal(lines, WRITERS * LINES);
}

#define IN_FOLDER(f) \
	cmocka_unit_test_setup_teardown(f, tempdir_setup, tempdir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(a_line_has_time_level_program_and_text),
	    IN_FOLDER(input_can_neither_start_a_line_nor_steer_a_terminal),
	    IN_FOLDER(a_long_text_is_cut_and_stays_one_line),
	    IN_FOLDER(levels_below_the_least_are_not_written),
	    IN_FOLDER(levels_are_found_by_the_names_of_the_settings),
	    IN_FOLDER(a_log_is_private_to_its_group_and_appended_to),
	    IN_FOLDER(the_journal_is_told_the_priority_of_each_line),
	    IN_FOLDER(what_is_not_the_journal_gets_no_priorities),
	    IN_FOLDER(a_log_that_can_not_be_opened_is_named),
	    IN_FOLDER(lines_of_many_processes_never_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
