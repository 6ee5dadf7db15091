"""dum-admin checkpoint and compact: the file is tended, and says the same."""

import os
import subprocess
import sys
import unittest

from admin_fixture import AdminCase, BIN


def wide(days, value):
    """A wide file of 40 locations and so many days from 2020 on."""
    names = ",".join("site_%02d" % n for n in range(40))
    rows = ["date," + names]
    for day in range(days):
        date = "%d-%02d-%02d" % (2020 + day // 336, day // 28 % 12 + 1, day % 28 + 1)
        rows.append(date + "".join(",%d.%03d" % (value, n) for n in range(40)))
    return "\n".join(rows) + "\n"


class FileCase(AdminCase):
    def setUp(self):
        super().setUp()
        self.init()

    def load(self, days, value=1):
        path = self.path("w.csv")
        with open(path, "w", encoding="ascii") as f:
            f.write(wide(days, value))
        self.run_program("dum-import", path)

    def size(self, suffix=""):
        path = self.database + suffix
        return os.path.getsize(path) if os.path.exists(path) else 0

    def leave_holes(self):
        """A large file, most of which nobody needs any more."""
        self.load(600)
        with self.open_database("rw") as db:
            db.execute("CREATE TABLE gone (text)")
            for _ in range(64):
                db.execute("INSERT INTO gone VALUES (randomblob(1 << 19))")
            db.execute("DROP TABLE gone")
        self.load(120)
        self.admin("checkpoint")


class Checkpoint(FileCase):
    def test_what_was_only_in_the_log_is_in_the_file_then(self):
        self.admin("location", "add", "somewhere")
        with open(self.database, "rb") as f:
            self.assertNotIn(b"somewhere", f.read())
        self.admin("checkpoint")
        with open(self.database, "rb") as f:
            self.assertIn(b"somewhere", f.read())

    def test_it_gives_way_to_a_change_that_takes_long(self):
        with self.open_database("rw") as db:
            db.execute("BEGIN IMMEDIATE")
            self.refused("busy", "checkpoint", status=75)


class Compact(FileCase):
    def test_the_file_shrinks_and_says_the_same(self):
        self.leave_holes()
        before, size = self.tables(), self.size()
        told = self.json("compact")
        self.assertEqual((told["compacted"], told["bytes_before"]), (True, size))
        self.assertEqual(self.size(), told["bytes_after"])
        self.assertLess(self.size(), size * 3 // 4)
        self.assertEqual(self.tables(), before)
        self.assertEqual(self.query("PRAGMA integrity_check"), [("ok",)])
        self.admin("audit", "verify")
        self.assertEqual(self.query("PRAGMA application_id"), [(0x44554D31,)])
        # Enough is enough: there is nothing left to gain.
        self.assertFalse(self.json("compact")["compacted"])

    def test_a_full_file_is_left_alone_unless_it_is_wanted(self):
        self.load(100)
        before = self.size(), os.stat(self.database).st_mtime_ns
        self.assertIn("too little", self.admin("compact").stdout)
        self.assertEqual((self.size(), os.stat(self.database).st_mtime_ns), before)
        self.assertTrue(self.json("compact", "--force")["compacted"])

    def test_nothing_of_it_lies_outside_the_folder_of_the_database(self):
        self.leave_holes()
        log = self.path("calls")
        # With little memory of its own it has to use the disk.
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("SQLITE_CACHE_SIZE=500\n")
        subprocess.run(["strace", "-f", "-qq", "-e", "trace=openat,open,creat", "-o", log,
                        os.path.join(BIN, "dum-admin"), "compact"],
                       check=True, capture_output=True,
                       env=self.environment(ASAN_OPTIONS="detect_leaks=0"))
        with open(log, encoding="utf-8", errors="replace") as f:
            made = [line.split('"')[1] for line in f if "O_CREAT" in line and '"' in line]
        self.assertTrue(any("etilqs" in name for name in made), made)
        for name in made:
            path = os.path.realpath(os.path.join(self.dir, name))
            self.assertEqual(os.path.commonpath([path, os.path.realpath(self.dir)]),
                             os.path.realpath(self.dir), name)

    def test_it_needs_no_memory_for_the_copy(self):
        self.leave_holes()
        for step in ("compact", "checkpoint"):
            done = subprocess.run(
                [sys.executable, "-c",
                 "import resource,subprocess,sys\n"
                 "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
                 "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
                 os.path.join(BIN, "dum-admin"), step],
                check=True, capture_output=True, text=True, env=self.environment())
            self.assertLess(int(done.stdout), 24 * 1024, step)  # KiB

    def test_others_are_told_who_holds_them_up(self):
        self.load(3)
        with self.open_database("rw") as db:
            db.execute("BEGIN IMMEDIATE")
            self.refused("busy", "compact", "--force", status=75,
                         SQLITE_BUSY_TIMEOUT="200")


if __name__ == "__main__":
    unittest.main()
