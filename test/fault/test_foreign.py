"""Databases that are not ours to open: newer, another program's, no database,
damaged. Every program says so in plain words and leaves them as they are.

Shown to fail: with check_identity() in lib/store/db.c answering DUM_OK to all,
the databases of other programs are taken for ours.
"""

import hashlib
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "it"))
from service import BIN, RUN, clean_environment, free_port  # noqa: E402

DAY = "Date,A\n2024-01-01,1\n"


class Refused(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="dum-foreign."))
        self.addCleanup(shutil.rmtree, self.home)
        self.config = self.home / "dum.conf"
        self.database = self.home / "data_usage.db"
        self.config.write_text(
            f"DATABASE_PATH={self.database}\n"
            f"SECRET_KEY_FILE={self.home}/secret.key\n"
            f"AUDIT_ANCHOR_FILE={self.home}/anchors.log\n"
            f"DATABASE_BACKUP_DIR={self.home}/backups\nTIMEZONE=UTC\n")
        for words in (["dum-admin", "init"], ["dum-import", "-"]):
            self.assertEqual(self.run_program(*words).returncode, 0)

    def run_program(self, name, *arguments):
        """Its result; what it reads is a day."""
        return subprocess.run(
            [BIN / name, "--config", self.config, *arguments], input=DAY,
            capture_output=True, text=True, check=False,
            env=clean_environment())

    def digest(self):
        """The file, and a log beside it that is not empty."""
        wal = pathlib.Path(f"{self.database}-wal")
        self.assertFalse(wal.exists() and wal.stat().st_size > 0)
        return hashlib.sha256(self.database.read_bytes()).hexdigest()

    def assert_refused(self, says, statuses=(1, 4)):
        before = self.digest()
        for name, words in (("dum-import", ["-"]), ("dum-admin", ["stats"]),
                            ("dum-admin", ["migrate"]), ("dum-admin", ["init"]),
                            ("dum-admin", ["location", "add", "x"]),
                            ("dum-admin", ["audit", "verify"])):
            done = self.run_program(name, *words)
            self.assertIn(done.returncode, statuses, (words, done))
            self.assertIn(str(self.database), done.stderr, (words, done))
            self.assertRegex(done.stderr, says)
        # And the service does not start on it.
        done = subprocess.run(
            [RUN, "--state", self.home, "--port", str(free_port())],
            capture_output=True, text=True, check=False,
            env=clean_environment(), timeout=120)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertRegex(done.stderr, says)
        self.assertEqual(self.digest(), before)

    def replace(self, content):
        for path in self.home.glob("data_usage.db*"):
            path.unlink()
        if isinstance(content, bytes):
            self.database.write_bytes(content)
            return
        db = sqlite3.connect(self.database)
        db.executescript(content)
        db.close()

    def test_a_newer_schema(self):
        # No program of ours runs on it now; closing it empties the log.
        db = sqlite3.connect(self.database)
        db.execute("PRAGMA user_version = 999")
        db.close()
        self.assert_refused("newer")

    def test_a_database_of_another_program(self):
        self.replace("CREATE TABLE letters (text); PRAGMA user_version = 3;")
        self.assert_refused("another program")

    def test_another_application_s_id(self):
        self.replace("CREATE TABLE locations (id); CREATE TABLE daily_usage"
                     " (id); PRAGMA application_id = 7; PRAGMA user_version"
                     " = 1;")
        self.assert_refused("another program")

    def test_a_file_that_is_no_database(self):
        for content in (b"Date,A\n2024-01-01,1\n" * 100, os.urandom(5000)):
            self.replace(content)
            self.assert_refused("not a database")

    def test_a_database_cut_short(self):
        """Its own, but half of it is gone."""
        # All in the one file: no program of ours runs on it now.
        db = sqlite3.connect(self.database)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        whole = self.database.read_bytes()
        self.replace(whole[:len(whole) // 2])
        before = self.digest()
        done = self.run_program("dum-import", "-")
        self.assertIn(done.returncode, (1, 4), done)
        self.assertIn("damaged", done.stderr)
        self.assertEqual(self.digest(), before)


if __name__ == "__main__":
    unittest.main(verbosity=1)
