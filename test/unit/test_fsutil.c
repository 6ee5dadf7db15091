/* Unit tests of base/fsutil.h: files that are whole or not there. */
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "tempdir.h"

static int mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (int)(st.st_mode & 07777);
}

static void assert_content(const char *path, const char *wanted)
{
	char *text = tempdir_read(path);

	assert_string_equal(text, wanted);
	free(text);
}

static void a_file_is_read_whole_and_appended(void **state)
{
	const char *path = tempdir_path(state, "f");
	struct strbuf out = STRBUF_INIT;
	struct dum_error err = {0};

	tempdir_write(path, "content\n");
	strbuf_adds(&out, "before ");
	assert_ok(fs_read_file(&out, path, 8, &err), &err);
	assert_string_equal(out.buf, "before content\n");
	strbuf_release(&out);
}

static void a_file_one_byte_past_the_limit_is_refused(void **state)
{
	const char *path = tempdir_path(state, "f");
	struct strbuf out = STRBUF_INIT;
	struct dum_error err = {0};

	tempdir_write(path, "content\n");
	assert_status(fs_read_file(&out, path, 7, &err), DUM_EINVAL, &err);
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, "7 bytes"));
	strbuf_release(&out);
}

static void an_endless_file_stops_at_the_limit(void **state)
{
	struct strbuf out = STRBUF_INIT;
	struct dum_error err = {0};

	(void)state;
	assert_status(fs_read_file(&out, "/dev/zero", 100000, &err), DUM_EINVAL,
	              &err);
	assert_in_range(out.len, 100000, 200000);
	strbuf_release(&out);
}

static void what_can_not_be_read_is_named_with_the_cause(void **state)
{
	struct strbuf out = STRBUF_INIT;
	struct dum_error err = {0};

	assert_status(fs_read_file(&out, tempdir_path(state, "no"), 9, &err),
	              DUM_ENOTFOUND, &err);
	assert_non_null(strstr(err.text, "No such file"));
	error_clear(&err);
	assert_status(fs_read_file(&out, *state, 9, &err), DUM_ESYS, &err);
	assert_non_null(strstr(err.text, "directory"));
	assert_int_equal(out.len, 0);
	strbuf_release(&out);
}

static void a_published_file_has_its_content_and_mode(void **state)
{
	const char *path = tempdir_path(state, "f");
	struct dum_error err = {0};

	umask(022);
	assert_ok(fs_write_atomic(path, "one", 3, 0600, &err), &err);
	assert_content(path, "one");
	assert_int_equal(mode_of(path), 0600);
	assert_ok(fs_write_atomic(path, "", 0, 0644, &err), &err);
	assert_content(path, "");
	assert_int_equal(mode_of(path), 0644);
	assert_false(fs_exists(tempdir_path(state, "f.partial")));
}

static void a_partial_file_left_behind_does_no_harm(void **state)
{
	const char *path = tempdir_path(state, "f");
	const char *target = tempdir_path(state, "victim");
	struct dum_error err = {0};

	tempdir_write(target, "untouched");
	tempdir_write(tempdir_path(state, "f.partial"), "half of som");
	assert_ok(fs_write_atomic(path, "whole", 5, 0600, &err), &err);
	assert_content(path, "whole");
	/* also one that is a link to somewhere else */
	assert_int_equal(symlink(target, tempdir_path(state, "f.partial")), 0);
	assert_ok(fs_write_atomic(path, "again", 5, 0600, &err), &err);
	assert_content(path, "again");
	assert_content(target, "untouched");
}

static void what_is_written_in_steps_has_its_name_when_it_is_whole(void **state)
{
	const char *path = tempdir_path(state, "f");
	struct fs_partial partial = FS_PARTIAL_INIT;
	struct dum_error err = {0};

	tempdir_write(path, "old");
	assert_ok(fs_partial_open(&partial, path, 0600, &err), &err);
	assert_int_equal(fs_write_all(partial.fd, "new", 3), 0);
	assert_content(path, "old");
	/* what is there stays, where that is asked for */
	assert_status(fs_partial_publish_new(&partial, path, &err),
	              DUM_ECONFLICT, &err);
	assert_content(path, "old");
	error_clear(&err);
	assert_ok(fs_partial_publish(&partial, path, &err), &err);
	assert_content(path, "new");
	fs_partial_release(&partial);
	assert_false(fs_exists(tempdir_path(state, "f.partial")));
	assert_content(path, "new");
}

