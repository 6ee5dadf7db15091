"""dum-backup and dum-verify run by root where the database is the service's:
nothing of root's is left in its folders. Only root can try this.

Shown to fail: with owner_become() of tools/owner.c becoming nobody, the service
can not go on with what root left, and root reads what the service may not.
"""

import os
import stat
import subprocess
import unittest

from backup_case import BIN, BackupCase

SERVICE = 65534     # nobody


@unittest.skipUnless(os.geteuid() == 0, "only root can give files away")
class Owner(BackupCase):
    rows = 100

    def setUp(self):
        super().setUp()
        os.chmod(self.dir, 0o755)
        for name in os.listdir(self.dir):
            os.chown(self.path(name), SERVICE, SERVICE)
        os.chown(self.dir, SERVICE, SERVICE)

    def as_service(self, *args):
        done = subprocess.run([os.path.join(BIN, args[0]), "--config", self.config, *args[1:]],
                              capture_output=True, check=False, user=SERVICE, group=SERVICE,
                              extra_groups=[])
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def of_root(self):
        return [os.path.join(at, name) for at, folders, files in os.walk(self.dir)
                for name in folders + files
                if os.lstat(os.path.join(at, name)).st_uid != SERVICE]

    def test_what_root_does_the_service_can_go_on_with(self):
        name = self.create()
        self.assertEqual(self.of_root(), [])
        self.program("dum-admin", "location", "add", "x")
        self.backup("ship")
        self.program("dum-verify")
        self.backup("restore", name, "--confirm")
        self.backup("restore", name, "--confirm", "--whole")
        self.backup("prune")
        self.assertEqual(self.of_root(), [])
        for program in (("dum-backup", "create"), ("dum-backup", "ship"), ("dum-verify",)):
            self.as_service(*program)
        # Who it was is not forgotten.
        self.assertEqual(self.query("SELECT DISTINCT actor FROM journal WHERE op = 'restore'"),
                         [("local:root",)])

    def test_a_database_that_is_gone_is_made_the_service_s(self):
        name = self.create()
        for end in ("", "-wal", "-shm", "-lock"):
            if os.path.exists(self.database + end):
                os.unlink(self.database + end)
        self.backup("restore", name, "--confirm", "--whole")
        self.assertEqual(self.of_root(), [])
        self.as_service("dum-backup", "create")

    def test_what_an_earlier_run_left_is_given_back(self):
        self.create()
        for name in ("backup.lock", "verification.log"):
            path = os.path.join(self.backups, name)
            with open(path, "ab"):
                os.chown(path, 0, 0)
                os.chmod(path, 0o600)
        # Not what only looks as if: a second name of a file elsewhere.
        other = self.path("other")
        with open(other, "w", encoding="ascii"):
            os.link(other, os.path.join(self.backups, "link"))
        self.backup("list")
        self.as_service("dum-verify")
        self.assertEqual(os.stat(other).st_uid, 0)
        os.unlink(os.path.join(self.backups, "link"))

    def test_a_key_that_only_root_can_read_will_do(self):
        os.chown(self.key, 0, 0)
        name = self.create("--key-file", self.key)
        self.backup("verify", name, "--key-file", self.key)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.backups, name)).st_mode), 0o600)
        self.assertEqual(self.of_root(), [self.key])

    def test_what_the_service_can_not_read_is_told(self):
        name = self.create()
        hidden = self.path("hidden")
        os.mkdir(hidden, 0o700)
        os.rename(os.path.join(self.backups, name), os.path.join(hidden, name))
        done = self.backup("restore", os.path.join(hidden, name), "--confirm", status=1)
        self.assertIn(b"Permission denied", done.stderr)
        self.assertIn(b"it ran as nobody, whose the database is", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
