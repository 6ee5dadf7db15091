"""dum-backup ship killed at its writes, flushes and renames, one after the other
(see test_backup_kill.py), while it appends, begins a segment or seals one: no
entry is lost, none is shipped twice, and the next run goes on as if nothing had
been. Also with a disk that is full.

Shown to fail: with the final name in place of the partial one in make_file() of
lib/backup/segment_writer.c, and with segment_seal() of lib/backup/
segment_seal.c removing the open one before the sealed one is published.
"""

import os
import pathlib
import resource
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "it")]
import segments  # noqa: E402
from backup_case import BIN, KEY  # noqa: E402
from test_backup_kill import Killed  # noqa: E402


class Ship(Killed):
    rows = 50

    def setUp(self):
        super().setUp()
        self.folder = os.path.join(self.backups, "journal")
        self.number = 0

    def add(self, count):
        for _ in range(count):
            self.number += 1
            self.program("dum-admin", "location", "add", f"added-{self.number}")

    def shipped(self):
        found = segments.read_all(self.folder, bytes.fromhex(KEY),
                                  segments.secret_of(self.path("secret.key")))
        return [tuple(e[f] for f in segments.FIELDS) for s in found for e in s.entries]

    def journal(self):
        return self.query("SELECT id, at, timeline, batch, actor, address, source,"
                          " request_id, op, tbl, pk, before, after, prev, key_id, mac"
                          " FROM journal ORDER BY id")

    def left(self):
        return [n for n in os.listdir(self.folder) if n.endswith(".partial")]

    def sweep(self, *args, fresh=False):
        self.add(2)
        self.backup("ship", *args)
        self.add(2)
        if "--seal" in args:
            self.backup("ship", *args[1:])
        points = self.points(6, "ship", *args)
        died = 0
        for point in points:
            with self.subTest(point):
                if fresh and os.path.isdir(self.folder):
                    for name in os.listdir(self.folder):
                        os.unlink(os.path.join(self.folder, name))
                self.add(1)
                if "--seal" in args:
                    self.backup("ship", *args[1:])
                before = self.shipped() if os.path.isdir(self.folder) else []
                died += self.kill_at(point, "ship", *args)
                # What was there is there, and what came is of the journal.
                if os.path.isdir(self.folder):
                    now = self.shipped_as_far_as_whole()
                    self.assertEqual(now[:len(before)], before)
                    self.assertEqual(now, self.journal()[:len(now)])
                self.backup("ship", *args)
                self.assertEqual(self.shipped(), self.journal())
                self.assertEqual(self.left(), [])
        self.assertGreater(died, len(points) * 0.7)
        self.backup("verify", "--all", "--key-file", self.key, status=1)  # no backup

    def shipped_as_far_as_whole(self):
        """A segment that was just sealed may be there twice, open and sealed."""
        sealed = {n.split("-")[0] for n in os.listdir(self.folder) if n.endswith(".log")}
        for name in os.listdir(self.folder):
            if name.endswith(".open") and name.removesuffix(".log.open") in sealed:
                os.rename(os.path.join(self.folder, name), self.path("aside"))
                try:
                    return self.shipped()
                finally:
                    os.rename(self.path("aside"), os.path.join(self.folder, name))
        return self.shipped()

    def test_appending(self):
        self.sweep()

    def test_appending_encrypted(self):
        self.sweep("--key-file", self.key)

    def test_beginning(self):
        self.sweep(fresh=True)

    def test_sealing(self):
        self.sweep("--seal", "--key-file", self.key)

    def test_a_full_disk_leaves_what_was_there(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, size + 100))
        self.add(3)
        self.backup("ship")
        name = [n for n in os.listdir(self.folder) if n.endswith(".open")][0]
        size = os.path.getsize(os.path.join(self.folder, name))
        before = self.shipped()
        self.add(5)
        done = subprocess.run(
            [os.path.join(BIN, "dum-backup"), "--config", self.config, "ship"],
            capture_output=True, check=False, preexec_fn=limit)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"File too large", done.stderr)
        self.assertEqual(self.shipped(), before)
        self.backup("ship")
        self.assertEqual(self.shipped(), self.journal())

    def test_a_disk_that_fails_loses_nothing(self):
        self.add(2)
        self.backup("ship")
        for call, error in (("write", "EIO"), ("write", "ENOSPC"), ("fsync", "EIO"),
                            ("renameat", "EIO")):
            with self.subTest(call):
                self.add(1)
                done = self.traced(["-o", "/dev/null", "-e", f"trace={call}",
                                    "-e", f"inject={call}:error={error}:when=1+"],
                                   "ship", "--seal")
                self.assertNotEqual(done.returncode, 0, (call, done.stderr))
                self.backup("ship")
                self.assertEqual(self.shipped(), self.journal())


if __name__ == "__main__":
    unittest.main(verbosity=1)
