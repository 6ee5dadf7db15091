"""dum-admin doctor and anonymise. The doctor: each thing that can be wrong is
made wrong, and has to be found. The copy: compared with the original by
Python's sqlite3, and searched byte by byte for what should not be in it."""

import datetime
import hashlib
import json
import os
import re
import select
import socket
import sqlite3
import stat
import subprocess
import unittest

from admin_fixture import BIN, ROOT, AdminCase

WORST = {"ok": 0, "warning": 1, "problem": 2}


class Doctor(AdminCase):
    def setUp(self):
        super().setUp()
        os.chmod(self.config, 0o640)
        self.init()

    def findings(self, status=None, **env):
        done = subprocess.run([os.path.join(BIN, "dum-admin"), "doctor", "--json"],
                              capture_output=True, text=True, check=False,
                              env=self.environment(**env))
        report = json.loads(done.stdout)
        levels = [f["level"] for f in report["findings"]]
        self.assertEqual(report["problems"], levels.count("problem"))
        self.assertEqual(report["warnings"], levels.count("warning"))
        self.assertEqual(done.returncode, 1 if report["problems"] else 0, report)
        if status is not None:
            self.assertEqual(done.returncode, status, report)
        for f in report["findings"]:
            self.assertEqual(f["advice"] is None, f["level"] == "ok", f)
        return report["findings"]

    def found(self, check, level, *says, **env):
        """The worst of a check is of that level, and says so."""
        of = [f for f in self.findings(**env) if f["check"] == check]
        self.assertTrue(of, check)
        worst = max(of, key=lambda f: WORST[f["level"]])
        self.assertEqual(worst["level"], level, worst)
        text = " ".join("%s %s" % (f["text"], f["advice"]) for f in of)
        for word in says:
            self.assertIn(word, text)

    def change(self, sql, *args):
        with self.open_database("rw") as db:
            db.execute(sql, args)

    def at(self, time, *args, status=0):
        done = subprocess.run(
            ["faketime", "-f", time, os.path.join(BIN, "dum-admin"), *args],
            capture_output=True, text=True, check=False, env=self.environment(
                TZ="UTC", ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0"))
        self.assertEqual(done.returncode, status, done)
        return done.stdout

    def test_a_fresh_installation_has_no_problem_and_nothing_is_changed(self):
        def state():
            names = sorted(os.listdir(self.path("state")))
            return [(n, os.stat(self.path("state", n)).st_mode) for n in names], self.tables()
        before = state()
        self.findings(status=0)
        self.assertEqual(state(), before)
        text = self.admin("doctor").stdout
        self.assertRegex(text, r"\n0 problems, \d+ warnings?\n\Z")
        for line in text.splitlines()[:-1]:
            self.assertRegex(line, r"^(ok|warning|problem|  ) ")

    def test_files_that_others_can_read_or_change(self):
        for path, mode, check, level in (
                ("state/data_usage.db", 0o644, "database", "problem"),
                ("state/data_usage.db", 0o602, "database", "problem"),
                ("state/data_usage.db", 0o660, "database", "warning"),
                ("state/data_usage.db-lock", 0o666, "database", "problem"),
                ("state/secret.key", 0o644, "secret_key", "problem"),
                ("state/secret.key", 0o660, "secret_key", "problem"),
                ("state/backups", 0o755, "backups", "problem"),
                ("dum.conf", 0o646, "settings", "problem"),
                ("dum.conf", 0o660, "settings", "warning"),
                ("state", 0o777, "database", "problem"),
                ("state", 0o777, "secret_key", "problem")):
            with self.subTest(path=path, mode=oct(mode)):
                old = os.stat(self.path(path)).st_mode
                os.chmod(self.path(path), mode)
                self.found(check, level, self.path(path), "chmod")
                os.chmod(self.path(path), stat.S_IMODE(old))
        self.findings(status=0)

    def test_a_log_beside_the_database_that_does_not_get_short_again(self):
        self.found("wal", "ok", "the log beside the database has 0.")
        # A reader that does not end keeps all of it; the end of this one is a hole.
        db = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, isolation_level=None)
        db.execute("BEGIN")
        db.execute("SELECT count(*) FROM journal").fetchone()
        os.truncate(self.database + "-wal", 65_000_000)
        self.found("wal", "warning", "65 MB: somebody reads", f"fuser -v {self.database}")
        db.close()

    def test_a_log_that_all_can_read(self):
        self.settings("LOG_FILE=log")
        with open(self.path("log"), "w", encoding="ascii"):
            os.chmod(self.path("log"), 0o644)
        self.found("log", "warning", "anybody on this machine can read it")

    def test_what_is_missing(self):
        os.rename(self.path("state/secret.key"), self.path("key"))
        self.found("secret_key", "problem", "put it back")
        os.rename(self.path("key"), self.path("state/secret.key"))
        os.rmdir(self.path("state/backups"))
        self.found("backup_disk", "warning", "dum-admin init")
        os.remove(self.database)
        self.found("database", "problem", "No such file")

    def test_programs_for_long_work_that_can_not_be_started(self):
        tools = self.path("tools")
        os.mkdir(tools)
        self.found("tools", "ok", BIN)
        self.found("tools", "problem", "tools/dum-import", "No such file", TOOLS_DIR=tools)
        for name in ("dum-import", "dum-backup"):
            os.symlink(os.path.join(BIN, name), os.path.join(tools, name))
        self.found("tools", "ok", tools, TOOLS_DIR=tools)
        os.remove(os.path.join(tools, "dum-backup"))
        self.found("tools", "problem", "tools/dum-backup", "No such file", TOOLS_DIR=tools)
        os.mkdir(os.path.join(tools, "dum-backup"))
        self.found("tools", "problem", "tools/dum-backup", "Permission denied",
                   TOOLS_DIR=tools)
        os.rmdir(os.path.join(tools, "dum-backup"))
        with open(os.path.join(tools, "dum-backup"), "wb"):
            pass
        self.found("tools", "problem", "tools/dum-backup", "Permission denied",
                   TOOLS_DIR=tools)

    def test_files_that_are_no_database_of_ours(self):
        self.change("PRAGMA user_version = 99")
        self.found("database", "problem", "schema version 99")
        for name in os.listdir(self.path("state")):
            if name.startswith("data_usage.db-"):
                os.remove(self.path("state", name))
        with open(self.database, "wb") as f:
            f.write(b"garbage" * 1000)
        self.found("database", "problem", "damaged", "newest backup")

    def test_a_damaged_page_is_found(self):
        self.run_program("dum-import", "--unit", "MB", "--max-daily-gb", "100000",
                         os.path.join(ROOT, "test/data/key-countries-wide.csv"))
        with self.open_database("rw") as db:
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")
            root, = db.execute("SELECT rootpage FROM sqlite_schema"
                               " WHERE name = 'daily_usage'").fetchone()
            size, = db.execute("PRAGMA page_size").fetchone()
        self.found("integrity", "ok")
        with open(self.database, "r+b") as f:
            f.seek((root - 1) * size + 3)
            f.write(b"\xff\xff")
        for name in ("-wal", "-shm"):
            os.remove(self.database + name)
        self.found("integrity", "problem", "damaged")

    def test_the_engine_says_its_version_and_the_race(self):
        version = re.search(r"SQLite (\S+)\)", self.admin("--version").stdout).group(1)
        fixed = tuple(map(int, version.split("."))) >= (3, 51, 3)
        self.found("engine", "ok", "SQLite " + version,
                   "is fixed" if fixed else "close it")
        self.found("journal_mode", "ok", "wal", "synchronous FULL")
        self.found("journal_mode", "ok", "synchronous EXTRA", SQLITE_SYNCHRONOUS="EXTRA")

    def test_encryption_is_told_as_far_as_it_can_be_seen(self):
        f, = [f for f in self.findings() if f["check"] == "encryption"]
        self.assertRegex(f["text"], "encrypted file system|in clear on|can not tell")
        # /proc is on no disk: nothing can be said about it.
        self.found("backup_encryption", "warning", "can not tell",
                   DATABASE_BACKUP_DIR="/proc")

    def test_a_disk_without_room(self):
        self.found("disk", "ok", "GB are free")
        self.found("backup_disk", "problem", "only 0.000 GB", DATABASE_BACKUP_DIR="/proc")

    def test_backups_and_their_key(self):
        self.found("backup_key", "warning", "not encrypted")
        key = self.path("state/backup.key")
        self.found("backup_key", "problem", "is not there", BACKUP_KEY_FILE=key)
        with open(key, "w", encoding="ascii") as f:
            f.write("00" * 32)
        os.chmod(key, 0o600)
        self.found("backup_key", "ok", "encrypted with", BACKUP_KEY_FILE=key)
        os.chmod(key, 0o640 | 0o004)
        self.found("backup_key", "problem", "anybody", BACKUP_KEY_FILE=key)

    def test_accounts_and_second_factors(self):
        self.found("accounts", "warning", "nobody can log in", "setup-link")
        self.add_user("alice", "admin")
        self.add_user("bob", "viewer")
        self.found("accounts", "ok", "2 accounts, 2 of them active, 1 admin")
        self.found("second_factor", "warning", "alice", "REQUIRE_ADMIN_TOTP")
        self.found("second_factor", "ok", "admins must", REQUIRE_ADMIN_TOTP="true")
        self.change("UPDATE users SET totp_seed = x'00', totp_active = 1 WHERE role = 'admin'")
        self.found("second_factor", "ok", "1 of 2")
        self.change("UPDATE users SET is_active = 0 WHERE role = 'admin'")
        self.found("accounts", "problem", "active admin")

    def test_keys_that_may_do_everything_for_ever(self):
        self.found("keys", "ok")
        self.admin("key", "add", "a", "--scope", "admin", "--expires", "2999-01-01")
        self.admin("key", "add", "r", "--scope", "read")
        self.found("keys", "ok")
        self.admin("key", "add", "b", "--scope", "admin")
        self.found("keys", "warning", "1 key with the scope admin never expires")
        self.admin("key", "revoke", "3")
        self.found("keys", "ok")

    def test_settings_that_are_open(self):
        self.found("cors", "ok")
        self.found("cors", "warning", "any web page", CORS_ORIGINS="https://a.example,*")
        for open_to_all in ("0.0.0.0/0", "10.0.0.1, ::/0", "10.0.0.0/0"):
            self.found("trusted_proxies", "problem", "trusts everybody",
                       TRUSTED_PROXIES=open_to_all)
        for closed in ("", "10.0.0.0/10", "10.0.0.0, ::1/128"):
            self.assertNotIn("trusted_proxies", [
                f["check"] for f in self.findings(TRUSTED_PROXIES=closed)])

    def test_records_and_entries_from_the_future(self):
        far = datetime.date.today() + datetime.timedelta(days=400)
        self.run_program("dum-import", "--allow-future", "-",
                         data="date,a\n%s,1\n%s,1\n" % (
                             far - datetime.timedelta(days=1), far))
        self.found("newest_record", "warning", str(far))
        self.at("+900d", "location", "add", "b")
        self.found("clock", "problem", "put back")

    def test_a_clock_that_was_never_set(self):
        out = self.at("@2001-02-03 04:05:06", "doctor", status=1)
        self.assertIn("the clock says it is 2001-02-03", out)

    def test_a_zone_that_nobody_chose(self):
        zone = os.path.realpath("/etc/localtime")
        local = zone.removeprefix("/usr/share/zoneinfo/")
        if os.path.exists(zone) and not re.search(r"(UTC|UCT|GMT0?|Zulu|Universal)$", local):
            self.found("timezone", "warning", "TIMEZONE=" + local)
        else:
            self.found("timezone", "ok", "UTC")
        self.settings("TIMEZONE=Europe/Vienna")
        self.found("timezone", "ok", "Europe/Vienna")

    def test_anchors_that_are_missing_or_old(self):
        self.found("anchors", "warning", "no anchor")
        self.at("@2024-01-01 00:00:00", "audit", "anchor")
        self.found("anchors", "warning", "2024-01-01")
        self.admin("audit", "anchor")
        self.found("anchors", "ok", "last anchored")


class Worker(AdminCase):
    """dum-api looks at its files before it starts."""

    def start(self):
        """Start it over a socket, wait until it answers or ends; then end it."""
        with socket.socket(socket.AF_UNIX) as listener, \
                socket.socket(socket.AF_UNIX) as client:
            path = self.path("s%d" % len(os.listdir(self.dir)))
            listener.bind(path)
            listener.listen(1)
            # It lets go of a connection that says nothing: then it serves.
            client.connect(path)
            process = subprocess.Popen(
                [os.path.join(BIN, "dum-api")], stdin=listener, stderr=subprocess.PIPE,
                text=True, env=self.environment(
                    LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT="50"))
            while process.poll() is None:
                if select.select([client], [], [], 0.05)[0]:
                    process.terminate()
                    break
            _, err = process.communicate(timeout=60)
        return process.returncode, err

    def test_it_does_not_start_over_files_that_are_open(self):
        self.init()
        for name in ("state/data_usage.db", "state/secret.key"):
            os.chmod(self.path(name), 0o644)
            status, err = self.start()
            self.assertEqual(status, 1, err)
            self.assertIn(" ERROR dum-api[", err)
            self.assertIn("%s has mode 0644" % self.path(name), err)
            self.assertIn("chmod", err)
            os.chmod(self.path(name), 0o600)
        self.assertEqual(self.start(), (0, ""))

    def test_what_is_less_than_closed_is_a_warning(self):
        self.init()
        os.chmod(self.database, 0o660)
        status, err = self.start()
        self.assertEqual(status, 0, err)
        self.assertIn(" WARNING dum-api[", err)


class Anonymise(AdminCase):
    def setUp(self):
        super().setUp()
        self.init()
        self.run_program("dum-import", "--unit", "MB", "--max-daily-gb", "100000",
                         os.path.join(ROOT, "test/data/key-countries-wide.csv"))
        self.admin("location", "add", "secret_branch", "--display-name", "Secret Branch")
        self.add_user("alice.smith", "admin")
        self.key = self.admin("key", "add", "grafana-key", "--scope", "read").stdout

    def copy(self, name="copy.db"):
        done = self.json("anonymise", "--out", name)
        self.assertEqual(done["file"], name)
        return done, sqlite3.connect("file:%s?mode=ro" % self.path(name), uri=True)

    @staticmethod
    def series(db):
        """What was used, location by location, without who they are."""
        rows = db.execute("SELECT location_id, date, usage_bytes FROM daily_usage"
                          " ORDER BY 1, 2").fetchall()
        by = {}
        for location, date, amount in rows:
            by.setdefault(location, []).append((date, amount))
        return sorted(by.values())

    def test_amounts_stay_and_names_go(self):
        before = self.tables()
        done, db = self.copy()
        self.assertEqual((done["locations"], done["records"]), (9, 6528))
        with self.open_database() as original:
            self.assertEqual(self.series(db), self.series(original))
            names = [n for row in original.execute(
                "SELECT name, display_name FROM locations") for n in row]
        self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        for table in ("users", "api_keys", "sessions", "login_attempts", "recovery_codes"):
            self.assertEqual(db.execute("SELECT count(*) FROM " + table).fetchone(), (0,), table)
        copied = {n for row in db.execute("SELECT name, display_name FROM locations") for n in row}
        self.assertFalse(copied & set(names))
        db.close()
        with open(self.path("copy.db"), "rb") as f:
            content = f.read()
        with open(self.path("state/secret.key"), encoding="ascii") as f:
            key = f.read().strip()
        for text in names + ["alice.smith", "grafana-key", "key-countries", "local:root",
                             self.key[4:12], self.key[13:56], "argon2", key,
                             self.dir, dict(before["system_info"] and [
                                 r[1:3] for r in before["system_info"]])["database_id"]]:
            if len(text) > 3:
                self.assertNotIn(text.encode(), content, text)
        after = self.tables()
        # That it was taken out is entered, and nothing else is changed.
        added = after["journal"][len(before["journal"]):]
        self.assertEqual(len(added), 1)
        self.assertIn("export", added[0])
        after["journal"] = before["journal"]
        self.assertEqual(after, before)

    def test_two_copies_can_not_be_held_against_each_other(self):
        _, first = self.copy("one.db")
        _, second = self.copy("two.db")
        names = [{n for n, in db.execute("SELECT name FROM locations")}
                 for db in (first, second)]
        first.close()
        second.close()
        self.assertFalse(names[0] & names[1])
        # Nor are they a plain hash of the name.
        guess = hashlib.sha256(b"secret_branch").hexdigest()
        self.assertFalse(any(n in guess or guess in n for n in names[0]))

    def test_the_file_is_closed_whole_and_alone(self):
        _, db = self.copy()
        db.close()
        self.assertEqual(stat.S_IMODE(os.stat(self.path("copy.db")).st_mode), 0o600)
        self.assertEqual([n for n in os.listdir(self.dir) if n.startswith("copy")], ["copy.db"])

    def test_a_file_that_exists_is_refused(self):
        with open(self.path("copy.db"), "w", encoding="ascii") as f:
            f.write("mine")
        self.refused("copy.db", "anonymise", "--out", "copy.db", status=1)
        with open(self.path("copy.db"), encoding="ascii") as f:
            self.assertEqual(f.read(), "mine")
        self.refused("", "anonymise", "--out", "", status=2)
        self.refused("nowhere", "anonymise", "--out", "nowhere/copy.db", status=1)


if __name__ == "__main__":
    unittest.main()
