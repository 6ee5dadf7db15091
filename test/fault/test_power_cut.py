"""The power fails, at any moment: what was acknowledged is there afterwards, and
nothing is there by half.

strace writes down what a program does to its files; power_cut.py works out what
a cut after each call can leave; each such folder is opened and looked at. In
short an even choice of the calls is taken, with DUM_LONG=1 all of them.

Shown to fail, each time, by the tests named "without ...": they replay the same
calls as if a guard had not been there - a flush of the folder, of a file, or
all those of a commit (what synchronous=NORMAL saves) - and ask for a folder
that is not as it should be.
"""

import copy
import gzip
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import zlib

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "it")]
from form import LONG  # noqa: E402
import segments  # noqa: E402
from backup_case import BIN, KEY, BackupCase  # noqa: E402
from power_cut import Disk, cuts, path_of, read_calls, record, tracing  # noqa: E402
from service import Service, clean_environment, wait_for  # noqa: E402

DAYS = "/api/data/daily-usage"
# For faketime. The sanitizer wants to be the first library; it need not be.
CLOCK = {"TZ": "UTC", "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}


class Bad(Exception):
    """What is left is not as it should be."""


def need(condition, *why):
    if not condition:
        raise Bad(*why)


def is_folder(call):
    """Is it a flush of a folder?"""
    return call.name == "fsync" and os.path.isdir(path_of(call.args[0])[1])


def sound(path):
    """Open a database as a program would; its handle, when all of it is well."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA wal_autocheckpoint = 0")
    need(db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "integrity")
    need(not db.execute("PRAGMA foreign_key_check").fetchall(), "foreign keys")
    last = None
    for number, prev, mac in db.execute("SELECT id, prev, mac FROM journal ORDER BY id"):
        need(last in (None, (number - 1, prev)), "the journal's chain", number)
        last = (number, mac)
    return db


class Left:
    """A folder that holds what a cut has left, and its programs."""

    def __init__(self, case, folder):
        self.case = case
        self.folder = folder
        self.backups = os.path.join(folder, "backups")

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, name, *args):
        """What it says on stdout; it has to succeed."""
        done = subprocess.run(
            [os.path.join(BIN, name), "--config", self.path("dum.conf"), *args],
            capture_output=True, check=False, env=clean_environment())
        need(done.returncode == 0, name, args, done.stderr)
        return done.stdout

    def names(self, *ends):
        if not os.path.isdir(self.backups):
            return []
        return sorted(n for n in os.listdir(self.backups) if n.endswith(ends))

    def rows(self, tables):
        """(all rows of the tables, the timeline); the whole has to be sound."""
        db = sound(self.path("data_usage.db"))
        try:
            return ({t: db.execute(f"SELECT * FROM {t} ORDER BY id").fetchall()
                     for t in tables},
                    int(db.execute("SELECT metric_value FROM system_info WHERE"
                                   " metric_name = 'timeline'").fetchone()[0]))
        finally:
            db.close()


class Replay(BackupCase):
    rows = 400
    most = 40       # cuts after so many calls of a program, in short
    mixed = 4       # ways to mix what was not flushed, see power_cut.py

    def setUp(self):
        super().setUp()
        # The same settings are good for a copy of the folder elsewhere.
        with open(self.config, "w", encoding="utf-8") as f:
            f.write("DATABASE_PATH=data_usage.db\nSECRET_KEY_FILE=secret.key\n"
                    "AUDIT_ANCHOR_FILE=anchors.log\n"
                    "DATABASE_BACKUP_DIR=backups\nTIMEZONE=UTC\n"
                    "BACKUP_RETENTION_DAYS=36500\n" + self.settings)
        os.makedirs(self.backups, mode=0o700, exist_ok=True)
        self.outside = tempfile.mkdtemp(prefix="dum-power-cut-")
        self.addCleanup(shutil.rmtree, self.outside)
        self.left = Left(self, os.path.join(self.outside, "left"))

    def record(self, name, *args, wrap=()):
        """Let a program do its work; what it began with and what it did."""
        disk = Disk(self.dir)
        done, calls = record(
            os.path.join(self.outside, "log"),
            [*wrap, os.path.join(BIN, name), "--config", self.config, *args],
            env=clean_environment(**CLOCK))
        self.assertEqual(done.returncode, 0, done.stderr)
        return disk, calls

    def bad_ones(self, recorded, check, without=None):
        """(cuts looked at, those that left something bad)"""
        disk, calls = recorded
        if without is not None:
            calls = [c for c in calls if not without(c)]
        looked, bad = 0, []
        for cut in cuts(disk, calls, None if LONG else self.most, self.mixed):
            cut.write_to(self.left.folder)
            looked += 1
            try:
                check(cut)
            except (Bad, sqlite3.Error, segments.Broken, zlib.error, EOFError,
                    OSError) as error:
                bad.append(f"{cut}: {type(error).__name__} {error}")
                if without is not None:
                    break       # one will do
        return looked, bad

    def assert_sound(self, recorded, check):
        looked, bad = self.bad_ones(recorded, check)
        print(f"# {looked} states that a power cut can leave")
        self.assertGreater(looked, 3)
        self.assertEqual(bad[:3], [], f"{len(bad)} of {looked}")

    def assert_missed(self, recorded, check, without):
        looked, bad = self.bad_ones(recorded, check, without)
        print(f"# without it state {looked} is bad: {bad[-1:]}")
        self.assertNotEqual(bad, [])


class Create(Replay):
    def check(self, cut):
        """What has a final name is whole; what was told is there, and proven."""
        left = self.left
        names = left.names(".gz", ".enc")
        for name in left.names(".gz"):
            with gzip.open(os.path.join(left.backups, name)) as f:
                image = f.read()
            path = left.path("image.db")
            with open(path, "wb") as f:
                f.write(image)
            sound(path).close()
        listed = json.loads(left.run("dum-backup", "list", "--json")) if names else []
        need([e["file"] for e in listed] == names, listed, names)
        if names:
            left.run("dum-backup", "verify", "--all", "--level", "2",
                     "--key-file", left.path("backup.key"))
        if cut.told:
            need(names and listed[-1]["file"].encode() in b"".join(cut.told))
            need(listed[-1]["state"] == "proven", listed)

    def test_a_backup_that_was_told_is_there_and_a_half_one_is_not(self):
        self.assert_sound(self.record("dum-backup", "create", "--json"), self.check)

    def test_an_encrypted_one_too(self):
        self.assert_sound(self.record("dum-backup", "create", "--json", "--key-file",
                                      self.key), self.check)

    def test_without_the_flush_of_the_folder_it_would_not(self):
        recorded = self.record("dum-backup", "create", "--json")
        self.assert_missed(recorded, self.check, is_folder)

    def test_without_the_flush_of_the_file_it_would_not(self):
        recorded = self.record("dum-backup", "create", "--json")
        self.assert_missed(recorded, self.check,
                           lambda c: c.name == "fsync" and not is_folder(c))


class Restore(Replay):
    def setUp(self):
        super().setUp()
        self.saved = self.content()
        self.name = self.create()
        self.change("UPDATE daily_usage SET usage_bytes = usage_bytes + 1",
                    "DELETE FROM daily_usage WHERE id % 3 = 0",
                    "UPDATE locations SET display_name = 'other'",
                    "UPDATE location_records SET records = (SELECT count(*) FROM"
                    " daily_usage u WHERE u.location_id = location_records.location_id)")
        self.changed = self.content()
        self.timeline = self.timeline_now()

    def timeline_now(self):
        return int(self.query("SELECT metric_value FROM system_info"
                              " WHERE metric_name = 'timeline'")[0][0])

    def check(self, cut):
        rows, timeline = self.left.rows(self.changed)
        need(rows in (self.changed, self.saved), "half of it")
        need((timeline > self.timeline) == (rows == self.saved), "the timeline")
        need(rows == self.saved or not cut.told, "it was told to be done")
        names = self.left.names(".gz")
        need(self.name in names, names)
        # What came before it can be had back from the safety backup.
        if rows == self.saved:
            need(any("before-restore" in n for n in names), names)

    def test_the_rows_are_old_or_new(self):
        self.assert_sound(self.record("dum-backup", "restore", self.name, "--confirm"),
                          self.check)
        self.left.run("dum-admin", "audit", "verify")
        self.left.run("dum-backup", "verify", "--all", "--level", "2")

    def test_the_whole_is_old_or_new(self):
        self.assert_sound(self.record("dum-backup", "restore", self.name, "--confirm",
                                      "--whole"), self.check)
        self.left.run("dum-admin", "audit", "verify")

    def test_without_the_flushes_of_the_commit_it_would_not(self):
        recorded = self.record("dum-backup", "restore", self.name, "--confirm")
        self.assert_missed(recorded, self.check, lambda c: c.name == "fdatasync")


class Absent(Restore):
    """The database is gone; its log lies about."""

    def setUp(self):
        super().setUp()
        os.unlink(self.database)

    def check(self, cut):
        """There and the backup's, or not there."""
        if os.path.exists(self.left.path("data_usage.db")):
            rows, _ = self.left.rows(self.saved)
            need(rows == self.saved, "another content")
        else:
            need(not cut.told, "it was told to be done")

    def test_it_is_there_or_not(self):
        recorded = self.record("dum-backup", "restore", self.name, "--confirm", "--whole")
        self.assert_sound(recorded, self.check)

    test_the_rows_are_old_or_new = None
    test_the_whole_is_old_or_new = None

    def test_without_the_flushes_of_the_commit_it_would_not(self):
        recorded = self.record("dum-backup", "restore", self.name, "--confirm", "--whole")
        self.assert_missed(recorded, self.check, lambda c: c.name in ("fsync", "fdatasync"))


class Ship(Replay):
    rows = 20
    added = 0

    def setUp(self):
        super().setUp()
        self.add(2)

    def add(self, count):
        for _ in range(count):
            self.added += 1
            self.program("dum-admin", "location", "add", f"added-{self.added}")

    def read(self, folder):
        """All that was shipped; of one that was sealed just now the open one may
        still be there."""
        if not os.path.isdir(folder):
            return []
        sealed = {n.split("-")[0] for n in os.listdir(folder) if n.endswith(".log")}
        for name in os.listdir(folder):
            if name.removesuffix(".log.open") in sealed:
                os.unlink(os.path.join(folder, name))
        found = segments.read_all(folder, bytes.fromhex(KEY),
                                  segments.secret_of(self.path("secret.key")))
        return [tuple(e[f] for f in segments.FIELDS) for s in found for e in s.entries]

    def journal(self):
        return self.query("SELECT id, at, timeline, batch, actor, address, source,"
                          " request_id, op, tbl, pk, before, after, prev, key_id, mac"
                          " FROM journal ORDER BY id")

    def ship(self, *args):
        """A run that is recorded, and how much was shipped before it."""
        self.before = self.read(os.path.join(self.backups, "journal"))
        self.add(2)
        recorded = self.record("dum-backup", "ship", *args)
        self.all = self.journal()
        return (*recorded, args)

    def sweep(self, *args, without=None):
        disk, calls, args = self.ship(*args)
        end = len(calls) - 1

        def check(cut):
            now = self.read(os.path.join(self.left.backups, "journal"))
            need(now[:len(self.before)] == self.before, "what was there is gone")
            need(now == self.all[:len(now)], "another history")
            need(now == self.all or not (cut.told or cut.after == end),
                 "it was told to be done")
            # And the next run goes on from there.
            self.left.run("dum-backup", "ship", *args)
            need(self.read(os.path.join(self.left.backups, "journal")) == self.all,
                 "the next run")

        if without is None:
            self.assert_sound((disk, calls), check)
        else:
            self.assert_missed((disk, calls), check, without)

    def test_the_first_segment(self):
        self.sweep()

    def test_more_of_one(self):
        self.backup("ship")
        self.sweep()

    def test_more_of_an_encrypted_one(self):
        self.backup("ship", "--key-file", self.key)
        self.sweep("--key-file", self.key)

    def test_one_that_is_sealed(self):
        self.backup("ship")
        self.sweep("--seal")

    def test_without_the_flushes_it_would_be_lost(self):
        self.backup("ship")
        self.sweep("--seal", without=lambda c: c.name == "fsync")


class Import(Replay):
    rows = 100
    table = "Date,A,B\n" + "".join(
        f"2024-{m:02}-{d:02},{m},{d}\n" for m in range(1, 13) for d in range(1, 29))

    def run_import(self):
        with open(os.path.join(self.outside, "table.csv"), "w", encoding="ascii") as f:
            f.write(self.table)
        self.before = self.content()
        recorded = self.record("dum-import", f.name)
        self.after = self.content()
        self.assertNotEqual(self.before, self.after)
        return recorded

    def check(self, cut):
        rows, _ = self.left.rows(self.before)
        need(rows in (self.before, self.after), "half of it")
        need(rows == self.after or not cut.told, "it was told to be done")

    def test_all_of_a_table_is_there_or_nothing(self):
        self.assert_sound(self.run_import(), self.check)

    def test_without_the_flushes_it_would_be_lost(self):
        self.assert_missed(self.run_import(), self.check, lambda c: c.name == "fdatasync")


class Prune(Replay):
    rows = 20

    def check(self, cut):
        """The newest is there, and no link of the chain is missing, once the next
        run has ended what this one began."""
        del cut
        self.left.run("dum-backup", "prune")
        listed = json.loads(self.left.run("dum-backup", "list", "--json"))
        need([e["note"] for e in listed] == [None] * len(listed), listed)
        need(listed[-1]["file"] == self.newest, listed)

    def test_the_chain_of_those_that_stay_is_whole(self):
        for _ in range(3):
            self.newest = self.create()
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("BACKUP_MAX_COUNT=1\n")
        self.assert_sound(self.record("dum-backup", "prune"), self.check)


class AuditPrune(Replay):
    """Old entries of the journal go into a file of their own."""

    rows = 20

    def setUp(self):
        super().setUp()
        for day in range(1, 7):
            self.program("dum-admin", "location", "add", f"p{day}", env=CLOCK,
                         wrap=("faketime", "-f", f"2040-01-0{day} 12:00:00"))
        self.all = self.ids(self.database)

    def ids(self, path):
        db = sound(path)
        try:
            return [n for n, in db.execute("SELECT id FROM journal ORDER BY id")]
        finally:
            db.close()

    def check(self, cut):
        """What is no longer in the journal is in the file, whole."""
        ids = [n for n in self.ids(self.left.path("data_usage.db")) if n <= self.all[-1]]
        need(ids == self.all[-len(ids):], "a gap")
        need(ids != self.all or not cut.told, "it was told to be done")
        if ids != self.all:
            with gzip.open(self.left.path("kept.gz"), "rt", encoding="utf-8") as f:
                held = [json.loads(line)["id"] for line in f]
            need(held == self.all[:-len(ids)], "what went is not in the file")

    def prune(self):
        return self.record("dum-admin", "audit", "prune", "--before", "2040-01-05",
                           "--keep", self.path("kept.gz"),
                           wrap=("faketime", "-f", "2040-02-01 12:00:00"))

    def test_what_goes_is_in_the_file(self):
        self.assert_sound(self.prune(), self.check)
        self.left.run("dum-admin", "audit", "verify")

    def test_without_the_flush_of_the_file_it_would_not_be(self):
        self.assert_missed(self.prune(), self.check,
                           lambda c: c.name == "fsync" and not is_folder(c))


class Worker(Replay):
    """A worker enters days one by one; between them the log is carried over, and
    begun anew."""

    rows = 20
    most = 150
    mixed = 1
    changes = 12    # before that, and as many after it
    told = 0

    def setUp(self):
        super().setUp()
        self.service = Service("--workers", "1",
                               settings={"LOG_LEVEL": "ERROR"}).start()
        self.addCleanup(self.service.stop)
        self.place = self.service.request("POST", "/api/data/locations",
                                          {"name": "here"}).json()["id"]
        self.entered = []
        self.enter()

    def enter(self):
        number = len(self.entered)
        date = f"2024-{number // 28 + 1:02}-{number % 28 + 1:02}"
        answer = self.service.request("POST", DAYS, {
            "date": date, "location_id": self.place, "usage_gb": number})
        self.assertEqual(answer.status, 201, answer)
        self.entered.append((date, number * 10**9))

    def enter_some(self):
        """With strace at the worker; the calls."""
        log = os.path.join(self.outside, "log")
        worker = self.service.workers()[0]
        tracer = subprocess.Popen([*tracing(log), "-p", str(worker)])
        status = pathlib.Path(f"/proc/{worker}/status")
        self.assertTrue(wait_for(lambda: f"TracerPid:\t{tracer.pid}\n"
                                 in status.read_text()))
        for _ in range(self.changes):
            self.enter()
        tracer.terminate()
        tracer.wait()
        return read_calls(log)

    def carry_over(self):
        done, calls = record(os.path.join(self.outside, "log"), [
            BIN + "/dum-admin", "--config", str(self.service.config), "checkpoint"],
            env=clean_environment())
        self.assertEqual(done.returncode, 0, done)
        self.assertTrue([c for c in calls if c.name == "pwrite64"
                         and path_of(c.args[0])[1].endswith(".db")], "nothing to do")
        # Its words are not the worker's.
        return [c for c in calls if c.name != "write"]

    def check(self, cut):
        """Each day whose 201 had left the worker is there, and once."""
        told = 1 + sum(data.count(b"Status: 201") for data in cut.told)
        db = sound(self.left.path("data_usage.db"))
        try:
            found = db.execute("SELECT date, usage_bytes FROM daily_usage"
                               " ORDER BY id").fetchall()
        finally:
            db.close()
        need(found == self.entered[:len(found)], "others than were entered")
        need(len(found) >= told, f"{told - len(found)} lost")
        self.told = max(self.told, told)

    def test_no_acknowledged_write_is_lost_and_without_the_flushes_some_would_be(self):
        disk = Disk(self.service.state)
        calls = [*self.enter_some(), *self.carry_over(), *self.enter_some()]
        self.assert_sound((copy.deepcopy(disk), calls), self.check)
        self.assertEqual(self.told, len(self.entered))
        # As with PRAGMA synchronous = NORMAL.
        self.assert_missed((disk, calls), self.check, lambda c: c.name == "fdatasync"
                           and path_of(c.args[0])[1].endswith("-wal"))


if __name__ == "__main__":
    unittest.main(verbosity=1)
