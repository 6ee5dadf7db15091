"""What the tests of dum-backup share: an installation of their own."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.abspath(os.environ.get("BIN", os.path.join(ROOT, "build/release/bin")))
KEY = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef"
DATA_TABLES = ["locations", "daily_usage", "monthly_summaries",
               "cycle_settings", "imports"]


class BackupCase(unittest.TestCase):
    rows = 2000         # of daily use
    settings = ""       # more lines for the settings

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="dum-backup-")
        self.addCleanup(shutil.rmtree, self.dir, True)
        self.backups = self.path("backups")
        self.database = self.path("data_usage.db")
        self.config = self.path("dum.conf")
        self.key = self.path("backup.key")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(f"DATABASE_PATH={self.database}\n"
                    f"SECRET_KEY_FILE={self.path('secret.key')}\n"
                    f"AUDIT_ANCHOR_FILE={self.path('anchors.log')}\n"
                    f"DATABASE_BACKUP_DIR={self.backups}\nTIMEZONE=UTC\n"
                    f"TOOLS_DIR={BIN}\n"
                    + self.settings)
        with open(self.key, "w", encoding="ascii") as f:
            f.write(KEY + "\n")
        os.chmod(self.key, 0o600)
        self.program("dum-admin", "init")
        self.fill(self.rows)

    def path(self, name):
        return os.path.join(self.dir, name)

    def program(self, name, *args, status=0, data=None, wrap=(), env=None):
        """Run a program; its result."""
        command = [*wrap, os.path.join(BIN, name), "--config", self.config, *args]
        done = subprocess.run(
            command, input=data, capture_output=True, check=False,
            env={**{k: v for k, v in os.environ.items() if not k.startswith("DUM_")},
                 **(env or {})})
        if status is not None:
            self.assertEqual(done.returncode, status,
                             (command, done.stdout[-2000:], done.stderr[-2000:]))
        return done

    def backup(self, *args, **more):
        return self.program("dum-backup", *args, **more)

    def create(self, *args, **more):
        """Make a backup; its name."""
        done = self.backup("create", "--json", *args, **more)
        return json.loads(done.stdout)["file"]

    def listed(self, status=0):
        return json.loads(self.backup("list", "--json", status=status).stdout)

    def manifest(self, name):
        with open(os.path.join(self.backups, name + ".json"), encoding="utf-8") as f:
            return json.load(f)

    def connect(self):
        """A handle past the product's own code; it never checkpoints."""
        db = sqlite3.connect(self.database, isolation_level=None, timeout=20)
        db.execute("PRAGMA wal_autocheckpoint = 0")
        return db

    def change(self, *statements):
        db = self.connect()
        db.execute("BEGIN IMMEDIATE")
        for sql in statements:
            db.execute(sql)
        db.execute("COMMIT")
        # Python's close would checkpoint; a process that ends does not.
        self.addCleanup(db.close)

    def fill(self, rows):
        """Some locations and their days, kept in step with the counters."""
        places = max(1, min(20, rows // 50))
        self.change(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            f" WHERE i < {places})"
            " INSERT INTO locations (name, display_name)"
            " SELECT 'place_' || i, 'Place ' || i FROM n",
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
            f" WHERE i < {rows} - 1)"
            " INSERT INTO daily_usage (date, location_id, usage_bytes)"
            f" SELECT date('2020-01-01', (i / {places}) || ' days'),"
            f" 1 + i % {places}, i * 7919 FROM n",
            "DELETE FROM location_records",
            "INSERT INTO location_records SELECT location_id, count(*)"
            " FROM daily_usage GROUP BY location_id",
            f"UPDATE counters SET value = {places} WHERE name = 'locations'")

    def query(self, sql, database=None):
        db = sqlite3.connect("file:%s?mode=ro" % (database or self.database), uri=True)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def content(self, database=None, tables=None):
        """All rows of the tables of data."""
        return {t: self.query(f"SELECT * FROM {t} ORDER BY id", database)
                for t in tables or DATA_TABLES}

    def unpacked(self, name, *args):
        """A backup as a plain database; its path."""
        path = self.path("unpacked.db")
        with open(path, "wb") as f:
            f.write(self.backup("cat", name, *args).stdout)
        return path

    def integrity(self, database=None):
        return self.query("PRAGMA integrity_check", database)[0][0]


def content_hash(path, table):
    """The hash of a table as docs/backup-format.md describes it."""
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    info = db.execute(f"PRAGMA table_info({table})").fetchall()
    columns = ", ".join('"%s"' % row[1] for row in info)
    keys = ", ".join('"%s"' % row[1] for row in info if row[5] > 0)
    digest = hashlib.sha256()
    rows = 0
    for row in db.execute(f"SELECT {columns} FROM {table} ORDER BY {keys}"):
        rows += 1
        for value in row:
            if value is None:
                digest.update(b"n")
            elif isinstance(value, int):
                digest.update(b"i" + (value % 2**64).to_bytes(8, "big"))
            elif isinstance(value, str):
                data = value.encode()
                digest.update(b"t" + len(data).to_bytes(4, "big") + data)
            else:
                digest.update(b"b" + len(value).to_bytes(4, "big") + value)
    db.close()
    return rows, digest.hexdigest()
