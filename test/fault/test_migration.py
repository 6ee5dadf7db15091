"""The schema moves on: run twice, killed half-way, under running workers.

The programs of tomorrow are this checkout with one migration more, built in a
folder of its own; those of today are the ones under test.

Shown to fail: with run_steps() in lib/store/migrate.c outside of a transaction
(db_commit() and db_begin_long() after each step), "killed at every write" finds
a table of the new schema in a database of the old version.
"""

import pathlib
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "it"))
from service import (BIN, TOP, Service, clean_environment,  # noqa: E402
                     wait_for)

NEXT = """
CREATE TABLE remarks (
	id INTEGER PRIMARY KEY,
	location_id INTEGER NOT NULL REFERENCES locations (id),
	text TEXT NOT NULL
) STRICT;
ALTER TABLE locations ADD COLUMN remark TEXT;
UPDATE locations SET remark = 'from before';
CREATE INDEX idx_remarks ON remarks (location_id);
"""
CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate")


def newest():
    numbers = [int(p.name[:3]) for p in (TOP / "sql/migrations").glob("*.sql")]
    return max(numbers)


def build_tomorrow(folder):
    """The programs with a migration more; the folder that holds them."""
    tree = pathlib.Path(folder) / "tomorrow"
    for name in ("lib", "fcgi-app", "tools", "sql"):
        shutil.copytree(TOP / name, tree / name, symlinks=True)
    shutil.copy2(TOP / "Makefile", tree)
    # What is compiled stays so: only the migrations are new.
    shutil.copytree(TOP / "build/release", tree / "build/release")
    (tree / f"sql/migrations/{newest() + 1:03}_tomorrow.sql").write_text(NEXT)
    done = subprocess.run(["make", "-s", "-C", tree, "programs"],
                          capture_output=True, text=True,
                          env=clean_environment(), check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return tree / "build/release/bin"


class MigrationCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="dum-migrate."))
        cls.addClassCleanup(shutil.rmtree, cls.dir)
        cls.tomorrow = build_tomorrow(cls.dir)
        cls.version = newest()

    def make_home(self):
        """Settings and a database of today with some days in it."""
        self.home = pathlib.Path(tempfile.mkdtemp(dir=self.dir))
        self.config = self.home / "dum.conf"
        self.database = self.home / "data_usage.db"
        self.config.write_text(
            f"DATABASE_PATH={self.database}\n"
            f"SECRET_KEY_FILE={self.home}/secret.key\n"
            f"AUDIT_ANCHOR_FILE={self.home}/anchors.log\n"
            f"DATABASE_BACKUP_DIR={self.home}/backups\nTIMEZONE=UTC\n")
        self.run_program(BIN, "dum-admin", "init")
        self.run_program(BIN, "dum-import", "-",
                         data="Date,A,B\n2024-01-01,1,2\n2024-01-02,3,4\n")

    def run_program(self, folder, name, *arguments, status=0, data=None,
                    under=()):
        done = subprocess.run(
            [*under, folder / name, "--config", self.config, *arguments],
            input=data, capture_output=True, text=True, check=False,
            env=clean_environment())
        if status is not None:
            self.assertEqual(done.returncode, status, done)
        return done

    def query(self, sql):
        db = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def found(self):
        """The version that the database is of, in every part of it."""
        version = self.query("PRAGMA user_version")[0][0]
        self.assertIn(version, (self.version, self.version + 1))
        self.assertEqual(self.query(
            "SELECT metric_value FROM system_info"
            " WHERE metric_name = 'schema_version'"), [(str(version),)])
        new = version > self.version
        self.assertEqual(self.query(
            "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%remarks'"),
            [(2 if new else 0,)])
        columns = {row[1] for row in self.query("PRAGMA table_info(locations)")}
        self.assertEqual("remark" in columns, new)
        self.assertEqual(self.query(
            "SELECT date, name, usage_bytes / 1000000000 FROM daily_usage"
            " JOIN locations l ON l.id = location_id ORDER BY 1, 2"),
            [("2024-01-01", "A", 1), ("2024-01-01", "B", 2),
             ("2024-01-02", "A", 3), ("2024-01-02", "B", 4)])
        self.assertEqual(self.query("PRAGMA integrity_check"), [("ok",)])
        return version


