"""dum-backup beside others: a restore under writers and readers, and tools that
must not meet.

Shown to fail: with db_begin() in place of db_begin_long() in lib/backup/
restore.c, under which writers wait out their time before they are told; with
lock_file_take() left out of take() in lib/backup/backup_dir.c, of two at once one
fails in the middle of its work.
"""

import os
import pathlib
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "it")]
from backup_case import BIN, BackupCase  # noqa: E402
from form import LONG  # noqa: E402


class Load(BackupCase):
    rows = 20000

    def setUp(self):
        super().setUp()
        self.stop = threading.Event()
        self.told = []          # exit statuses of writers
        self.slowest_busy = 0.0
        self.acknowledged = []  # names, in the order of each writer
        self.reads = 0
        self.trouble = []

    def write(self, number):
        """Add places as the product does, one after the other."""
        turn = 0
        while not self.stop.is_set():
            name = f"w{number}_{turn}"
            start = time.monotonic()
            done = subprocess.run(
                [os.path.join(BIN, "dum-admin"), "--config", self.config,
                 "location", "add", name], capture_output=True, check=False)
            took = time.monotonic() - start
            self.told.append(done.returncode)
            if done.returncode == 0:
                self.acknowledged.append(name)
            elif done.returncode == 75:
                if b"changing much of the database" in done.stderr:
                    self.slowest_busy = max(self.slowest_busy, took)
                time.sleep(0.05)
            else:
                self.trouble.append(done.stderr)
            turn += 1

    def read(self):
        db = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=0.2)
        while not self.stop.is_set():
            try:
                count, total = db.execute(
                    "SELECT count(*), sum(usage_bytes) FROM daily_usage").fetchone()
                if (count, total) not in self.states:
                    self.trouble.append((count, total))
                self.reads += 1
            except sqlite3.Error as error:
                self.trouble.append(error)
        db.close()

    def days(self):
        return self.query("SELECT count(*), sum(usage_bytes) FROM daily_usage")[0]

    def test_a_restore_under_eight_writers_and_two_readers(self):
        name = self.create()
        saved, old = self.content(), self.days()
        self.change("UPDATE daily_usage SET usage_bytes = usage_bytes + 1",
                    "DELETE FROM daily_usage WHERE id % 5 = 0",
                    "UPDATE location_records SET records = (SELECT count(*) FROM"
                    " daily_usage u WHERE u.location_id = location_records.location_id)")
        self.states = {old, self.days()}
        threads = [threading.Thread(target=self.write, args=(i,)) for i in range(8)]
        threads += [threading.Thread(target=self.read) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            time.sleep(1)
            result = None
            for _ in range(20):
                done = subprocess.run(
                    [os.path.join(BIN, "dum-backup"), "--config", self.config, "restore",
                     name, "--confirm"], capture_output=True, check=False)
                if done.returncode != 75:
                    result = done
                    break
            time.sleep(0.5)
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()
        self.assertIsNotNone(result)
        self.assertEqual(result.returncode, 0, result.stderr)
        # Readers saw one state or the other, and no error.
        self.assertEqual(self.trouble, [])
        self.assertGreater(self.reads, 10)
        self.assertEqual(set(self.told) - {0, 75}, set())
        # The data is the backup's, but for what came after it.
        self.assertEqual(self.content(tables=["daily_usage"])["daily_usage"],
                         saved["daily_usage"])
        safety = [e["file"] for e in self.listed() if "before-restore" in e["file"]][-1]
        before = {n for n, in self.query("SELECT name FROM locations", self.unpacked(safety))}
        after = {n for n, in self.query("SELECT name FROM locations")}
        # Nothing that was acknowledged is lost: it came before or after.
        self.assertEqual(set(self.acknowledged) - before - after, set())
        self.assertEqual(self.integrity(), "ok")
        self.program("dum-admin", "audit", "verify")

    def test_writers_are_told_at_once_while_a_restore_holds_the_lock(self):
        name = self.create()
        self.change("UPDATE daily_usage SET usage_bytes = usage_bytes + 1")
        program = subprocess.Popen(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64",
             "-e", "inject=pwrite64:delay_enter=1500",
             os.path.join(BIN, "dum-backup"), "--config", self.config, "restore", name,
             "--confirm"], stdout=subprocess.DEVNULL)
        told = False
        while program.poll() is None:
            start = time.monotonic()
            done = subprocess.run(
                [os.path.join(BIN, "dum-admin"), "--config", self.config, "location", "add",
                 f"x{time.monotonic_ns()}"], capture_output=True, check=False)
            if done.returncode == 75:
                self.assertIn(b"is changing much of the database", done.stderr)
                self.assertLess(time.monotonic() - start, 1.9)  # less than it would wait
                told = told or b"dum-backup (process " in done.stderr
        self.assertEqual(program.returncode, 0)
        self.assertTrue(told)

    def test_of_two_at_once_one_works_and_one_is_told(self):
        self.create()
        name = self.create()
        create = ["dum-backup", "create"]
        pairs = ((create, create), (create, ["dum-backup", "restore", name, "--confirm"]),
                 (["dum-backup", "verify", "--all"], ["dum-backup", "prune"]),
                 (create, ["dum-admin", "compact", "--force"]),
                 (["dum-admin", "compact", "--force"],
                  ["dum-backup", "restore", name, "--confirm"]))
        for _ in range(100 if LONG else 3):
            for pair in pairs:
                programs = [subprocess.Popen([os.path.join(BIN, program), "--config",
                                              self.config, *words],
                                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                            for program, *words in pair]
                told = [p.communicate(timeout=60)[1] for p in programs]
                statuses = [p.returncode for p in programs]
                self.assertIn(0, statuses, told)
                self.assertTrue(set(statuses) <= {0, 75}, (statuses, told))
                for status, text in zip(statuses, told):
                    if status == 75:
                        self.assertRegex(text, rb"dum-(backup|admin) [a-z ]*\(process \d+\)")
        self.assertEqual(self.integrity(), "ok")
        self.program("dum-admin", "audit", "verify")
        self.backup("verify", "--all", "--level", "1")


if __name__ == "__main__":
    unittest.main(verbosity=1)
