"""dum-import killed, at every write to the disk and at any instant; and with
a disk that fails. All of the file is in the database, or nothing of it, and
the next run does the whole.

strace ends the program as it enters its N-th pwrite64, fsync or fdatasync: N is
an even choice, with DUM_LONG=1 every one there is. A database without an import
and one with it are the only two that may be found.

Shown to fail: with db_begin_long() and db_commit() called for each day in
lib/exchange/wide_csv_apply.c, "killed at every write" finds databases that
hold a part of the file.
"""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "it")]
from form import choose  # noqa: E402
from service import BIN, Service, clean_environment  # noqa: E402

CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate")
BEFORE = "Date,A,B\n2024-01-01,1,2\n2024-01-02,3,4\n"
SMALL = "Date,A,C,D\n2024-01-01,9,5,6\n2024-01-02,3,7,\n2024-01-03,8,9,10\n"
EXIT_BUSY = 75


def large(rows, columns):
    """A file whose pages fill the log far enough for a checkpoint."""
    head = ",".join(f"L{i}" for i in range(columns))
    lines = []
    for i in range(rows):
        day = f"{2000 + i // 336}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}"
        lines.append(",".join([day, *(str((i * 7 + c) % 900)
                                      for c in range(columns))]))
    return f"Date,{head}\n" + "\n".join(lines) + "\n"


