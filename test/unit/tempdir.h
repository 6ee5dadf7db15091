#ifndef DUM_TEST_TEMPDIR_H
#define DUM_TEST_TEMPDIR_H
/* tempdir - a fresh folder for a test, gone after it with all in it. */

/* For cmocka_unit_test_setup_teardown(); *state is the folder's path. */
int tempdir_setup(void **state);
int tempdir_teardown(void **state);

/* Path of a file in it; in one of a few buffers that take turns. */
const char *tempdir_path(void **state, const char *name);

/* Make a file with a text. */
void tempdir_write(const char *path, const char *text);

/* The text of a file; caller frees. */
char *tempdir_read(const char *path);

#endif
