"""A thousand single bits turned, a thousand cuts, chunks that were exchanged or
appended: of a plain and of an encrypted backup, and none restores.

This runs the real program on each; in short on an even part of them, with
DUM_LONG=1 on all. test/unit/test_backup_damage.c holds the look that a restore
begins with against a thousand of each every time.

Shown to fail: without the comparisons of hashes in check_stored() and
check_image() of lib/backup/verify.c, bits that are turned in unused room of a
backup that is not packed restore. Exchanged chunks are found twice, by the
number in their nonce and by the hashes; test/unit/test_container.c shows the
first alone, and the bounds of what a key may cost.
"""

import hashlib
import os
import pathlib
import random
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "it")]
from backup_case import BIN, BackupCase  # noqa: E402
from form import LONG  # noqa: E402

ROUNDS = 1000 if LONG else 50
DAMAGED, TRUNCATED, WRONG_KEY = 4, 5, 3
# docs/backup-format.md: the header, and a chunk with its tag.
HEADER, CHUNK = 164, 65536 + 16


class Plain(BackupCase):
    rows = 2000
    encrypted = False

    def setUp(self):
        super().setUp()
        self.more = ("--key-file", self.key) if self.encrypted else ()
        self.name = self.create(*self.more)
        with open(os.path.join(self.backups, self.name), "rb") as f:
            self.good = f.read()
        with open(os.path.join(self.backups, self.name + ".json"), "rb") as f:
            self.manifest_text = f.read()
        self.copy = self.path("copy")
        os.mkdir(self.copy)
        self.change("UPDATE daily_usage SET usage_bytes = usage_bytes + 1")
        self.before = self.digest()

    def digest(self):
        """The database and its log, to the byte; and which backups there are."""
        out = [sorted(os.listdir(self.backups))]
        for end in ("", "-wal"):
            with open(self.database + end, "rb") as f:
                out.append(hashlib.sha256(f.read()).hexdigest())
        return out

    def restore(self, data, *more):
        """The exit status of restoring a backup of these bytes."""
        path = os.path.join(self.copy, self.name)
        for name, content in ((path, data), (path + ".json", self.manifest_text)):
            with open(name, "wb") as f:
                f.write(content)
        done = subprocess.run(
            [os.path.join(BIN, "dum-backup"), "--config", self.config, "restore", path,
             "--confirm", *more], capture_output=True, check=False)
        if done.returncode != 0:
            self.assertTrue(done.stderr.startswith(b"dum-backup: "), done)
        return done.returncode

    def assert_refused(self, cases, statuses):
        """[(what, bytes)]: none of them restores; how many there were."""
        count = 0
        for what, data in cases:
            self.assertIn(self.restore(data, *self.more), statuses, what)
            count += 1
        self.assertEqual(self.digest(), self.before)
        # The good one would have.
        self.assertEqual(self.restore(self.good, *self.more), 0)
        self.assertNotEqual(self.digest(), self.before)
        print(f"# {count} damaged ones of {len(self.good)} bytes")

    def flipped(self):
        rand = random.Random(11)
        for _ in range(ROUNDS):
            bit = rand.randrange(len(self.good) * 8)
            data = bytearray(self.good)
            data[bit // 8] ^= 1 << bit % 8
            yield f"bit {bit}", bytes(data)

    def cut(self):
        rand = random.Random(12)
        for _ in range(ROUNDS):
            length = rand.randrange(len(self.good))
            yield f"{length} bytes", self.good[:length]

    def test_no_turned_bit_restores(self):
        # One in the header may make another key of it.
        self.assert_refused(self.flipped(), (DAMAGED, TRUNCATED, WRONG_KEY)
                            if self.encrypted else (DAMAGED, TRUNCATED))

    def test_no_cut_restores(self):
        self.assert_refused(self.cut(), (TRUNCATED,))

    def test_nothing_that_was_added_restores(self):
        self.assert_refused(
            [("a byte", self.good + b"\0"), ("itself", self.good + self.good),
             ("its end once more", self.good + self.good[-1000:])],
            (DAMAGED, TRUNCATED))


class Unpacked(Plain):
    settings = "BACKUP_COMPRESSION=false\n"


class Encrypted(Plain):
    encrypted = True

    def test_no_other_key_opens_it(self):
        other = self.path("other.key")
        with open(other, "w", encoding="ascii") as f:
            f.write("ff" * 32)
        os.chmod(other, 0o600)
        for more in (("--key-file", other), ()):
            self.assertEqual(self.restore(self.good, *more), WRONG_KEY)
        self.assertEqual(self.digest(), self.before)


class Chunks(Plain):
    """An encrypted one of several chunks, and not packed: a long one at once."""

    rows = 6000
    settings = "BACKUP_COMPRESSION=false\n"
    encrypted = True
    test_no_turned_bit_restores = None
    test_nothing_that_was_added_restores = None

    def chunks(self):
        """The header, and each chunk with its tag."""
        body = self.good[HEADER:]
        chunks = [body[i:i + CHUNK] for i in range(0, len(body), CHUNK)]
        self.assertGreater(len(chunks), 4)
        return self.good[:HEADER], chunks

    def test_no_cut_restores(self):
        """At each end of a chunk, a byte before it and a byte after it."""
        ends = range(HEADER, len(self.good), CHUNK)
        self.assert_refused(
            [(f"{end + more} bytes", self.good[:end + more])
             for end in ends for more in (-1, 0, 1)], (TRUNCATED,))

    def test_no_exchanged_chunk_restores(self):
        head, chunks = self.chunks()

        def built(order):
            return head + b"".join(chunks[i] for i in order)

        whole = list(range(len(chunks)))
        self.assertEqual(built(whole), self.good)
        cases = []
        for i in range(len(chunks) - 1):
            swapped = whole[:]
            swapped[i], swapped[i + 1] = i + 1, i
            cases += [(f"{i} and the next exchanged", built(swapped)),
                      (f"{i} twice", built([*whole[:i], i, *whole[i:]])),
                      (f"without {i}", built([*whole[:i], *whole[i + 1:]]))]
        self.assert_refused(cases, (DAMAGED, TRUNCATED))


if __name__ == "__main__":
    unittest.main(verbosity=1)