static void what_was_begun_and_given_up_is_gone(void **state)
{
	const char *path = tempdir_path(state, "f");
	struct fs_partial partial = FS_PARTIAL_INIT;
	struct dum_error err = {0};

	assert_ok(fs_partial_open(&partial, path, 0600, &err), &err);
	assert_int_equal(fs_write_all(partial.fd, "half", 4), 0);
	fs_partial_release(&partial);
	assert_false(fs_exists(tempdir_path(state, "f.partial")));
	assert_false(fs_exists(path));
	assert_ok(fs_partial_open(&partial, path, 0600, &err), &err);
	assert_ok(fs_partial_publish_new(&partial, path, &err), &err);
	fs_partial_release(&partial);
	assert_content(path, "");
}

/* A limit on the size of files makes write(2) fail as a full disk would. */
static void a_write_that_fails_leaves_the_old_file(void **state)
{
	const char *path = tempdir_path(state, "f");
	struct dum_error err = {0};
	int status;

	assert_ok(fs_write_atomic(path, "old", 3, 0600, &err), &err);
	if (fork() == 0) {
		static char large[100000];
		struct rlimit limit = {50000, 50000};

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		_exit(fs_write_atomic(path, large, sizeof(large), 0600, NULL) ==
		              DUM_EFULL
		          ? 0
		          : 1);
	}
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
	assert_content(path, "old");
	assert_false(fs_exists(tempdir_path(state, "f.partial")));
}

static void publishing_where_no_file_can_be_is_an_error(void **state)
{
	struct dum_error err = {0};

	assert_status(
	    fs_write_atomic(tempdir_path(state, "no/f"), "x", 1, 0600, &err),
	    DUM_ENOTFOUND, &err);
	error_clear(&err);
	assert_int_equal(mkdir(tempdir_path(state, "dir"), 0700), 0);
	assert_status(
	    fs_write_atomic(tempdir_path(state, "dir"), "x", 1, 0600, &err),
	    DUM_ESYS, &err);
	assert_false(fs_exists(tempdir_path(state, "dir.partial")));
}

/* Killed at any moment: the file is there, and it is one of the two. */
static void a_reader_sees_one_whole_file_or_the_other(void **state)
{
	const char *path = tempdir_path(state, "f");
	static char a[20000], b[20000];
	struct dum_error err = {0};

	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	assert_ok(fs_write_atomic(path, a, sizeof(a), 0600, &err), &err);
	for (int round = 0; round < 40; round++) {
		struct strbuf out = STRBUF_INIT;
		pid_t pid = fork();
		int status;

		if (pid == 0)
			for (;;)
				if (fs_write_atomic(path, b, sizeof(b), 0600,
				                    NULL) != DUM_OK ||
				    fs_write_atomic(path, a, sizeof(a), 0600,
				                    NULL) != DUM_OK)
					_exit(1);
		usleep((useconds_t)(round * 97));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_ok(fs_read_file(&out, path, sizeof(a), &err), &err);
		assert_int_equal(out.len, sizeof(a));
		assert_true(memcmp(out.buf, a, sizeof(a)) == 0 ||
		            memcmp(out.buf, b, sizeof(b)) == 0);
		strbuf_release(&out);
	}
}

static void folders_are_made_private_with_their_parents(void **state)
{
	struct dum_error err = {0};

	umask(022);
	assert_ok(fs_make_dir(tempdir_path(state, "a/b//c/"), &err), &err);
	assert_int_equal(mode_of(tempdir_path(state, "a")), 0700);
	assert_int_equal(mode_of(tempdir_path(state, "a/b/c")), 0700);
}

