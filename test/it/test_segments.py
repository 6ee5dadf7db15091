"""dum-backup ship: what it leaves is read by a program written from
docs/backup-format.md (segments.py), which shares nothing with ours."""

import json
import os
import random
import shutil
import subprocess
import threading
import unittest

import segments
from backup_case import BIN, BackupCase, KEY


class SegmentCase(BackupCase):
    rows = 200

    def setUp(self):
        super().setUp()
        self.folder = os.path.join(self.backups, "journal")
        self.number = 0

    def add(self, count=1):
        for _ in range(count):
            self.number += 1
            self.program("dum-admin", "location", "add", f"added-{self.number}")

    def ship(self, *args, **more):
        return json.loads(self.backup("ship", "--json", *args, **more).stdout)

    def read(self):
        return segments.read_all(self.folder, bytes.fromhex(KEY),
                                 segments.secret_of(self.path("secret.key")))

    def journal(self):
        return self.query("SELECT id, at, timeline, batch, actor, address, source,"
                          " request_id, op, tbl, pk, before, after, prev, key_id, mac"
                          " FROM journal ORDER BY id")

    def shipped(self):
        return [tuple(e[f] for f in segments.FIELDS) for s in self.read() for e in s.entries]

    def files(self, end=""):
        return sorted(n for n in os.listdir(self.folder)
                      if n.startswith("journal_") and n.endswith(end))


