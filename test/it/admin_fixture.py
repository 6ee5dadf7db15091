"""What the tests of dum-admin share: an installation in a folder of its own."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.abspath(os.environ.get("BIN", os.path.join(ROOT, "build/release/bin")))
PASSWORD = "correct horse battery staple"


class AdminCase(unittest.TestCase):
    """Each test has a folder with settings; `self.init()` fills it."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="dum-admin-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.config = self.path("dum.conf")
        self.database = self.path("state", "data_usage.db")
        self.settings()

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def settings(self, *lines):
        with open(self.config, "w", encoding="utf-8") as f:
            f.write("DATABASE_PATH=state/data_usage.db\n"
                    "SECRET_KEY_FILE=state/secret.key\n"
                    "DATABASE_BACKUP_DIR=state/backups\n"
                    "AUDIT_ANCHOR_FILE=state/anchors.log\n"
                    f"TOOLS_DIR={BIN}\n"
                    "TIMEZONE=UTC\n")
            f.writelines(line + "\n" for line in lines)

    def environment(self, **more):
        env = {k: v for k, v in os.environ.items() if not k.startswith("DUM_")}
        env["DUM_CONFIG"] = self.config
        return {**env, **more}

    def run_program(self, name, *args, data=None, status=0, **env):
        """Run a program to its end; its result, with texts."""
        done = subprocess.run([os.path.join(BIN, name), *args],
                              input=data if data is not None else "",
                              capture_output=True, text=True, check=False,
                              cwd=self.dir, env=self.environment(**env))
        self.assertEqual(done.returncode, status,
                         (args, done.stdout, done.stderr))
        return done

    def admin(self, *args, **more):
        return self.run_program("dum-admin", *args, **more)

    def json(self, *args, **more):
        return json.loads(self.admin(*args, "--json", **more).stdout)

    def refused(self, says, *args, status=2, **more):
        """It fails, says why on stderr and nothing on stdout."""
        done = self.admin(*args, status=status, **more)
        self.assertIn(says, done.stderr, args)
        self.assertEqual(done.stdout, "", args)
        return done

    def init(self):
        self.admin("init")

    def add_user(self, name, role="viewer", *more):
        return self.json("user", "add", name, "--role", role, *more,
                         data=PASSWORD + "\n")

    @contextlib.contextmanager
    def open_database(self, mode="ro"):
        """The database by Python's sqlite3, which must not checkpoint."""
        db = sqlite3.connect("file:%s?mode=%s" % (self.database, mode), uri=True,
                             isolation_level=None, timeout=20)
        try:
            if mode == "rw":
                db.execute("PRAGMA wal_autocheckpoint = 0")
            yield db
        finally:
            db.close()

    def query(self, sql, *args):
        with self.open_database() as db:
            return db.execute(sql, args).fetchall()

    def tables(self):
        """All rows of all tables of data, to see that nothing changed."""
        names = [n for n, in self.query("SELECT name FROM sqlite_schema"
                                        " WHERE type = 'table' ORDER BY name")]
        return {n: self.query("SELECT * FROM %s ORDER BY 1, 2" % n)
                for n in names if not n.startswith("sqlite_")}
