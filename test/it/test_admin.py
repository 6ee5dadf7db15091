"""dum-admin as its users meet it: commands, options, errors, the settings, the
database's first day and its migrations. What the numbers should be is worked
out here by Python's own sqlite3."""

import fcntl
import hashlib
import json
import os
import pwd
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import threading
import time
import unittest

from admin_fixture import BIN, PASSWORD, ROOT, AdminCase

APPLICATION_ID = 0x44554D31


def commands():
    """(words, usage) of every command, as the help has them."""
    text = subprocess.run([os.path.join(BIN, "dum-admin"), "--help"],
                          capture_output=True, text=True, check=True).stdout
    part = text.split("Commands:\n")[1].split("\n\n")[0]
    for line in re.findall(r"^  (\S.*)$", part, re.M):
        words = line.split()
        plain = [w for w in words[:2] if re.fullmatch(r"[a-z][a-z-]*", w)]
        yield plain, line


class Help(AdminCase):
    # What has to be there before an example makes sense.
    NEEDS = {
        "location rename": ["branch_north"],
        "location activate": ["branch_north"],
        "location deactivate": ["branch_north"],
        "user role": ["alice", "branch_north"],
        "user disable": ["alice"], "user enable": ["alice"],
        "user passwd": ["alice"], "user totp-reset": ["alice"],
        "user delete": ["alice"],
        "key revoke": ["key"],
    }

    def prepare(self, name):
        if name == "init":
            return
        self.init()
        for need in self.NEEDS.get(name, []):
            if need == "alice":
                self.add_user("alice")
            elif need == "key":
                self.admin("key", "add", "old", "--scope", "read")
            else:
                self.admin("location", "add", need)

    def test_every_example_runs(self):
        env = self.environment(PATH=BIN + os.pathsep + os.environ["PATH"])
        seen = 0
        for words, _ in commands():
            with self.subTest(command=words):
                shutil.rmtree(self.path("state"), ignore_errors=True)
                self.prepare(" ".join(words))
                text = self.admin(*words, "--help").stdout
                example = re.search(r"Example:\n  (.*)\n", text).group(1)
                self.assertIn(" ".join(words), example)
                done = subprocess.run(
                    example, shell=True, input=PASSWORD + "\n", text=True,
                    capture_output=True, cwd=self.dir, env=env, check=False)
                self.assertEqual(done.returncode, 0, (example, done))
                seen += 1
        self.assertGreaterEqual(seen, 25)

    def test_help_of_a_command_names_its_options(self):
        for words, usage in commands():
            text = self.admin(*words, "--help").stdout
            self.assertIn("Usage: dum-admin " + usage, text)
            for option in re.findall(r"--[a-z-]+", usage):
                self.assertRegex(text, r"\n  %s\b" % option)

    def test_the_documents_name_commands_and_options_that_there_are(self):
        known = {" ".join(words): usage for words, usage in commands()}
        seen = 0
        for name in sorted(os.listdir(os.path.join(ROOT, "docs"))):
            if not name.endswith(".md"):
                continue
            with open(os.path.join(ROOT, "docs", name), encoding="utf-8") as f:
                text = f.read()
            for call in re.findall(r"(?:`|^    )dum-admin ((?!COMMAND)[^`\n]+)", text, re.M):
                words = call.split()
                if words[0].startswith("--"):
                    continue
                command = words[0] if words[0] in known else " ".join(words[:2])
                with self.subTest(document=name, call=call):
                    self.assertIn(command, known)
                    for option in re.findall(r"--[a-z-]+", call):
                        self.assertIn(option, known[command])
                    seen += 1
        self.assertGreater(seen, 10)

    def test_help_of_a_group_lists_its_commands_alone(self):
        text = self.admin("user", "--help").stdout
        self.assertIn("  user passwd NAME\n", text)
        self.assertNotIn("  key add", text)

    def test_version_names_the_engine(self):
        self.assertRegex(self.admin("--version").stdout,
                         r"^dum-admin \d+\.\d+\S* \(SQLite 3\.\d+\.\d+\)$")

    def test_an_answer_that_can_not_be_written_is_no_success(self):
        self.init()
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([os.path.join(BIN, "dum-admin"), "stats"],
                                  stdout=full, stderr=subprocess.PIPE, text=True,
                                  env=self.environment(), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("could not be written", done.stderr)


class WrongUse(AdminCase):
    def test_wrong_arguments_end_with_2_and_change_nothing(self):
        self.init()
        before = self.tables()
        for says, *args in (
                ("which command?",),
                ("there is no command 'lcoation'", "lcoation", "list"),
                ("there is no command 'location frobnicate'", "location", "frobnicate"),
                ("location --help", "location"),
                ("unrecognized option", "stats", "--frobnicate"),
                ("requires an argument", "location", "add", "a", "--display-name"),
                ("stats takes no --all", "stats", "--all"),
                ("list takes no --role", "user", "list", "--role", "admin"),
                ("usage: dum-admin stats", "stats", "now"),
                ("usage: dum-admin location add NAME", "location", "add"),
                ("usage: dum-admin location add NAME", "location", "add", "a", "b"),
                ("rename to what?", "location", "rename", "a"),
                ("stands more than once", "location", "add", "a",
                 "--display-name", "A", "--display-name", "B"),
                ("add needs --role ROLE", "user", "add", "alice"),
                ("'king' is no role", "user", "add", "alice", "--role", "king"),
                ("'king' is no role", "user", "role", "alice", "king"),
                ("usage: dum-admin user role NAME ROLE", "user", "role", "alice"),
                ("add needs --scope SCOPE", "key", "add", "k"),
                ("'fly' is no scope", "key", "add", "k", "--scope", "fly"),
                ("is no day", "key", "add", "k", "--scope", "read",
                 "--expires", "2027-02-30"),
                ("is over", "key", "add", "k", "--scope", "read",
                 "--expires", "2020-01-01"),
                ("prune needs --before DATE", "audit", "prune", "--keep", "f"),
                ("prune needs --keep FILE", "audit", "prune", "--before", "2020-01-01"),
                ("is no day", "audit", "prune", "--keep", "f", "--before", "soon"),
                ("--limit", "audit", "list", "--limit", "0"),
                ("--limit", "audit", "list", "--limit", "many"),
                ("anonymise needs --out FILE", "anonymise"),
        ):
            with self.subTest(args=args):
                self.refused(says, *args)
        self.assertEqual(self.tables(), before)

    def test_names_that_break_the_rules_are_refused(self):
        self.init()
        for name in ("", " a", "a\nb", "x" * 101, "a\x1b[31m", "\u202eabc"):
            self.refused("", "location", "add", name)
        for name in ("", "al ice", "-alice", "alice\n", "x" * 65, "älice"):
            self.refused("", "user", "add", "--role", "viewer", "--", name,
                         data=PASSWORD + "\n")
        self.assertEqual(self.query("SELECT count(*) FROM locations"), [(0,)])
        self.assertEqual(self.query("SELECT count(*) FROM users"), [(0,)])

    def test_what_is_not_there_ends_with_1(self):
        self.init()
        for args in (("location", "activate", "nowhere"),
                     ("location", "deactivate", "nowhere"),
                     ("location", "rename", "nowhere", "x"),
                     ("user", "role", "nobody", "admin"),
                     ("user", "disable", "nobody"),
                     ("user", "enable", "nobody"),
                     ("user", "passwd", "nobody"),
                     ("user", "totp-reset", "nobody"),
                     ("user", "delete", "nobody"),
                     ("user", "add", "a", "--role", "viewer", "--location", "nowhere"),
                     ("key", "add", "k", "--scope", "read", "--location", "nowhere"),
                     ("key", "revoke", "7"),
                     ("key", "revoke", "abcdefgh")):
            with self.subTest(args=args):
                self.refused("no", *args, status=1)

    def test_without_a_database_every_command_says_how_to_make_one(self):
        for args in (("stats",), ("migrate",), ("location", "list"),
                     ("user", "list"), ("key", "list"), ("audit", "verify"),
                     ("audit", "list"), ("audit", "anchor")):
            with self.subTest(args=args):
                self.refused("Bring it back from a backup with: dum-backup restore "
                             "FILE --confirm --whole, or begin anew with: dum-admin init", *args, status=1)
        self.assertFalse(os.path.exists(self.path("state")))

    def test_without_settings_it_says_how_to_name_them(self):
        os.remove(self.config)
        self.refused("No such file", "stats", status=1)
        env = {k: v for k, v in os.environ.items() if not k.startswith("DUM_")}
        if not os.path.exists("/etc/data-usage-monitor/dum.conf"):
            done = subprocess.run([os.path.join(BIN, "dum-admin"), "stats"],
                                  capture_output=True, text=True, env=env,
                                  check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("--config FILE or $DUM_CONFIG", done.stderr)


class Settings(AdminCase):
    def broken(self, line, *says):
        self.settings()
        with open(self.config, encoding="utf-8") as f:
            at = len(f.readlines()) + 1
        self.settings(line)
        error = self.refused("dum.conf:%d: " % at, "stats").stderr
        for text in says:
            self.assertIn(text, error)

    def test_a_misspelt_key_names_line_and_nearest_key(self):
        self.broken("BILING_CYCLE_DAY=13", "BILING_CYCLE_DAY",
                    "nearest known key is BILLING_CYCLE_DAY")
        self.broken("timezone=UTC", "nearest known key is TIMEZONE")
        self.broken("SESION_MAX_HOUR=3", "SESSION_MAX_HOURS")

    def test_a_value_out_of_range_names_what_is_allowed(self):
        self.broken("BILLING_CYCLE_DAY=32", "BILLING_CYCLE_DAY", "1 to 31")
        self.broken("BILLING_CYCLE_DAY=0", "1 to 31")
        self.broken("BILLING_CYCLE_DAY=1e1", "1 to 31")
        self.broken("LOG_LEVEL=LOUD", "DEBUG INFO WARNING ERROR")
        self.broken("REQUIRE_ADMIN_TOTP=maybe", "true", "false")
        self.broken("SQLITE_SYNCHRONOUS=OFF", "FULL EXTRA")

    def test_a_line_that_is_no_setting_is_named(self):
        self.broken("just words")

    def test_an_unknown_zone_is_refused(self):
        self.settings("TIMEZONE=Europe/Atlantis")
        self.refused("Europe/Atlantis", "stats")

    def test_the_environment_overrides_the_file_and_is_named(self):
        self.settings("BILLING_CYCLE_DAY=5")
        self.assertEqual(self.admin("config", "BILLING_CYCLE_DAY").stdout, "5\n")
        self.assertEqual(self.admin("config", "BILLING_CYCLE_DAY",
                                    BILLING_CYCLE_DAY="7").stdout, "7\n")
        self.refused("in the environment: BILLING_CYCLE_DAY", "config",
                     BILLING_CYCLE_DAY="99")

    def test_config_prints_what_it_would_read_again(self):
        self.settings("BILLING_CYCLE_DAY=9", "CORS_ORIGINS=https://a.example")
        text = self.admin("config").stdout
        before = self.json("config")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(text)
        self.assertEqual(self.json("config"), before)
        self.assertEqual(before["BILLING_CYCLE_DAY"], 9)
        self.assertIs(before["BACKUP_COMPRESSION"], True)
        self.assertEqual(before["DATABASE_PATH"], self.database)
        self.assertEqual(self.json("config", "CORS_ORIGINS"),
                         {"CORS_ORIGINS": "https://a.example"})

    def test_an_unknown_key_asked_for_names_the_nearest(self):
        self.refused("nearest known key is BILLING_CYCLE_DAY", "config",
                     "BILLING_DAY")


class Beginning(AdminCase):
    def test_init_makes_what_is_missing_closed_to_others(self):
        out = self.admin("init").stdout
        self.assertEqual(re.findall(r"^(\w+) +(\w+)", out, re.M), [
            ("made", "folder"), ("made", "folder"), ("made", "key"),
            ("made", "database")])
        for name, mode in (("state", 0o700), ("state/backups", 0o700),
                           ("state/secret.key", 0o600),
                           ("state/data_usage.db", 0o600)):
            self.assertEqual(os.stat(self.path(name)).st_mode & 0o777, mode, name)
        self.assertEqual(self.query("PRAGMA application_id"), [(APPLICATION_ID,)])
        self.assertEqual(self.query("PRAGMA integrity_check"), [("ok",)])

    def test_init_twice_keeps_everything(self):
        self.init()
        self.admin("location", "add", "a")
        with open(self.path("state/secret.key"), encoding="ascii") as f:
            key = f.read()
        before = self.tables()
        out = self.admin("init").stdout
        self.assertNotIn("made", out)
        self.assertEqual(self.tables(), before)
        with open(self.path("state/secret.key"), encoding="ascii") as f:
            self.assertEqual(f.read(), key)

    def test_eight_at_once_make_one(self):
        running = [subprocess.Popen([os.path.join(BIN, "dum-admin"), "init"],
                                    env=self.environment(),
                                    stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE)
                   for _ in range(8)]
        ends = [(p.communicate(), p.returncode) for p in running]
        self.assertTrue(all(rc in (0, 75) for _, rc in ends), ends)
        self.assertEqual(self.json("audit", "verify")["sound"], True)
        self.assertEqual(self.query("SELECT count(*) FROM journal"), [(1,)])

    def test_a_new_key_is_not_put_beside_an_old_database(self):
        self.init()
        os.remove(self.path("state/secret.key"))
        self.assertIn("put the key back", self.admin("init", status=1).stderr)
        self.assertFalse(os.path.exists(self.path("state/secret.key")))

    def test_a_key_that_others_can_read_is_refused(self):
        self.init()
        os.chmod(self.path("state/secret.key"), 0o644)
        self.refused("chmod 600", "location", "add", "a", status=1)


class Refusals(AdminCase):
    """Files that are not ours, or not for this program."""

    def digest(self):
        with open(self.database, "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()

    def every_command_refuses(self, status, *says):
        before = self.digest()
        for args in (("stats",), ("migrate",), ("init",), ("location", "list"),
                     ("location", "add", "x"), ("user", "list"),
                     ("audit", "verify")):
            with self.subTest(args=args):
                done = self.admin(*args, status=status)
                for text in says:
                    self.assertIn(text, done.stderr)
        self.assertEqual(self.digest(), before)

    def test_a_newer_schema_is_refused_in_plain_words(self):
        self.init()
        with self.open_database("rw") as db:
            db.execute("PRAGMA user_version = 99")
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")
        self.every_command_refuses(1, "schema version 99", "newer")

    def foreign(self, *sql):
        self.init()
        for name in os.listdir(self.path("state")):
            if name.startswith("data_usage.db"):
                os.remove(self.path("state", name))
        db = sqlite3.connect(self.database)
        for statement in sql:
            db.execute(statement)
        db.commit()
        db.close()

    def test_a_database_of_another_program_is_refused(self):
        self.foreign("CREATE TABLE t (a)", "PRAGMA application_id = 77")
        self.every_command_refuses(1, self.database)

    def test_a_database_without_an_id_is_refused(self):
        self.foreign("CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
        self.every_command_refuses(1, self.database)

    def test_a_file_that_is_no_database_is_refused_as_damaged(self):
        self.init()
        for name in os.listdir(self.path("state")):
            if name.startswith("data_usage.db"):
                os.remove(self.path("state", name))
        with open(self.database, "wb") as f:
            f.write(b"not a database\n" * 1000)
        self.every_command_refuses(4, "damaged or not a database")


class Busy(AdminCase):
    def test_a_lock_that_others_keep_ends_with_75(self):
        self.init()
        with self.open_database("rw") as db:
            db.execute("BEGIN IMMEDIATE")
            start = time.monotonic()
            self.refused("try again", "location", "add", "a", status=75,
                         SQLITE_BUSY_TIMEOUT="300")
            self.assertGreaterEqual(time.monotonic() - start, 0.25)
            self.admin("stats")
            db.execute("ROLLBACK")
        self.admin("location", "add", "a")

    def test_a_long_change_is_named_at_once(self):
        self.init()
        with open(self.database + "-lock", "r+b") as f:
            # The bytes of lib/store/writer_lock.c: writer, long change, name.
            f.seek(16)
            f.write(b"dum-import (process %d)\0" % os.getpid())
            f.flush()
            for byte in (1, 2):
                fcntl.fcntl(f, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, byte, 1, 0))
            self.refused("dum-import", "location", "add", "a", status=75,
                         SQLITE_BUSY_TIMEOUT="60000")
        self.admin("location", "add", "a")


class Stats(AdminCase):
    def load(self):
        self.init()
        self.run_program("dum-import", "--unit", "MB", "--max-daily-gb", "100000",
                         os.path.join(ROOT, "test/data/key-countries-wide.csv"))
        self.admin("location", "add", "quiet")
        self.admin("location", "deactivate", "quiet")

    def test_numbers_are_those_that_sqlite_counts(self):
        self.load()
        stats = self.json("stats")
        rows = self.query("SELECT (SELECT count(*) FROM locations WHERE is_active),"
                          " count(*), min(date), max(date) FROM daily_usage")
        self.assertEqual((stats["locations"], stats["records"],
                          stats["date_range"]["start"], stats["date_range"]["end"]),
                         rows[0])
        self.assertEqual(rows[0][:2], (8, 6528))
        info = dict(self.query("SELECT metric_name, metric_value FROM system_info"))
        self.assertEqual(stats["database_id"], info["database_id"])
        self.assertEqual(str(stats["data_generation"]), info["data_generation"])
        self.assertEqual(str(stats["schema_version"]), info["schema_version"])
        self.assertEqual(stats["database"], self.database)
        self.assertEqual(stats["database_bytes"], os.path.getsize(self.database))
        self.assertEqual(stats["log_bytes"], os.path.getsize(self.database + "-wal"))

    def test_text_and_json_say_the_same(self):
        self.load()
        stats, text = self.json("stats"), self.admin("stats").stdout
        for value in (stats["database_id"], "%d active" % stats["locations"],
                      str(stats["records"]), "%s to %s" % tuple(
                          stats["date_range"].values())):
            self.assertIn(value, text)

    def test_an_empty_database_has_no_range(self):
        self.init()
        stats = self.json("stats")
        self.assertEqual(stats["date_range"], {"start": None, "end": None})
        self.assertEqual((stats["locations"], stats["records"]), (0, 0))


class Locations(AdminCase):
    def setUp(self):
        super().setUp()
        self.init()

    def names(self, *args):
        return [(x["name"], x["display_name"], x["is_active"])
                for x in self.json("location", "list", *args)]

    def test_add_gives_a_readable_name(self):
        one = self.json("location", "add", "branch_north-2")
        self.assertEqual(one, {"id": 1, "name": "branch_north-2",
                               "display_name": "Branch North 2", "is_active": True})
        self.json("location", "add", "x", "--display-name", "Zürich, Haus 3")
        self.assertEqual(self.names(), [("branch_north-2", "Branch North 2", True),
                                        ("x", "Zürich, Haus 3", True)])

    def test_a_name_that_is_taken_is_refused(self):
        self.admin("location", "add", "a")
        self.refused("", "location", "add", "a", status=1)
        self.admin("location", "add", "b")
        self.refused("", "location", "rename", "b", "a", status=1)
        self.assertEqual([n for n, _, _ in self.names()], ["a", "b"])

    def test_rename_changes_what_was_given_alone(self):
        self.admin("location", "add", "a", "--display-name", "Alpha")
        self.admin("location", "rename", "a", "b")
        self.assertEqual(self.names(), [("b", "Alpha", True)])
        self.admin("location", "rename", "b", "--display-name", "Beta")
        self.assertEqual(self.names(), [("b", "Beta", True)])
        self.admin("location", "rename", "b", "c", "--display-name", "Gamma")
        self.assertEqual(self.names(), [("c", "Gamma", True)])

    def test_deactivate_hides_and_activate_shows(self):
        self.admin("location", "add", "a")
        self.admin("location", "add", "b")
        self.admin("location", "deactivate", "a")
        self.admin("location", "deactivate", "a")
        self.assertEqual([n for n, _, _ in self.names()], ["b"])
        self.assertEqual([(n, on) for n, _, on in self.names("--all")],
                         [("a", False), ("b", True)])
        self.assertEqual(self.json("stats")["locations"], 1)
        self.admin("location", "activate", "a")
        self.assertEqual(len(self.names()), 2)
        self.assertEqual(self.json("stats")["locations"], 2)

    def test_every_change_is_journalled_with_who_did_it(self):
        self.admin("location", "add", "a")
        self.admin("location", "rename", "a", "b")
        self.admin("location", "deactivate", "b")
        who = "local:" + pwd.getpwuid(os.geteuid()).pw_name
        rows = self.query("SELECT op, tbl, pk, actor, source, after FROM journal"
                          " WHERE tbl = 'locations' ORDER BY id")
        self.assertEqual([r[:5] for r in rows], [
            (op, "locations", "1", who, "dum-admin")
            for op in ("insert", "update", "update")])
        self.assertEqual(json.loads(rows[2][5])["is_active"] in (False, 0), True)


class Migration(AdminCase):
    """From the first schema, which is made here from its own SQL."""

    LOCATIONS, DAYS = 40, 250

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("state"), 0o700)
        with open(self.path("state/secret.key"), "w", encoding="ascii",
                  opener=lambda p, f: os.open(p, f, 0o600)) as f:
            f.write("5a" * 32 + "\n")
        self.make_old()

    def make_old(self):
        with open(os.path.join(ROOT, "sql/migrations/001_first.sql"),
                  encoding="utf-8") as f:
            sql = f.read()
        os.close(os.open(self.database, os.O_CREAT | os.O_WRONLY, 0o600))
        db = sqlite3.connect(self.database, isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.executescript("BEGIN;" + sql)
        db.executemany("INSERT INTO system_info (metric_name, metric_value)"
                       " VALUES (?, ?)", [("database_id", "ab" * 16),
                                          ("timeline", "1"), ("data_generation", "3"),
                                          ("schema_version", "1")])
        db.executemany("INSERT INTO locations (name, display_name) VALUES (?, ?)",
                       [("l%d" % i, "L%d" % i) for i in range(self.LOCATIONS)])
        db.executemany(
            "INSERT INTO daily_usage (date, location_id, usage_bytes)"
            " VALUES (date('2024-01-01', ?), ?, ?)",
            [("+%d days" % d, l + 1, d * 1000003 + l)
             for d in range(self.DAYS) for l in range(self.LOCATIONS)])
        db.execute("UPDATE counters SET value = ? WHERE name = 'locations'",
                   (self.LOCATIONS,))
        db.execute("UPDATE counters SET value = ? WHERE name = 'records'",
                   (self.LOCATIONS * self.DAYS,))
        db.execute("PRAGMA application_id = %d" % APPLICATION_ID)
        db.execute("PRAGMA user_version = 1")
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(PASSIVE)")
        db.close()

    def data(self):
        return self.query("SELECT date, location_id, usage_bytes FROM daily_usage"
                          " ORDER BY location_id, date")

    def version(self):
        """The schema's version, which everything in the file has to agree with."""
        version, = self.query("PRAGMA user_version")[0]
        info = self.query("SELECT metric_value FROM system_info"
                          " WHERE metric_name = 'schema_version'")
        self.assertEqual(info, [(str(version),)])
        tables = {n for n, in self.query("SELECT name FROM sqlite_schema")}
        for name in ("users", "api_keys", "sessions", "location_records",
                     "idx_journal_at"):
            self.assertEqual(name in tables, version >= 2, name)
        self.assertEqual(self.query("SELECT count(*) FROM journal WHERE op = 'migrate'"),
                         [(1 if version >= 2 else 0,)])
        self.assertEqual(self.query("PRAGMA integrity_check"), [("ok",)])
        return version

    def newest(self):
        names = os.listdir(os.path.join(ROOT, "sql/migrations"))
        return max(int(n[:3]) for n in names)

    def test_programs_say_what_to_run_before_it(self):
        for args in (("stats",), ("location", "list"), ("user", "list")):
            self.refused("run: dum-admin migrate", *args, status=1)

    def test_migrate_twice_does_it_once(self):
        before = self.data()
        done = self.json("migrate")
        self.assertEqual(done, {"from": 1, "to": self.newest()})
        self.assertEqual(self.version(), self.newest())
        tables = self.tables()
        self.assertEqual(self.json("migrate"),
                         {"from": self.newest(), "to": self.newest()})
        self.assertEqual(self.tables(), tables)
        self.assertEqual(self.data(), before)
        stats = self.json("stats")
        self.assertEqual((stats["records"], stats["locations"]),
                         (self.LOCATIONS * self.DAYS, self.LOCATIONS))
        self.assertTrue(self.json("audit", "verify")["sound"])

    def test_init_migrates_too(self):
        self.assertIn("was 1", self.admin("init").stdout)
        self.assertEqual(self.version(), self.newest())

    def killed_at(self, call, number):
        """Migrate, killed as it makes its number-th call. True: it was."""
        done = subprocess.run(
            ["strace", "-f", "-qq", "-e", "trace=" + call, "-e",
             "inject=%s:signal=KILL:when=%d" % (call, number), "-o", "/dev/null",
             os.path.join(BIN, "dum-admin"), "migrate"],
            capture_output=True, env=self.environment(ASAN_OPTIONS="detect_leaks=0"),
            check=False)
        self.assertIn(done.returncode, (0, -signal.SIGKILL, 128 + signal.SIGKILL),
                      done.stderr)
        return done.returncode != 0

    def test_killed_at_any_write_it_is_whole_before_or_after(self):
        shutil.copytree(self.path("state"), self.path("old"))
        before, seen = self.data(), {}
        # Every one of the first and the last, and a sample between: each
        # write of the file or its log, and each flush.
        for call, numbers in (("pwrite64", [1, 2, 3, 4, 5, 8, 13, 21, 34, 55, 89, 144]),
                              ("fdatasync", [1, 2, 3, 4])):
            for number in numbers:
                shutil.rmtree(self.path("state"))
                shutil.copytree(self.path("old"), self.path("state"))
                killed = self.killed_at(call, number)
                version = self.version()
                self.assertIn(version, (1, self.newest()))
                self.assertEqual(self.data(), before)
                seen[version, killed] = seen.get((version, killed), 0) + 1
                self.assertEqual(self.json("migrate")["to"], self.newest())
                self.assertEqual(self.version(), self.newest())
                self.assertTrue(self.json("audit", "verify")["sound"])
                if not killed:
                    break
        # It was cut short before the end at least a few times.
        self.assertGreaterEqual(seen.get((1, True), 0), 3, seen)

    def write_until_it_changes(self, number, acknowledged):
        """A program of the old schema: it looks at the version in each change."""
        db = sqlite3.connect(self.database, isolation_level=None, timeout=30)
        db.execute("PRAGMA wal_autocheckpoint = 0")
        day = 0
        while True:
            db.execute("BEGIN IMMEDIATE")
            if db.execute("PRAGMA user_version").fetchone()[0] != 1:
                db.execute("ROLLBACK")
                break
            row = (day, number + 1, day)
            db.execute("INSERT INTO daily_usage (date, location_id, usage_bytes)"
                       " VALUES (date('2030-01-01', '+' || ? || ' days'), ?, ?)", row)
            db.execute("UPDATE counters SET value = value + 1 WHERE name = 'records'")
            db.execute("COMMIT")
            acknowledged.append(row)
            day += 1
            time.sleep(0.001)
        db.close()

    def test_under_running_writers_nothing_acknowledged_is_lost(self):
        acknowledged = [[] for _ in range(4)]
        threads = [threading.Thread(target=self.write_until_it_changes, args=(i, a))
                   for i, a in enumerate(acknowledged)]
        for thread in threads:
            thread.start()
        while min(len(a) for a in acknowledged) < 5:
            time.sleep(0.01)
        self.assertEqual(self.json("migrate", SQLITE_BUSY_TIMEOUT="30000")["from"], 1)
        for thread in threads:
            thread.join(60)
            self.assertFalse(thread.is_alive())
        self.assertEqual(self.version(), self.newest())
        new = sum(len(a) for a in acknowledged)
        self.assertEqual(self.query("SELECT count(*) FROM daily_usage"
                                    " WHERE date >= '2030-01-01'"), [(new,)])
        self.assertEqual(self.json("stats")["records"], self.LOCATIONS * self.DAYS + new)
        counted = self.query("SELECT location_id, count(*) FROM daily_usage GROUP BY 1")
        self.assertEqual(self.query("SELECT * FROM location_records ORDER BY 1"), counted)

    def test_eight_at_once_migrate_once(self):
        running = [subprocess.Popen([os.path.join(BIN, "dum-admin"), "migrate", "--json"],
                                    env=self.environment(SQLITE_BUSY_TIMEOUT="30000"),
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                   for _ in range(8)]
        ends = [(p.communicate(), p.returncode) for p in running]
        self.assertTrue(all(rc in (0, 75) for _, rc in ends), ends)
        did = [json.loads(out)["from"] for (out, _), rc in ends if rc == 0]
        self.assertEqual(did.count(1), 1, ends)
        self.assertEqual(self.version(), self.newest())


if __name__ == "__main__":
    unittest.main()
