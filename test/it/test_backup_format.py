"""The form of a backup is what docs/backup-format.md says: a reader written from
that page reads what we write, and we read what a writer of that kind writes."""

import gzip
import os
import re
import unittest

import container
from backup_case import KEY, ROOT, BackupCase

PLAIN = b"Hello, backup.\n"
PHRASE = "größe".encode()
NAME = "data_usage_backup_20261102_140000.db.enc"


def vectors():
    with open(os.path.join(ROOT, "docs/backup-format.md"), encoding="utf-8") as f:
        text = f.read().split("## Test vectors")[1]
    return [bytes.fromhex(block) for block in re.findall(r"```\n([0-9a-f\n]+)```", text)]


class Reader(unittest.TestCase):
    def test_it_agrees_with_the_vectors_of_the_rfcs(self):
        tag = container.argon2id(b"\1" * 32, b"\2" * 16, 3, 32, 4, 32, b"\3" * 8, b"\4" * 12)
        self.assertEqual(tag.hex(), "0d640df58d78766c08c037a34a8b53c9"
                                    "d01ef0452d75b65eb52520e96b01e659")
        sealed = container.seal(
            bytes(range(0x80, 0xa0)), bytes.fromhex("070000004041424344454647"),
            b"Ladies and Gentlemen of the class of '99: If I could offer you only one"
            b" tip for the future, sunscreen would be it.",
            bytes.fromhex("50515253c0c1c2c3c4c5c6c7"))
        self.assertEqual(sealed[-16:].hex(), "1ae10b594f09e26a7e902ecbd0600691")

    def test_it_opens_the_vectors_of_the_page(self):
        by_key, by_phrase = vectors()
        self.assertEqual(container.read(by_key, key=bytes.fromhex(KEY)), PLAIN)
        self.assertEqual(container.read(by_phrase, passphrase=PHRASE), PLAIN)
        with self.assertRaises(container.Broken):
            container.read(by_phrase, passphrase=b"else")


class Ours(BackupCase):
    rows = 1000

    def put(self, data):
        os.makedirs(self.backups, exist_ok=True)
        with open(os.path.join(self.backups, NAME), "wb") as f:
            f.write(data)

    def cat(self, *args, **more):
        return self.backup("cat", NAME, *args, **more).stdout

    def test_our_reader_opens_the_vectors_too(self):
        by_key, by_phrase = vectors()
        self.put(by_key)
        self.assertEqual(self.cat("--key-file", self.key), PLAIN)
        self.put(by_phrase)
        self.assertEqual(self.cat("--passphrase", data=PHRASE + b"\n"), PLAIN)
        self.cat("--passphrase", data=b"else\n", status=3)

    def test_several_chunks_of_another_writer_are_read(self):
        plain = bytes(i * 7 % 256 for i in range(container.CHUNK + 1000))
        for data in (plain, plain[:container.CHUNK], b""):
            self.put(container.write(data, os.urandom(32), os.urandom(32), os.urandom(7),
                                     os.urandom(16), key=bytes.fromhex(KEY)))
            self.assertEqual(self.cat("--key-file", self.key), data)

    def test_another_reader_reads_ours(self):
        name = self.create("--key-file", self.key)
        with open(os.path.join(self.backups, name), "rb") as f:
            stored = f.read()
        image = gzip.decompress(container.read(stored, key=bytes.fromhex(KEY)))
        self.assertEqual(image, self.backup("cat", name, "--key-file", self.key).stdout)
        backup = self.manifest(name)["backup"]
        self.assertEqual(stored[12:28].hex(), backup["database"]["id"])
        self.assertEqual(stored[28:44].hex(), backup["id"])


if __name__ == "__main__":
    unittest.main(verbosity=1)