class State:
    """Settings, key and database in a folder, with no program running."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.config = self.folder / "dum.conf"
        self.database = self.folder / "data_usage.db"
        self.config.write_text(
            f"DATABASE_PATH={self.database}\n"
            f"SECRET_KEY_FILE={self.folder}/secret.key\n"
            f"AUDIT_ANCHOR_FILE={self.folder}/anchors.log\n"
            f"DATABASE_BACKUP_DIR={self.folder}/backups\nTIMEZONE=UTC\n")

    def command(self, name, *arguments):
        return [str(BIN / name), "--config", str(self.config), *arguments]

    def run(self, name, *arguments, under=(), status=0, data=None):
        done = subprocess.run([*under, *self.command(name, *arguments)],
                              input=data, capture_output=True, text=True,
                              env=clean_environment(), check=False)
        if status is not None and done.returncode != status:
            raise AssertionError(f"{name} {arguments}: {done}")
        return done

    def days(self):
        """All that a person would see, and what the program says of it."""
        done = subprocess.run(
            ["sqlite3", f"file:{self.database}?mode=ro",
             "PRAGMA integrity_check; PRAGMA foreign_key_check;"
             "SELECT date, name, usage_bytes FROM daily_usage JOIN locations l"
             " ON l.id = location_id ORDER BY 1, 2;"
             "SELECT name FROM locations ORDER BY 1;"
             "SELECT count(*) FROM imports; SELECT * FROM counters;"],
            capture_output=True, text=True, check=True)
        if not done.stdout.startswith("ok\n"):
            raise AssertionError(done.stdout[:500])
        return done.stdout


class Killed(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="dum-killed."))
        self.addCleanup(shutil.rmtree, self.dir)
        self.home = self.dir / "home"
        self.home.mkdir()
        self.state = State(self.home)
        self.state.run("dum-admin", "init")
        self.state.run("dum-import", "-", data=BEFORE)
        self.file = self.dir / "new.csv"

    def prepare(self, text):
        """Remember the database without the file and with it."""
        self.file.write_text(text)
        shutil.copytree(self.home, self.dir / "start")
        self.before = self.state.days()
        self.state.run("dum-import", str(self.file))
        self.after = self.state.days()
        self.assertNotEqual(self.before, self.after)
        self.restart()

    def restart(self):
        """The database as it was before the file, at the same path."""
        shutil.rmtree(self.home)
        shutil.copytree(self.dir / "start", self.home)

    def count_calls(self):
        """{system call: how often an import makes it}"""
        trace = self.dir / "trace"
        self.state.run("dum-import", str(self.file), under=[
            "strace", "-f", "-qq", "-e", f"trace={','.join(CALLS)}",
            "-o", str(trace)])
        self.restart()
        names = re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.M)
        return {call: names.count(call) for call in CALLS}

    def import_under(self, inject):
        return self.state.run("dum-import", str(self.file), under=[
            "strace", "-f", "-qq", "-e", f"trace={','.join(CALLS)}",
            "-e", f"inject={inject}", "-o", "/dev/null"], status=None)

    def assert_whole(self):
        """All or nothing; the next run ends with all. What it was."""
        found = self.state.days()
        self.assertIn(found, (self.before, self.after))
        self.state.run("dum-admin", "audit", "verify")
        self.state.run("dum-import", str(self.file))
        again = self.state.days()
        if found == self.before:
            self.assertEqual(again, self.after)
        else:   # an import more, of days that are all the same
            self.assertEqual(re.sub(r"(?m)^\d+$", "", again),
                             re.sub(r"(?m)^\d+$", "", self.after))
        return found == self.after

    def kill_at(self, call, number):
        done = self.import_under(f"{call}:signal=KILL:when={number}")
        self.assertEqual(done.returncode, -signal.SIGKILL, (call, number, done))
        whole = self.assert_whole()
        self.restart()
        return whole

    def test_killed_at_every_write(self):
        self.prepare(SMALL)
        calls = self.count_calls()
        self.assertGreater(calls["pwrite64"], 10)
        self.assertGreater(calls["fdatasync"] + calls["fsync"], 0)
        whole = sum(self.kill_at(call, n) for call in CALLS
                    for n in choose(calls[call], 12))
        print(f"# killed at each of {calls}; the file was in {whole} times")

    def test_killed_at_writes_of_a_large_file_and_its_checkpoint(self):
        self.prepare(large(800, 60))
        calls = self.count_calls()
        # More than the commit alone: the log is carried over.
        self.assertGreater(calls["fdatasync"] + calls["fsync"], 2)
        rand = random.Random(8)
        at = {("pwrite64", rand.randrange(1, calls["pwrite64"] + 1))
              for _ in range(10)}
        # The last ones are those of the checkpoint.
        at |= {("pwrite64", calls["pwrite64"] - n) for n in range(0, 60, 20)}
        at |= {(call, n) for call in ("fdatasync", "fsync", "ftruncate")
               for n in range(1, calls[call] + 1)}
        whole = sum(self.kill_at(*place) for place in sorted(at))
        print(f"# killed at {len(at)} of {calls}; the file was in {whole} times")
        self.assertGreater(whole, 0)
        self.assertLess(whole, len(at))

    def test_killed_at_any_instant(self):
        self.prepare(large(400, 60))
        started = time.monotonic()
        self.state.run("dum-import", str(self.file))
        length = time.monotonic() - started
        self.restart()
        rand = random.Random()
        whole = 0
        for _ in range(20):
            process = subprocess.Popen(
                self.state.command("dum-import", str(self.file)),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=clean_environment())
            time.sleep(rand.uniform(0, length * 1.1))
            process.kill()
            process.wait()
            whole += self.assert_whole()
            self.restart()
        print(f"# an import of {length:.2f} s killed 20 times;"
              f" the file was in {whole} times")

    def test_the_disk_fails_at_every_write(self):
        """EIO: told, and the database is whole; a second run does it."""
        self.prepare(SMALL)
        calls = self.count_calls()
        for call in ("pwrite64", "fdatasync", "fsync"):
            for number in choose(calls[call], 12):
                done = self.import_under(f"{call}:error=EIO:when={number}")
                place = (call, number, done)
                if done.returncode != 0:
                    self.assertEqual(done.returncode, 1, place)
                    self.assertIn("dum-import: ", done.stderr, place)
                    self.assertIn(str(self.state.database), done.stderr, place)
                self.assert_whole()
                self.restart()

    def test_the_disk_is_full_at_every_write(self):
        self.prepare(SMALL)
        calls = self.count_calls()
        for number in choose(calls["pwrite64"], 12):
            done = self.import_under(f"pwrite64:error=ENOSPC:when={number}")
            place = (number, done)
            if done.returncode != 0:
                self.assertEqual(done.returncode, 1, place)
                self.assertIn("is full", done.stderr, place)
                self.assertEqual(self.state.days(), self.before, place)
            self.assert_whole()
            self.restart()


class BesideAPool(unittest.TestCase):
    """A large import beside a service that people use."""

    def setUp(self):
        self.service = Service("--workers", "2").start()
        self.addCleanup(self.service.stop)
        made = self.service.request("POST", "/api/data/locations",
                                    {"name": "desk"})
        self.desk = made.json()["id"]
        self.file = self.service.folder / "large.csv"
        self.file.write_text(large(1000, 120))

    def enter(self, day):
        return self.service.request("POST", "/api/data/daily-usage", {
            "date": day, "location_id": self.desk, "usage_gb": 1})

    def start_import(self):
        """The program, once it holds the turn to write."""
        process = subprocess.Popen(
            [BIN / "dum-import", "--json", "--config", self.service.config,
             self.file], stdout=subprocess.PIPE, text=True,
            env=clean_environment())
        self.addCleanup(process.stdout.close)
        wal = pathlib.Path(f"{self.service.database}-wal")
        # Its pages show in the log before they are committed.
        while process.poll() is None and wal.stat().st_size < 8 << 20:
            time.sleep(0.005)
        self.assertIsNone(process.poll(), "over before it was looked at")
        return process

    def test_reads_go_on_and_writes_are_told_to_come_again(self):
        process = self.start_import()
        answers = []
        while process.poll() is None:
            answers.append((self.service.request(
                "GET", "/api/dashboard/overview"), self.enter("2024-05-05")))
        self.assertEqual(process.returncode, 0)
        self.assertGreater(len(answers), 1)
        self.assertEqual({read.status for read, _ in answers}, {200})
        refused = [write for _, write in answers if write.status != 201
                   and write.status != 200]
        print(f"# {len(answers)} reads answered, {len(refused)} writes told"
              " to come again")
        self.assertGreater(len(refused), 0)
        for write in refused:
            self.assertEqual(write.status, 503, write)
            self.assertRegex(write.headers["Retry-After"], r"^\d+$")
        self.assertIn(self.enter("2024-05-06").status, (200, 201))
        summary = json.loads(process.stdout.read())
        self.assertEqual(summary["new"], 120000)

    def test_writes_go_on_at_once_when_the_import_is_killed(self):
        process = self.start_import()
        self.assertEqual(self.enter("2024-05-05").status, 503)
        process.kill()
        process.wait()
        answer = self.enter("2024-05-05")
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(self.service.query(
            "SELECT count(*), count(DISTINCT location_id) FROM daily_usage"),
            [(1, 1)])
        self.assertEqual(self.service.sqlite("PRAGMA integrity_check"), ["ok"])
        self.service.tool("dum-import", self.file)
        self.assertEqual(self.service.query(
            "SELECT count(*) FROM daily_usage"), [(120001,)])

    def test_two_imports_at_once_both_come_in(self):
        self.file.write_text(large(200, 60))
        other = self.service.folder / "other.csv"
        other.write_text(large(200, 60).replace(",L", ",M"))
        done = []

        def run(path):
            # Who finds the other at it comes again, as the message says.
            while True:
                status = self.service.tool("dum-import", path,
                                           status=None).returncode
                if status != EXIT_BUSY:
                    done.append(status)
                    return
                time.sleep(0.05)

        threads = [threading.Thread(target=run, args=(path,))
                   for path in (self.file, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(done, [0, 0])
        self.assertEqual(self.service.query(
            "SELECT count(*) FROM daily_usage"), [(24000,)])
        self.service.tool("dum-admin", "audit", "verify")


if __name__ == "__main__":
    unittest.main(verbosity=1)
