"""dum-backup sync killed at its writes, flushes and renames, one after the other
(see test_backup_kill.py): whatever moment ends it, what has a final name there is
whole, a manifest is of what lies beside it, and the next run makes it good. By way
of rclone it is killed at moments of chance.

Shown to fail: with the final name in place of the partial one in remote_put() of
lib/backup/remote.c, and with the manifest before the backup in copy_parts() of
lib/backup/offsite_plan.c.
"""

import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "it")]
from backup_case import BIN  # noqa: E402
from form import LONG  # noqa: E402
from test_backup_kill import Killed  # noqa: E402

SENTINEL = "data-usage-monitor-copies"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class SyncKilled(Killed):
    rows = 800

    def setUp(self):
        super().setUp()
        self.place = pathlib.Path(self.path("usb"))
        self.set_target(self.place)
        self.versions = {}      # of each file that was ever here: its hashes

    def set_target(self, target, *more):
        with open(self.config, "a", encoding="utf-8") as f:
            f.writelines(f"{line}\n" for line in (f"SYNC_TARGET={target}", *more))

    def sync(self):
        return json.loads(self.backup("sync", "--json").stdout)

    def remember(self):
        here = pathlib.Path(self.backups)
        for path in here.rglob("*"):
            name = str(path.relative_to(here))
            if path.is_file() and not name.startswith("offsite"):
                self.versions.setdefault(name, set()).add(sha256(path))

    def there(self):
        return {str(p.relative_to(self.place)): p for p in self.place.rglob("*")
                if p.is_file() and p.name != SENTINEL}

    def check_there(self, rekeyed=False):
        """What can be seen is whole: one of the versions that there were here."""
        found = self.there()
        for name, path in found.items():
            if not name.endswith(".partial") and name != "pruned.json":
                self.assertIn(sha256(path), self.versions[name], name)
        for name, path in found.items():
            if not name.startswith("journal/") and name.endswith(".db.gz.enc.json"):
                stored = json.loads(path.read_text())["stored"]
                backup = name.removesuffix(".json")
                self.assertIn(backup, found, name)
                if not rekeyed:
                    self.assertEqual(sha256(found[backup]), stored["sha256"])

    def check_synced(self):
        self.sync()
        there = {n: sha256(p) for n, p in self.there().items()}
        here = pathlib.Path(self.backups)
        wanted = {n: sha256(here / n) for n in self.versions if (here / n).exists() and
                  (n.startswith("data_usage") or n.startswith("journal/journal"))}
        there.pop("pruned.json", None)
        self.assertEqual(there, wanted)
        self.assertEqual(self.sync()["copied"], 0)


class Folder(SyncKilled):
    def test_a_first_copy_is_whole_or_not_there(self):
        self.backup("sync", "--prepare")
        for _ in range(2):
            self.create("--with-config", "--key-file", self.key)
        self.backup("ship", "--key-file", self.key)
        self.remember()
        points = self.points(7, "sync")
        died = 0
        for point in points:
            with self.subTest(point):
                for path in self.there().values():
                    path.unlink()
                if random.random() < 0.5:
                    shutil.rmtree(self.path("backups/offsite"))
                died += self.kill_at(point, "sync")
                self.check_there()
                self.check_synced()
        self.assertGreater(died, len(points) * 0.7)

    def test_a_change_leaves_the_old_or_the_new(self):
        self.backup("sync", "--prepare")
        other = pathlib.Path(self.path("other.key"))
        other.write_text("ef" * 32 + "\n")
        other.chmod(0o600)
        keys = [self.key, str(other)]
        name = self.create("--with-config", "--key-file", self.key)
        self.backup("ship", "--key-file", self.key)
        self.remember()
        self.sync()
        self.change_all(name, keys)
        points = self.points(6, "sync")
        died = 0
        for point in points:
            with self.subTest(point):
                self.change_all(name, keys)
                died += self.kill_at(point, "sync")
                self.check_there(rekeyed=True)
                self.check_synced()
        self.assertGreater(died, len(points) * 0.7)

    def change_all(self, name, keys):
        """Another key, a longer journal, a backup more and one that goes."""
        self.backup("rekey", name, "--key-file", keys[0], "--new-key-file", keys[1])
        self.program("dum-admin", "location", "add", f"added-{random.getrandbits(40):x}")
        self.backup("ship", "--key-file", self.key)
        keys.reverse()
        self.remember()


@unittest.skipUnless(shutil.which("rclone"), "scripts/deps --test installs rclone")
class Rclone(SyncKilled):
    def test_by_way_of_rclone_nothing_half_done_is_shown_either(self):
        self.place.mkdir()
        remotes = pathlib.Path(self.path("rclone.conf"))
        remotes.write_text(f"[far]\ntype = alias\nremote = {self.place}\n")
        remotes.chmod(0o600)
        self.set_target("far:", f"SYNC_RCLONE_CONFIG={remotes}")
        self.create("--with-config", "--key-file", self.key)
        self.remember()
        began = time.monotonic()
        self.sync()
        took = time.monotonic() - began
        rng = random.Random(7)
        for _ in range(30 if LONG else 4):
            for path in self.there().values():
                path.unlink()
            run = subprocess.Popen(
                [os.path.join(BIN, "dum-backup"), "--config", self.config, "sync"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0.2, 0.95) * took)
            run.kill()
            run.wait()
            self.check_there()
        self.check_synced()


if __name__ == "__main__":
    unittest.main(verbosity=1)
