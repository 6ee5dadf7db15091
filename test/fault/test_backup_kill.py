"""dum-backup killed at its writes, flushes and renames, one after the other:
what has a final name is whole, and the database is the old one or the new one.

strace ends the program at the N-th call of a kind; N goes over all of them, or
over an even choice where there are many (DUM_LONG=1: all).

Shown to fail: with the final name in place of the partial one in choose_name()
of lib/backup/create.c, and with the transaction committed and begun anew after
merge_all() in lib/backup/restore_rows.c.
"""

import collections
import os
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "it")]
from backup_case import BIN, BackupCase  # noqa: E402
from form import choose  # noqa: E402

CALLS = ("write", "pwrite64", "fsync", "fdatasync", "rename", "renameat",
         "ftruncate", "unlink", "unlinkat", "sync_file_range")


class Killed(BackupCase):
    rows = 1500
    killed = "dum-backup"       # the program

    def traced(self, options, *args):
        command = ["strace", "-f", "-qq", *options, os.path.join(BIN, self.killed),
                   "--config", self.config, *args]
        return subprocess.run(command, capture_output=True, check=False)

    def points(self, most, *args):
        """(call, N) at which to kill it; it runs once to count them."""
        log = self.path("trace")
        done = self.traced(["-o", log, "-e", "trace=" + ",".join(CALLS)], *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(log, encoding="utf-8", errors="replace") as f:
            counts = collections.Counter(
                match.group(1) for match in re.finditer(r"^\d+ +(\w+)\(", f.read(), re.M))
        self.assertTrue(counts["fsync"] + counts["fdatasync"])
        return [(call, n) for call in CALLS if counts[call]
                for n in choose(counts[call], most)]

    def kill_at(self, point, *args):
        """True when it died there; not every run has as many calls."""
        call, n = point
        done = self.traced(["-o", "/dev/null", "-e", f"trace={call}",
                            "-e", f"inject={call}:signal=KILL:when={n}"], *args)
        self.assertIn(done.returncode, (0, -9, 137), (point, done.stderr))
        return done.returncode != 0

    def check_folder(self):
        """All that has a final name can be read to its end."""
        names = [n for n in os.listdir(self.backups)
                 if n.endswith((".gz", ".enc"))]
        if names:
            self.backup("verify", "--all", "--level", "2", "--key-file", self.key)
        return names

    def nothing_left(self):
        left = [n for n in os.listdir(self.backups) if n.endswith(".partial")]
        self.assertEqual(left, [])


class Create(Killed):
    def sweep(self, *args):
        points = self.points(4, "create", *args)
        died = 0
        for point in points:
            with self.subTest(point):
                for name in os.listdir(self.backups):
                    os.unlink(os.path.join(self.backups, name))
                died += self.kill_at(point, "create", *args)
                before = self.check_folder()
                self.create(*args)
                self.nothing_left()
                self.assertEqual(len(self.check_folder()), len(before) + 1)
        self.assertGreater(died, len(points) * 0.8)
        self.assertEqual(self.integrity(), "ok")

    def test_a_backup_is_whole_or_not_there(self):
        self.sweep()

    def test_an_encrypted_one_too(self):
        self.sweep("--key-file", self.key, "--verify", "0")


class Restore(Killed):
    def setUp(self):
        super().setUp()
        self.saved = self.content()
        self.name = self.create()

    def change_data(self):
        self.change("UPDATE daily_usage SET usage_bytes = usage_bytes + 1",
                    "DELETE FROM daily_usage WHERE id % 3 = 0",
                    "UPDATE locations SET display_name = 'other'",
                    "UPDATE location_records SET records = (SELECT count(*) FROM"
                    " daily_usage u WHERE u.location_id = location_records.location_id)")
        return self.content()

    def sweep(self, most, *args):
        self.change_data()
        points = self.points(most, "restore", self.name, "--confirm", *args)
        died = old = new = 0
        for point in points:
            with self.subTest(point):
                changed = self.change_data()
                timeline = self.timeline()
                died += self.kill_at(point, "restore", self.name, "--confirm", *args)
                now = self.content()
                self.assertIn(now, (changed, self.saved))
                old += now == changed
                new += now == self.saved
                # The rows and the timeline came together.
                self.assertEqual(self.timeline() > timeline, now == self.saved)
                self.assertEqual(self.integrity(), "ok")
                self.program("dum-admin", "audit", "verify")
                # Whoever goes on finds nothing in the way.
                self.program("dum-admin", "location", "add", f"after_{died}_{old}_{new}")
        self.assertGreater(died, len(points) * 0.8)
        self.assertTrue(old and new, (old, new))
        self.backup("restore", self.name, "--confirm", *args)
        self.assertEqual(self.content(), self.saved)
        self.nothing_left()
        self.check_folder()

    def timeline(self):
        return int(self.query("SELECT metric_value FROM system_info"
                              " WHERE metric_name = 'timeline'")[0][0])

    def test_the_rows_are_old_or_new(self):
        self.sweep(5)

    def test_the_whole_is_old_or_new(self):
        self.sweep(4, "--whole")

    def test_an_absent_database_is_there_or_not(self):
        def remove():
            for end in ("", "-wal", "-shm", "-journal", "-lock"):
                if os.path.exists(self.database + end):
                    os.unlink(self.database + end)

        args = ("restore", self.name, "--confirm", "--whole")
        remove()
        for point in self.points(2, *args):
            with self.subTest(point):
                remove()
                self.kill_at(point, *args)
                if os.path.exists(self.database):
                    # A reader alone can not roll back what was cut short.
                    self.program("dum-admin", "audit", "verify")
                    self.assertEqual(self.content(), self.saved)
                self.backup(*args)
                self.assertEqual(self.content(), self.saved)
                self.assertFalse(os.path.exists(self.database + ".partial"))


class Rekey(Killed):
    def test_one_of_the_keys_opens_it(self):
        other = self.path("other.key")
        with open(other, "w", encoding="ascii") as f:
            f.write("ab" * 32)
        os.chmod(other, 0o600)
        keys = [self.key, other]
        name = self.create("--key-file", self.key)

        def args():
            return ("rekey", name, "--key-file", keys[0], "--new-key-file", keys[1])

        points = self.points(3, *args())
        keys.reverse()
        for point in points:
            with self.subTest(point):
                self.kill_at(point, *args())
                opened = [k for k in keys if self.opens(name, k)]
                self.assertEqual(len(opened), 1)
                if opened[0] == keys[1]:
                    keys.reverse()

    def opens(self, name, key):
        done = subprocess.run(
            [os.path.join(BIN, "dum-backup"), "--config", self.config, "verify", name,
             "--level", "2", "--key-file", key], capture_output=True, check=False)
        self.assertIn(done.returncode, (0, 3), done.stderr)
        return done.returncode == 0


class Prune(Killed):
    rows = 100

    def test_the_chain_stays_whole(self):
        env = {"TZ": "UTC", "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}

        def fill():
            for name in os.listdir(self.backups):
                os.unlink(os.path.join(self.backups, name))
            for day in ("01", "02", "03"):
                self.backup("create", wrap=("faketime", "-f", f"2026-01-{day} 12:00:00"),
                            env=env)
            self.create()

        with open(self.config, "a", encoding="utf-8") as f:
            f.write("BACKUP_RETENTION_DAYS=36500\n")
        fill()
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("BACKUP_MAX_COUNT=1\n")
        points = self.points(3, "prune")
        for point in points:
            with self.subTest(point):
                with open(self.config, "a", encoding="utf-8") as f:
                    f.write("BACKUP_MAX_COUNT=50\n")
                fill()
                with open(self.config, "a", encoding="utf-8") as f:
                    f.write("BACKUP_MAX_COUNT=1\n")
                self.kill_at(point, "prune")
                self.backup("prune")
                entries = self.listed()
                self.assertEqual([e["note"] for e in entries], [None])


if __name__ == "__main__":
    unittest.main(verbosity=1)
