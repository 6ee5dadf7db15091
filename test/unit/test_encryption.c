/* Unit tests of ops/encryption.h, against folders that look like sysfs. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsutil.h"
#include "ops/encryption.h"
#include "tempdir.h"

/* Make the folder of a device; uuid NULL: it is no device mapper's. */
static void device(void **state, const char *folder, const char *uuid)
{
	struct dum_error err = {0};
	char name[200];

	snprintf(name, sizeof(name), "%s/slaves", folder);
	assert_ok(fs_make_dir(tempdir_path(state, name), &err), &err);
	if (uuid == NULL)
		return;
	snprintf(name, sizeof(name), "%s/dm", folder);
	assert_ok(fs_make_dir(tempdir_path(state, name), &err), &err);
	snprintf(name, sizeof(name), "%s/dm/uuid", folder);
	tempdir_write(tempdir_path(state, name), uuid);
}

static struct encryption_verdict verdict_on(void **state, const char *folder)
{
	struct encryption_verdict verdict;

	encryption_of_device(&verdict, tempdir_path(state, folder));
	return verdict;
}

static void a_plain_disk_is_in_clear(void **state)
{
	device(state, "sda", NULL);
	assert_int_equal(verdict_on(state, "sda").is, ENCRYPTION_NONE);
}

static void a_partition_has_no_slaves_and_is_in_clear(void **state)
{
	struct dum_error err = {0};

	assert_ok(fs_make_dir(tempdir_path(state, "sda1"), &err), &err);
	assert_int_equal(verdict_on(state, "sda1").is, ENCRYPTION_NONE);
}

static void dm_crypt_is_told_by_its_uuid(void **state)
{
	struct encryption_verdict v;

	device(state, "dm-0", "CRYPT-LUKS2-0123456789abcdef-root\n");
	v = verdict_on(state, "dm-0");
	assert_int_equal(v.is, ENCRYPTION_ON);
	assert_string_equal(v.how, "dm-crypt (LUKS2)");
}

static void lvm_is_as_closed_as_what_it_lies_on(void **state)
{
	device(state, "dm-1", "LVM-abcdef\n");
	device(state, "dm-1/slaves/dm-0", "CRYPT-LUKS1-0123-pv\n");
	assert_int_equal(verdict_on(state, "dm-1").is, ENCRYPTION_ON);
	assert_string_equal(verdict_on(state, "dm-1").how, "dm-crypt (LUKS1)");
	device(state, "dm-1/slaves/sdb", NULL);
	assert_int_equal(verdict_on(state, "dm-1").is, ENCRYPTION_NONE);
}

static void an_empty_lvm_uuid_is_no_encryption(void **state)
{
	device(state, "dm-1", "LVM-CRYPT-abcdef\n");
	assert_int_equal(verdict_on(state, "dm-1").is, ENCRYPTION_NONE);
}

static void a_loop_device_can_not_be_told(void **state)
{
	struct dum_error err = {0};

	device(state, "loop0", NULL);
	assert_ok(fs_make_dir(tempdir_path(state, "loop0/loop"), &err), &err);
	tempdir_write(tempdir_path(state, "loop0/loop/backing_file"),
	              "/srv/disk.img\n");
	assert_int_equal(verdict_on(state, "loop0").is, ENCRYPTION_UNKNOWN);
	/* Below a device that is in clear for sure, that one counts. */
	device(state, "md0", NULL);
	device(state, "md0/slaves/sda", NULL);
	device(state, "md0/slaves/loop0/loop", NULL);
	assert_int_equal(verdict_on(state, "md0").is, ENCRYPTION_NONE);
}

static void a_device_that_is_not_there_can_not_be_told(void **state)
{
	assert_int_equal(verdict_on(state, "nothing").is, ENCRYPTION_UNKNOWN);
}

static void devices_without_end_are_given_up(void **state)
{
	char folder[256] = "d";

	for (int i = 0; i < 14; i++)
		strcat(folder, "/slaves/d");
	device(state, folder, "CRYPT-LUKS2-x\n");
	assert_int_equal(verdict_on(state, "d").is, ENCRYPTION_UNKNOWN);
}

static void the_nearest_mount_is_found(void **state)
{
	static const char mounts[] =
	    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
	    "30 22 0:25 / /var rw - btrfs /dev/mapper/v rw\n"
	    "31 30 0:26 / /var/lib/my\\040data rw master:1 - tmpfs tmpfs rw\n"
	    "32 22 0:27 / /varnish rw - nfs4 host:/x rw\n"
	    "33 30 0:28 / /var rw - overlay overlay rw\n";
	static const struct {
		const char *path, *type, *source;
	} cases[] = {
	    {"/", "ext4", "/dev/sda1"},
	    {"/srv", "ext4", "/dev/sda1"},
	    {"/var", "overlay", "overlay"}, /* the later covers the earlier */
	    {"/var/lib", "overlay", "overlay"},
	    {"/var/lib/my data/db", "tmpfs", "tmpfs"},
	    {"/var/lib/my dat", "overlay", "overlay"},
	    {"/varnish/x", "nfs4", "host:/x"},
	    {"/varnished", "ext4", "/dev/sda1"},
	};
	struct mount_line line;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(mount_find(&line, mounts, cases[i].path));
		assert_string_equal(line.type, cases[i].type);
		assert_string_equal(line.source, cases[i].source);
	}
	assert_false(mount_find(&line, "", "/"));
	assert_false(mount_find(&line, "no mount at all\n\n \n", "/"));
}

static void a_real_folder_gets_some_verdict(void **state)
{
	struct encryption_verdict v = {.is = (enum encryption) - 1};

	encryption_of(&v, *state);
	assert_in_range(v.is, ENCRYPTION_NONE, ENCRYPTION_UNKNOWN);
	assert_true(v.how[0] != '\0');
	encryption_of(&v, "/nowhere/at/all");
	assert_int_equal(v.is, ENCRYPTION_UNKNOWN);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, tempdir_setup, tempdir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_plain_disk_is_in_clear),
	    TEST(a_partition_has_no_slaves_and_is_in_clear),
	    TEST(dm_crypt_is_told_by_its_uuid),
	    TEST(lvm_is_as_closed_as_what_it_lies_on),
	    TEST(an_empty_lvm_uuid_is_no_encryption),
	    TEST(a_loop_device_can_not_be_told),
	    TEST(a_device_that_is_not_there_can_not_be_told),
	    TEST(devices_without_end_are_given_up),
	    TEST(the_nearest_mount_is_found),
	    TEST(a_real_folder_gets_some_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