class Ship(SegmentCase):
    def test_what_is_in_them_is_the_journal(self):
        for count in (0, 1, 3):
            self.add(count)
            self.ship()
            self.assertEqual(self.shipped(), self.journal())
        self.ship("--seal")
        self.add()
        self.ship()
        self.assertEqual(self.shipped(), self.journal())
        self.assertEqual([s.sealed for s in self.read()], [True, False])

    def test_encrypted_and_by_the_key_of_the_settings(self):
        with open(self.config, "a", encoding="utf-8") as f:
            f.write(f"BACKUP_KEY_FILE={self.key}\n")
        self.create()
        self.add(2)
        self.ship("--seal")
        self.add(2)
        self.ship()
        self.assertEqual(self.shipped(), self.journal())
        for name in self.files():
            with open(os.path.join(self.folder, name), "rb") as f:
                data = f.read()
            self.assertNotIn(b"\x1f\x8b\x08", data)
            self.assertIn(bytes.fromhex("8944554d420d0a1a"), data)
            self.assertEqual(os.stat(os.path.join(self.folder, name)).st_mode & 0o777, 0o600)
        other = self.path("other.key")
        with open(other, "w", encoding="ascii") as f:
            f.write("ab" * 32)
        os.chmod(other, 0o600)
        self.backup("verify", "--all", "--key-file", other, status=3)

    def test_a_change_is_not_cut_in_two(self):
        # One change of many entries, larger than a frame and than a segment.
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("JOURNAL_SEGMENT_KB=16\n")
        path = self.path("large.csv")
        with open(path, "w", encoding="utf-8") as f:
            f.write("Date," + ",".join(f"l{i}" for i in range(200)) + "\n")
            for day in range(600):
                date = f"{2000 + day // 336}-{day // 28 % 12 + 1:02}-{day % 28 + 1:02}"
                f.write(date + "," + ",".join(str(1 + (day * i) % 50) for i in range(200)) + "\n")
        self.add()
        self.program("dum-import", path)
        self.add()
        self.ship()
        found = self.read()
        self.assertEqual(self.shipped(), self.journal())
        for s in found[:-1]:
            self.assertEqual(s.whole, len(s.entries))
        batches = [{e["batch"] for e in s.entries} for s in found]
        for a, b in zip(batches, batches[1:]):
            self.assertFalse(a & b)

    def test_old_segments_are_sealed(self):
        env = {"TZ": "UTC", "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
        self.add()
        self.backup("ship", wrap=("faketime", "-f", "-26h"), env=env)
        self.assertEqual(self.ship()["sealed"], 1)
        self.assertEqual(len(self.files(".log")), 1)

    def test_two_at_once_ship_each_entry_once(self):
        results = []

        def run():
            done = subprocess.run([os.path.join(BIN, "dum-backup"), "--config", self.config,
                                   "ship", "--json"], capture_output=True, check=False)
            results.append((done.returncode, done.stdout))

        for _ in range(4):
            self.add(2)
            threads = [threading.Thread(target=run) for _ in range(4)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
        self.assertEqual({code for code, _ in results}, {0})
        self.assertEqual(sum(json.loads(out)["entries"] for _, out in results),
                         len(self.journal()))
        self.assertEqual(self.shipped(), self.journal())

    def test_histories_do_not_mix(self):
        name = self.create()
        self.add(3)
        self.ship()
        self.backup("restore", name, "--confirm")
        self.add(2)
        self.ship()
        self.backup("restore", name, "--confirm", "--whole")
        self.add(2)
        self.ship()
        found = self.read()
        self.assertEqual([s.timeline for s in found], [1, 2, 3])
        # The journal went back, and its entries have the ids of others.
        self.assertLess(found[2].first, found[1].last)
        self.assertEqual([e["op"] for s in found[1:] for e in s.entries[:1]],
                         ["restore", "restore"])
        self.assertEqual(
            [tuple(e[f] for f in segments.FIELDS) for e in found[2].entries],
            [row for row in self.journal() if row[2] == 3])
        self.backup("verify", "--all")
        self.program("dum-verify")

    def test_a_database_put_back_by_hand_is_not_shipped(self):
        self.add()
        old = {end: self.path("old" + end) for end in ("", "-wal")}
        for end, path in old.items():
            shutil.copy(self.database + end, path)
        self.add(2)
        self.ship()
        for end, path in old.items():
            shutil.copy(path, self.database + end)
        os.unlink(self.database + "-shm")
        self.add()
        done = self.backup("ship", status=1)
        self.assertIn(b"replaced by something else", done.stderr)
        # What it says to do about it helps.
        self.backup("restore", self.create(), "--confirm")
        self.ship()
        self.assertEqual([s.timeline for s in self.read()], [1, 2])


class Verify(SegmentCase):
    def setUp(self):
        super().setUp()
        self.create()
        for _ in range(3):
            self.add(3)
            self.ship("--seal")
        self.add(2)
        self.ship()

    def test_all_is_well(self):
        out = self.backup("verify", "--all").stdout.decode()
        self.assertEqual(out.count("journal/"), 4)
        self.assertIn(b"4 segments with 12 entries", self.program("dum-verify").stdout)
        listed = json.loads(self.backup("list", "--journal", "--json").stdout)
        self.assertEqual([(s["first_id"], s["last_id"]) for s in listed],
                         [(1, 4), (5, 7), (8, 10), (11, None)])
        self.assertIn(b"and 4 segments of the journal", self.backup("list").stdout)

    def test_a_bit_that_turned_is_found(self):
        rand = random.Random(3)
        for name in self.files():
            path = os.path.join(self.folder, name)
            with open(path, "rb") as f:
                data = f.read()
            for _ in range(6):
                bit = rand.randrange(len(data) * 8)
                broken = bytearray(data)
                broken[bit // 8] ^= 1 << bit % 8
                with open(path, "wb") as f:
                    f.write(broken)
                done = subprocess.run(
                    [os.path.join(BIN, "dum-backup"), "--config", self.config, "verify",
                     "--all"], capture_output=True, check=False)
                self.assertIn(done.returncode, (4, 5), (name, bit, done.stderr))
            with open(path, "wb") as f:
                f.write(data[:rand.randrange(len(data) - 40)])
            self.assertIn(b"PROBLEM  segments", self.failing("dum-verify"))
            with open(path, "wb") as f:
                f.write(data)
        self.backup("verify", "--all")

    def failing(self, name):
        done = subprocess.run([os.path.join(BIN, name), "--config", self.config],
                              capture_output=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        return done.stdout

    def test_one_that_is_missing_is_told(self):
        os.unlink(os.path.join(self.folder, self.files(".log")[1]))
        done = self.backup("verify", "--all", status=4)
        self.assertIn(b"missing or was replaced", done.stderr)

    def test_a_gap_behind_a_backup_is_told(self):
        os.unlink(os.path.join(self.folder, self.files(".log")[0]))
        done = self.backup("verify", "--all", status=4)
        self.assertIn(b"are in no segment", done.stderr)

    def test_another_seal_is_told(self):
        with open(self.path("secret.key"), "w", encoding="ascii") as f:
            f.write("ab" * 32 + "\n")
        done = self.backup("verify", "--all", status=4)
        self.assertIn(b"SECRET_KEY_FILE", done.stderr)


class Prune(SegmentCase):
    env = {"TZ": "UTC", "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}

    def test_segments_go_behind_the_oldest_backup(self):
        self.add(2)
        self.ship("--seal")
        self.assertEqual(self.backup("prune").stdout, b"nothing to remove\n")
        first = self.create()
        self.add(2)
        self.ship("--seal")
        self.add(1)
        self.ship("--seal")
        out = self.backup("prune", "--dry-run").stdout
        self.assertEqual(out.count(b"would remove journal/"), 1)
        self.assertEqual(len(self.files()), 3)
        self.backup("prune")
        self.assertEqual(len(self.files()), 2)
        self.backup("verify", "--all")
        # The way from the backup to each later instant is still there.
        self.backup("restore", first, "--to", self.path("first.db"))
        self.assertEqual(len(self.content(self.path("first.db"))["locations"]),
                         len(self.content()["locations"]) - 3)

    def test_entries_leave_the_database_when_they_are_in_sealed_segments(self):
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("JOURNAL_RETENTION_DAYS=30\n")
        # A database whose whole history is old.
        for name in ("", "-wal", "-shm", "-lock"):
            if os.path.exists(self.database + name):
                os.unlink(self.database + name)
        os.unlink(self.path("secret.key"))
        self.program("dum-admin", "init", wrap=("faketime", "-f", "-90d"), env=self.env)
        for i in range(6):
            self.program("dum-admin", "location", "add", f"p{i}",
                         wrap=("faketime", "-f", f"-{85 - 10 * i}d"), env=self.env)
        self.ship("--seal")
        self.add()
        self.ship()
        before = self.shipped()
        out = self.backup("prune", "--dry-run").stdout
        self.assertIn(b"would remove 7 entries", out)
        self.backup("prune")
        self.assertEqual(self.query("SELECT min(id) FROM journal"), [(8,)])
        self.assertIn(b"sound", self.program("dum-admin", "audit", "verify").stdout)
        self.assertEqual(self.shipped(), before)
        self.add()
        self.ship()
        self.assertEqual(len(self.shipped()), len(before) + 2)
        self.backup("verify", "--all", status=1)    # no backup yet
        self.assertEqual(len(self.files()), 2)
        # Now nothing needs the old segment any more, and create lets it go.
        self.create()
        self.assertEqual(len(self.files()), 1)
        self.backup("verify", "--all")


if __name__ == "__main__":
    unittest.main(verbosity=1)
