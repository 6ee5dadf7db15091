/* Unit tests of lib/backup/remote.h: a folder as the place; and its names. */
#include "fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/offsite_ledger.h"
#include "backup/remote.h"
#include "base/fsutil.h"
#include "config/config_target.h"
#include "tempdir.h"

struct place {
	struct config config;
	struct remote *remote;
	char usb[128], source[128];
	int64_t passed;
};

static void open_place(struct place *p, void **state)
{
	struct dum_error err = {0};
	bool same = false;

	*p = (struct place){.remote = NULL};
	snprintf(p->usb, sizeof(p->usb), "%s/usb", (char *)*state);
	snprintf(p->source, sizeof(p->source), "%s/source", (char *)*state);
	assert_ok(config_init(&p->config, &err), &err);
	assert_ok(config_set(&p->config, "SYNC_TARGET", p->usb, NULL, &err),
	          &err);
	assert_ok(
	    config_set(&p->config, "DATABASE_BACKUP_DIR", *state, NULL, &err),
	    &err);
	assert_status(remote_open(&p->remote, &p->config, &err), DUM_ENOTFOUND,
	              &err);
	error_clear(&err);
	assert_ok(remote_prepare(&same, &p->config, &err), &err);
	assert_true(same);
	assert_ok(remote_open(&p->remote, &p->config, &err), &err);
}

static void close_place(struct place *p)
{
	char command[200];
	const char *const names[] = {"journal/one", "two", "pruned.json",
	                             REMOTE_SENTINEL};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(command, sizeof(command), "%s/%s", p->usb, names[i]);
		unlink(command);
	}
	snprintf(command, sizeof(command), "%s/journal", p->usb);
	rmdir(command);
	assert_int_equal(rmdir(p->usb), 0);
	remote_free(p->remote);
	config_release(&p->config);
}

static void count(void *arg, int64_t bytes)
{
	struct place *p = arg;

	p->passed += bytes;
}

static enum dum_status put(struct place *p, const char *name, int64_t bytes,
                           const char *sha256, struct dum_error *err)
{
	int fd = open(p->source, O_RDONLY | O_CLOEXEC);
	char hash[HASH_HEX_MAX];
	const struct remote_copy copy = {.name = name,
	                                 .fd = fd,
	                                 .bytes = bytes,
	                                 .sha256 = sha256,
	                                 .mark = "0123abcd",
	                                 .progress = count,
	                                 .arg = p};
	enum dum_status status;

	assert_true(fd >= 0);
	status = remote_put(hash, p->remote, &copy, err);
	close(fd);
	return status;
}

static void assert_there(struct place *p, const char *name, const char *text)
{
	struct strbuf got = STRBUF_INIT;
	struct dum_error err = {0};

	assert_ok(remote_get(&got, p->remote, name, 100, &err), &err);
	assert_string_equal(got.buf, text);
	strbuf_release(&got);
}

static void a_file_is_copied_read_back_and_replaced(void **state)
{
	struct remote_list list;
	struct dum_error err = {0};
	struct place p;

	open_place(&p, state);
	tempdir_write(p.source, "first text");
	assert_ok(put(&p, "two", 10, NULL, &err), &err);
	assert_int_equal(p.passed, 20); /* there, and back */
	assert_there(&p, "two", "first text");
	tempdir_write(p.source, "second one, longer");
	assert_ok(put(&p, "two", 10, NULL, &err), &err);
	assert_there(&p, "two", "second one");
	assert_ok(put(&p, "journal/one", 18, NULL, &err), &err);
	assert_ok(remote_list_read(&list, p.remote, &err), &err);
	assert_int_equal(list.count, 3);
	assert_int_equal(remote_list_find(&list, "journal/one")->bytes, 18);
	assert_int_equal(remote_list_find(&list, "two")->bytes, 10);
	assert_null(remote_list_find(&list, "three"));
	remote_list_release(&list);
	assert_ok(remote_remove(p.remote, "two", &err), &err);
	assert_ok(remote_remove(p.remote, "two", &err), &err);
	assert_ok(remote_remove(p.remote, "nothing/here", &err), &err);
	close_place(&p);
}

static void what_is_not_what_it_should_be_replaces_nothing(void **state)
{
	static const char wrong[] = "00000000000000000000000000000000"
	                            "00000000000000000000000000000000";
	struct remote_list list;
	struct dum_error err = {0};
	struct place p;

	open_place(&p, state);
	tempdir_write(p.source, "good");
	assert_ok(put(&p, "two", 4, NULL, &err), &err);
	tempdir_write(p.source, "evil");
	assert_status(put(&p, "two", 4, wrong, &err), DUM_EDAMAGED, &err);
	error_clear(&err);
	assert_status(put(&p, "two", 5, NULL, &err), DUM_ETRUNCATED, &err);
	error_clear(&err);
	assert_there(&p, "two", "good");
	assert_ok(remote_list_read(&list, p.remote, &err), &err);
	assert_int_equal(list.count, 2); /* and nothing that is partial */
	remote_list_release(&list);
	close_place(&p);
}