static void a_folder_that_is_there_stays_as_it_is(void **state)
{
	struct dum_error err = {0};

	assert_int_equal(mkdir(tempdir_path(state, "a"), 0700), 0);
	assert_int_equal(chmod(tempdir_path(state, "a"), 0755), 0);
	assert_ok(fs_make_dir(tempdir_path(state, "a"), &err), &err);
	assert_ok(fs_make_dir(tempdir_path(state, "a/b"), &err), &err);
	assert_int_equal(mode_of(tempdir_path(state, "a")), 0755);
	assert_ok(fs_make_dir("/", &err), &err);
	assert_ok(fs_make_dir(".", &err), &err);
}

static void a_file_in_the_way_of_a_folder_is_named(void **state)
{
	const char *file = tempdir_path(state, "file");
	struct dum_error err = {0};

	tempdir_write(file, "x");
	assert_status(fs_make_dir(file, &err), DUM_ESYS, &err);
	assert_non_null(strstr(err.text, "Not a directory"));
	error_clear(&err);
	assert_status(fs_make_dir(tempdir_path(state, "file/sub"), &err),
	              DUM_ESYS, &err);
	assert_int_not_equal(fs_make_dir("", NULL), DUM_OK);
}

static const struct {
	const char *path, *parent, *base;
} paths[] = {
    {"/a/b/c", "/a/b", "c"}, {"a/b", "a", "b"}, {"a", ".", "a"},
    {"/a", "/", "a"},        {"./a", ".", "a"}, {"", ".", ""},
};

static void paths_are_split_at_the_last_slash(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *parent = fs_parent(paths[i].path);

		assert_string_equal(parent, paths[i].parent);
		assert_string_equal(fs_base_name(paths[i].path), paths[i].base);
		free(parent);
	}
}

static void everything_is_written_into_a_slow_pipe(void **state)
{
	static char data[300000], got[300000];
	size_t len = 0;
	int ends[2], status;
	ssize_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)i;
	assert_int_equal(pipe(ends), 0);
	if (fork() == 0) {
		close(ends[0]);
		_exit(fs_write_all(ends[1], data, sizeof(data)) == 0 ? 0 : 1);
	}
	close(ends[1]);
	while ((n = read(ends[0], got + len, 777)) > 0)
		len += (size_t)n;
	close(ends[0]);
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
	assert_int_equal(len, sizeof(data));
	assert_memory_equal(got, data, sizeof(data));
	assert_int_equal(fs_write_all(-1, data, 1), -1);
	assert_int_equal(fs_write_all(-1, data, 0), 0);
}

#define IN_FOLDER(f) \
	cmocka_unit_test_setup_teardown(f, tempdir_setup, tempdir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(a_file_is_read_whole_and_appended),
	    IN_FOLDER(a_file_one_byte_past_the_limit_is_refused),
	    IN_FOLDER(an_endless_file_stops_at_the_limit),
	    IN_FOLDER(what_can_not_be_read_is_named_with_the_cause),
	    IN_FOLDER(a_published_file_has_its_content_and_mode),
	    IN_FOLDER(a_partial_file_left_behind_does_no_harm),
	    IN_FOLDER(what_is_written_in_steps_has_its_name_when_it_is_whole),
	    IN_FOLDER(what_was_begun_and_given_up_is_gone),
	    IN_FOLDER(a_write_that_fails_leaves_the_old_file),
	    IN_FOLDER(publishing_where_no_file_can_be_is_an_error),
	    IN_FOLDER(a_reader_sees_one_whole_file_or_the_other),
	    IN_FOLDER(folders_are_made_private_with_their_parents),
	    IN_FOLDER(a_folder_that_is_there_stays_as_it_is),
	    IN_FOLDER(a_file_in_the_way_of_a_folder_is_named),
	    IN_FOLDER(paths_are_split_at_the_last_slash),
	    IN_FOLDER(everything_is_written_into_a_slow_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
