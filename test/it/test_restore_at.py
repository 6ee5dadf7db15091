"""dum-backup restore --at: any instant comes back as it was. Edits are made at
random through the programs and the API; what Python's own replayer makes of
the shipped journal (segments.py) and what sqlite3 read at the time have both to
be what the restore gives. DUM_SEED: of which seed."""

import datetime
import json
import os
import random
import sqlite3
import subprocess
import time
import unittest

import segments
from backup_case import BIN, BackupCase


def utc(at):
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


class At(BackupCase):
    rows = 300

    def setUp(self):
        super().setUp()
        self.rand = random.Random(int(os.environ.get("DUM_SEED", "7")))
        self.notes = []     # (instant, content)

    def next_second(self):
        """Instants are seconds: what comes after is later than what was."""
        now = time.time()
        time.sleep(int(now) + 1.02 - now)

    def note(self):
        self.notes.append((int(time.time()), self.content()))
        self.next_second()

    def csv(self):
        rows = [f"{y}-02-{d:02},{name},{self.rand.randrange(9000)}.{self.rand.randrange(10)}"
                for y in (2020, 2022) for d in self.rand.sample(range(1, 29), 9)
                for name in self.rand.sample(["place_1", "place_2", "new-1", "new-2", "ü x"], 3)]
        path = self.path("some.csv")
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(["date,location,usage_gb", *rows]) + "\n")
        return path

    def old_database(self):
        """One of the system before: it brings summaries, and changes them."""
        path = self.path("old.db")
        if os.path.exists(path):
            os.unlink(path)
        db = sqlite3.connect(path)
        db.executescript(
            "CREATE TABLE locations (id INTEGER PRIMARY KEY, name, display_name,"
            " is_active, created_at);"
            "CREATE TABLE daily_usage (id INTEGER PRIMARY KEY, date, location_id, usage_gb,"
            " created_at, updated_at);"
            "CREATE TABLE monthly_summaries (id INTEGER PRIMARY KEY, period_start, period_end,"
            " location_id, total_usage_gb, manual_entry, created_at, updated_at);"
            "INSERT INTO locations VALUES (1, 'place_3', 'P', 1, '2019-01-01 00:00:00'),"
            " (2, 'old', 'Old', 0, '2019-01-01 00:00:00');")
        db.executemany("INSERT INTO daily_usage VALUES (NULL, ?, ?, ?, NULL, NULL)",
                       [(f"2020-01-{d:02}", 1 + d % 2, self.rand.randrange(50))
                        for d in range(1, 20)])
        db.execute("INSERT INTO monthly_summaries VALUES (1, '2020-01-13', '2020-02-12', 1,"
                   f" {self.rand.randrange(500)}.5, 1, '2020-02-13 00:00:00',"
                   " '2020-02-13 00:00:00')")
        db.commit()
        db.close()
        return path

    def undo(self):
        """An import, if it can be taken back."""
        ids = [r[0] for r in self.query("SELECT id FROM imports WHERE undone_at IS NULL")]
        if ids:
            subprocess.run([os.path.join(BIN, "dum-import"), "--config", self.config,
                            "--undo", str(self.rand.choice(ids))],
                           capture_output=True, check=False)

    def extract(self):
        """Days of a backup put back: a batch."""
        self.backup("extract", self.backups_made[0], "--from", "2020-01-01", "--until",
                    f"2020-02-{self.rand.randrange(1, 28):02}", "--apply", "--confirm")

    def edit(self):
        draw = self.rand.randrange(8)
        if draw == 0:
            self.program("dum-admin", "location", "add", f"l{time.monotonic_ns()}")
        elif draw <= 3:
            self.program("dum-import", self.csv())
        elif draw == 4:
            self.program("dum-import", "--database", self.old_database())
        elif draw == 5:
            self.extract()
        else:
            self.undo()

    def restore_to(self, at, *args, status=0):
        path = self.path("then.db")
        if os.path.exists(path):
            os.unlink(path)
        done = self.backup("restore", "--at", at, "--to", path, "--json", *args, status=status)
        return path, done

    def stored(self, path):
        """What the journal tells of: all columns but those that are computed."""
        return {t: self.query(f"SELECT {', '.join(columns)} FROM {t} ORDER BY id", path)
                for t, columns in segments.TABLES.items()}

    def model(self, name, at):
        """The backup's content, and the journal after it replayed by Python."""
        state = {t: {r[0]: r for r in rows}
                 for t, rows in self.stored(self.unpacked(name)).items()}
        after = self.manifest(name)["backup"]["journal"]["id"]
        for segment in segments.read_all(os.path.join(self.backups, "journal"), None,
                                         segments.secret_of(self.path("secret.key"))):
            for e in segment.entries[:segment.whole]:
                if e["id"] > after and e["at"] <= utc(at):
                    segments.replay(state, e)
        return {t: [rows[k] for k in sorted(rows)] for t, rows in state.items()}

    def test_random_instants_come_back(self):
        self.backups_made = [self.create()]
        self.next_second()
        for i in range(14):
            self.edit()
            if i % 3 == 0:
                self.backup("ship", *(["--seal"] if i % 2 else []))
            if i == 8:
                self.backups_made.append(self.create())
            self.note()
        changed = [a != b for (_, a), (_, b) in zip(self.notes, self.notes[1:])]
        self.assertGreater(sum(changed), 6)
        for at, content in self.rand.sample(self.notes, 8):
            with self.subTest(at=at):
                path, done = self.restore_to(utc(at))
                self.assertEqual(self.content(path), content)
                self.assertEqual(self.model(json.loads(done.stdout)["file"], at),
                                 self.stored(path))
                self.assertEqual(self.integrity(path), "ok")
                self.assertEqual(self.query("PRAGMA foreign_key_check", path), [])
        # And the file is a database like any other.
        config = self.path("then.conf")
        with open(self.config, encoding="utf-8") as f, open(config, "w", encoding="utf-8") as g:
            g.write(f.read().replace(self.database, path))
        done = subprocess.run([os.path.join(BIN, "dum-admin"), "--config", config, "audit",
                               "verify"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.content(), self.notes[-1][1])

    def test_into_the_live_database_and_back(self):
        self.backups_made = [self.create()]
        self.next_second()
        for _ in range(5):
            self.program("dum-import", self.csv())
            self.note()
        at, content = self.notes[1]
        self.backup("restore", "--at", utc(at), status=2)   # it asks
        self.assertEqual(self.content(), self.notes[-1][1])
        result = json.loads(self.backup("restore", "--at", utc(at), "--confirm",
                                        "--json").stdout)
        self.assertEqual(self.content(), content)
        self.assertEqual(result["timeline"], 2)
        after = json.loads(self.query("SELECT after FROM journal WHERE op = 'restore'")[0][0])
        self.assertEqual((after["to_instant"], after["to_entry"]),
                         (utc(at), result["last_entry"]))
        self.next_second()
        self.program("dum-import", self.csv())
        self.note()
        # Each history is there, and they do not mix.
        for at, content in self.notes:
            path, _ = self.restore_to(utc(at))
            self.assertEqual(self.content(path), content)
        self.backup("verify", "--all")
        self.program("dum-verify")

    def test_the_end_of_the_journal_needs_no_ship_before(self):
        self.create()
        self.program("dum-import", self.csv())
        self.note()
        path, _ = self.restore_to(utc(self.notes[0][0]))
        self.assertEqual(self.content(path), self.notes[0][1])

    def test_a_lost_database_comes_back_to_the_last_minute(self):
        for encrypted in (False, True):
            if encrypted:
                with open(self.config, "a", encoding="utf-8") as f:
                    f.write(f"BACKUP_KEY_FILE={self.key}\n")
                self.backup("ship", "--seal", "--key-file", self.key)
            self.create()
            self.program("dum-import", self.csv())
            self.backup("ship")
            self.note()
            at, content = self.notes[-1]
            for end in ("", "-wal", "-shm", "-lock"):
                if os.path.exists(self.database + end):
                    os.unlink(self.database + end)
            result = json.loads(self.backup("restore", "--at", utc(at), "--whole", "--confirm",
                                            "--json").stdout)
            self.assertEqual(self.content(), content)
            self.assertIn("No such file", result["not_shipped"])
            self.assertTrue(result["journal_ends_there"])
            self.program("dum-admin", "audit", "verify")
            self.backup("ship")
            self.backup("verify", "--all")

    def test_a_later_backup_will_do_where_nothing_came_between(self):
        self.program("dum-import", self.csv())
        self.note()
        self.next_second()
        name = self.create()
        path, done = self.restore_to(utc(self.notes[0][0]))
        self.assertEqual(json.loads(done.stdout)["file"], name)
        self.assertEqual(self.content(path), self.notes[0][1])

    def test_dum_verify_goes_the_way_each_night(self):
        first = self.create()
        self.next_second()
        self.program("dum-import", self.csv())
        self.backup("ship")
        second = self.create()
        out = self.program("dum-verify").stdout.decode()
        self.assertIn("ok       replay", out)
        self.assertIn(f"lead from {first} to what {second} has", out)
        # Something was changed past the journal: the way does not lead there.
        self.change("UPDATE daily_usage SET usage_bytes = 1 WHERE id = 3")
        self.program("dum-admin", "location", "add", "later")
        self.backup("ship")
        self.create()
        done = self.program("dum-verify", status=4)
        self.assertIn(b"PROBLEM  replay", done.stdout)

    def test_what_can_not_be_is_refused(self):
        name = self.create()
        _, done = self.restore_to("2001-01-01 00:00", status=1)
        self.assertIn(b"no proven backup is of before", done.stderr)
        for text in ("yesterday", "2026-02-30 10:00", "2026-13-01 10:00", "2026-01-01",
                     "2026-01-01 24:00:00", "2026-1-1 10:00", "+2026-01-01 1:00"):
            _, done = self.restore_to(text, status=2)
        self.backup("restore", name, "--at", "2026-01-01 10:00", "--confirm", status=2)
        self.backup("restore", "--confirm", status=2)
        existing = self.path("existing")
        with open(existing, "w", encoding="ascii") as f:
            f.write("mine")
        done = self.backup("restore", "--at", utc(time.time()), "--to", existing, status=1)
        self.assertIn(b"is there already", done.stderr)
        with open(existing, encoding="ascii") as f:
            self.assertEqual(f.read(), "mine")

    def test_an_instant_is_of_the_zone_of_the_settings(self):
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("TIMEZONE=Asia/Kolkata\n")
        self.create()
        self.next_second()
        self.program("dum-import", self.csv())
        self.note()
        self.program("dum-import", self.csv())
        at, content = self.notes[0]
        local = utc(at + 19800).replace("T", " ").replace("Z", "")
        path, _ = self.restore_to(local)
        self.assertEqual(self.content(path), content)
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("TIMEZONE=Europe/Vienna\n")
        _, done = self.restore_to("2026-03-29 02:30", status=2)
        self.assertIn(b"never show this", done.stderr)
        _, done = self.restore_to("2025-10-26 02:30", status=2)
        self.assertIn(b"show this twice", done.stderr)

    def test_other_backups_on_the_way_have_to_be_the_same(self):
        first = self.create()
        self.next_second()
        self.program("dum-import", self.csv())
        # Known, and not proven: it is no place to start from, but a witness.
        second = self.create("--verify", "0")
        self.program("dum-admin", "location", "add", "later")
        self.note()
        path, done = self.restore_to(utc(self.notes[0][0]))
        result = json.loads(done.stdout)
        self.assertEqual((result["file"], result["backups_on_the_way"]), (first, 1))
        self.assertEqual(self.content(path), self.notes[0][1])
        manifest = os.path.join(self.backups, second + ".json")
        with open(manifest, encoding="utf-8") as f:
            text = f.read()
        digest = self.manifest(second)["backup"]["tables"]["daily_usage"]["sha256"]
        with open(manifest, "w", encoding="utf-8") as f:
            f.write(text.replace(digest, "ab" * 32))
        _, done = self.restore_to(utc(self.notes[0][0]), status=4)
        self.assertIn(b"held against " + second.encode(), done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