static void links_are_not_followed(void **state)
{
	struct strbuf got = STRBUF_INIT;
	struct remote_list list;
	struct dum_error err = {0};
	char link_path[200];
	struct place p;

	open_place(&p, state);
	tempdir_write(p.source, "elsewhere");
	snprintf(link_path, sizeof(link_path), "%s/two", p.usb);
	assert_int_equal(symlink(p.source, link_path), 0);
	assert_ok(remote_list_read(&list, p.remote, &err), &err);
	assert_null(remote_list_find(&list, "two"));
	remote_list_release(&list);
	assert_int_not_equal(remote_get(&got, p.remote, "two", 100, &err),
	                     DUM_OK);
	strbuf_release(&got);
	close_place(&p);
}

static void names_of_what_is_not_whole_are_known_by_their_mark(void **state)
{
	static const struct {
		const char *name;
		bool ours;
	} cases[] = {
	    {"x.db.gz.0123abcd.0011aabb.partial", true},
	    {"journal/x.log.0123abcd.0011aabb.partial", true},
	    {"x.db.gz.0123abce.0011aabb.partial", false},
	    {"x.db.gz.0011aabb.partial", false},
	    {"x.db.gz.0123abcd.0011aabb", false},
	    {".0123abcd.0011aabb.partial", false},
	    {"partial", false},
	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(remote_is_partial(cases[i].name, "0123abcd"),
		                 cases[i].ours);
}

static void a_target_is_a_folder_or_a_named_remote(void **state)
{
	static const struct {
		const char *target;
		enum dum_status status;
	} cases[] = {
	    {"", DUM_OK},
	    {"/mnt/usb/usage", DUM_OK},
	    {"nas:", DUM_OK},
	    {"nas:usage/of all", DUM_OK},
	    {":local:/srv/x", DUM_OK},
	    {"usage", DUM_EINVAL},
	    {"./usage", DUM_EINVAL},
	    {"-v:x", DUM_EINVAL},
	    {":", DUM_EINVAL},
	    {":sftp,host=a,pass=b:x", DUM_EINVAL},
	    {"nas,user=me:x", DUM_EINVAL},
	    {"/mnt\n/usb", DUM_EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dum_error err = {0};

		assert_status(config_check_target(cases[i].target, &err),
		              cases[i].status, &err);
	}
}

static void what_was_copied_is_remembered_of_its_place_alone(void **state)
{
	struct offsite_ledger ledger;
	struct offsite_known known = {.bytes = 0};
	struct dum_error err = {0};

	assert_ok(offsite_ledger_read(&ledger, *state, "nas:a", &err), &err);
	assert_false(ledger.is_of_target);
	for (int i = 100; i > 0; i--) {
		snprintf(known.name, sizeof(known.name), "journal/%03d", i);
		known.bytes = i;
		assert_ok(offsite_ledger_set(&ledger, &known, &err), &err);
	}
	assert_int_equal(offsite_ledger_find(&ledger, "journal/042")->bytes,
	                 42);
	offsite_ledger_drop(&ledger, "journal/042");
	offsite_ledger_drop(&ledger, "journal/042");
	assert_null(offsite_ledger_find(&ledger, "journal/042"));
	ledger.synced_at = 77;
	assert_ok(offsite_ledger_write(&ledger, *state, &err), &err);
	offsite_ledger_release(&ledger);
	assert_ok(offsite_ledger_read(&ledger, *state, "nas:a", &err), &err);
	assert_true(ledger.is_of_target);
	assert_int_equal(ledger.count, 99);
	assert_int_equal(ledger.synced_at, 77);
	assert_int_equal(offsite_ledger_find(&ledger, "journal/100")->bytes,
	                 100);
	offsite_ledger_release(&ledger);
	assert_ok(offsite_ledger_read(&ledger, *state, "nas:b", &err), &err);
	assert_int_equal(ledger.count, 0);
	assert_int_equal(ledger.synced_at, 0);
	offsite_ledger_release(&ledger);
	tempdir_write(tempdir_path(state, "sync.json"), "{\"target\":");
	assert_ok(offsite_ledger_read(&ledger, *state, "nas:a", &err), &err);
	assert_false(ledger.is_of_target);
	offsite_ledger_release(&ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        a_file_is_copied_read_back_and_replaced, tempdir_setup,
	        tempdir_teardown),
	    cmocka_unit_test_setup_teardown(
	        what_is_not_what_it_should_be_replaces_nothing, tempdir_setup,
	        tempdir_teardown),
	    cmocka_unit_test_setup_teardown(links_are_not_followed,
	                                    tempdir_setup, tempdir_teardown),
	    cmocka_unit_test(
	        names_of_what_is_not_whole_are_known_by_their_mark),
	    cmocka_unit_test(a_target_is_a_folder_or_a_named_remote),
	    cmocka_unit_test_setup_teardown(
	        what_was_copied_is_remembered_of_its_place_alone, tempdir_setup,
	        tempdir_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