class Killed(MigrationCase):
    def test_it_runs_twice_and_does_nothing_the_second_time(self):
        self.make_home()
        first = self.run_program(self.tomorrow, "dum-admin", "migrate")
        self.assertIn(f"schema version {self.version + 1}, was {self.version}",
                      first.stdout)
        self.assertEqual(self.found(), self.version + 1)
        entries = self.query("SELECT count(*), max(id) FROM journal")
        again = self.run_program(self.tomorrow, "dum-admin", "migrate")
        self.assertIn("nothing to do", again.stdout)
        self.assertEqual(self.query("SELECT count(*), max(id) FROM journal"),
                         entries)
        self.run_program(self.tomorrow, "dum-admin", "audit", "verify")

    def test_killed_at_every_write_it_is_of_one_version(self):
        self.make_home()
        start = self.dir / "start"
        shutil.copytree(self.home, start)
        trace = self.dir / "trace"
        strace = ["strace", "-f", "-qq", "-e", f"trace={','.join(CALLS)}"]
        self.run_program(self.tomorrow, "dum-admin", "migrate",
                         under=[*strace, "-o", trace])
        names = re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.M)
        done = 0
        for call in CALLS:
            for number in range(1, names.count(call) + 1):
                shutil.rmtree(self.home)
                shutil.copytree(start, self.home)
                got = self.run_program(
                    self.tomorrow, "dum-admin", "migrate", status=None,
                    under=[*strace, "-o", "/dev/null", "-e",
                           f"inject={call}:signal=KILL:when={number}"])
                self.assertEqual(got.returncode, -signal.SIGKILL, got)
                done += self.found() > self.version
                self.run_program(self.tomorrow, "dum-admin", "migrate")
                self.assertEqual(self.found(), self.version + 1)
                self.run_program(self.tomorrow, "dum-admin", "audit", "verify")
        print(f"# killed at each of {len(names)} writes; {done} times it was"
              " through already")

    def test_killed_while_it_makes_a_database(self):
        """dum-admin init, from nothing: the next one makes it."""
        self.make_home()
        trace = self.dir / "trace-init"
        calls = "pwrite64,fdatasync,fsync,ftruncate,rename,link"
        strace = ["strace", "-f", "-qq", "-e", f"trace={calls}"]

        def empty():
            for path in self.home.iterdir():
                if path != self.config:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        empty()
        self.run_program(BIN, "dum-admin", "init", under=[*strace, "-o", trace])
        names = re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.M)
        count = 0
        rand = random.Random(5)
        for call in sorted(set(names)):
            numbers = range(1, names.count(call) + 1)
            for number in rand.sample(numbers, min(20, len(numbers))):
                empty()
                self.run_program(
                    BIN, "dum-admin", "init", status=None,
                    under=[*strace, "-o", "/dev/null", "-e",
                           f"inject={call}:signal=KILL:when={number}"])
                with self.subTest(call=call, number=number):
                    self.run_program(BIN, "dum-admin", "init")
                    self.run_program(BIN, "dum-admin", "audit", "verify")
                count += 1
        print(f"# killed at {count} calls")

    def test_two_at_once(self):
        self.make_home()
        both = [subprocess.Popen(
            [self.tomorrow / "dum-admin", "--config", self.config, "migrate"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=clean_environment()) for _ in range(2)]
        said = [p.communicate() for p in both]
        # One may be told that the other is at it.
        self.assertIn(sorted(p.returncode for p in both), ([0, 0], [0, 75]),
                      said)
        self.assertEqual(self.found(), self.version + 1)
        self.assertEqual(self.query(
            "SELECT count(*) FROM journal WHERE op = 'migrate'"), [(1,)])


class UnderWorkers(MigrationCase):
    def test_workers_of_the_old_schema_step_aside(self):
        service = Service("--workers", "2").start()
        self.addCleanup(service.stop)
        place = service.request("POST", "/api/data/locations",
                                {"name": "desk"}).json()["id"]
        acked, refused, stop = [], [], threading.Event()

        def write():
            client = service.client()
            for i in range(100000):
                if stop.is_set():
                    return
                date = f"{2000 + i // 336}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}"
                answer = client.request("POST", "/api/data/daily-usage", {
                    "date": date, "location_id": place, "usage_gb": 1})
                if answer.status == 201:
                    acked.append(date)
                else:
                    refused.append(answer)

        writer = threading.Thread(target=write)
        writer.start()
        self.assertTrue(wait_for(lambda: len(acked) > 20))
        self.config = service.config
        self.run_program(self.tomorrow, "dum-admin", "migrate")
        # Each worker finds out at its next change, or before it reads.
        self.assertTrue(wait_for(lambda: len(refused) > 20))
        stop.set()
        writer.join()
        self.assertEqual({a.status for a in refused}, {503})
        self.assertTrue(all(a.headers["Retry-After"] for a in refused))
        time.sleep(1)
        for path in ("/api/data/locations", "/health"):
            answer = service.request("GET", path)
            self.assertEqual(answer.status, 503, (path, answer))
        self.assertIn("start the newer program", (
            service.state / "log/api.log").read_text())
        for name, words in (("dum-import", ["-"]), ("dum-admin", ["stats"])):
            done = self.run_program(BIN, name, *words, status=1,
                                    data="Date,A\n2024-01-01,1\n")
            self.assertIn("newer program", done.stderr)
        self.assertEqual(sorted(acked), sorted(
            date for (date,) in service.query(
                "SELECT date FROM daily_usage")))
        # And the new programs go on with it.
        self.run_program(self.tomorrow, "dum-import", "-",
                         data="Date,A\n2024-01-01,1\n")
        self.run_program(self.tomorrow, "dum-admin", "audit", "verify")


if __name__ == "__main__":
    unittest.main(verbosity=1)
