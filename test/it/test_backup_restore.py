"""dum-backup restore: what was backed up is there again, all of it, and what
must go on goes on. The content is compared by reading both with sqlite3."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import unittest

from backup_case import BackupCase, DATA_TABLES

# Rows that differ in every way there is.
CHANGES = (
    "DELETE FROM daily_usage WHERE id % 7 = 0",
    "UPDATE daily_usage SET usage_bytes = usage_bytes + 1 WHERE id % 11 = 0",
    # The same day of the same place under another id.
    "DELETE FROM daily_usage WHERE id = 20",
    "INSERT INTO daily_usage (date, location_id, usage_bytes) VALUES"
    " ('2020-01-01', 20, 5), ('2031-01-01', 1, 9)",
    # Names that change places.
    "UPDATE locations SET name = 'tmp' WHERE id = 2",
    "UPDATE locations SET name = 'place_2' WHERE id = 3",
    "UPDATE locations SET name = 'place_3' WHERE id = 2",
    "INSERT INTO locations (name, display_name) VALUES ('new', 'New')",
    "INSERT INTO daily_usage (date, location_id, usage_bytes) VALUES"
    " ('2031-01-01', 21, 9)",
    "DELETE FROM monthly_summaries",
    "UPDATE cycle_settings SET cycle_day = 7",
)


class RestoreCase(BackupCase):
    def setUp(self):
        super().setUp()
        self.change(
            "INSERT INTO monthly_summaries (period_start, period_end, location_id,"
            " total_usage_bytes) VALUES ('2020-01-13', '2020-02-12', 1, 77)",
            "INSERT INTO cycle_settings (location_id, cycle_day, valid_from)"
            " VALUES (NULL, 13, '2019-01-01')",
            "INSERT INTO users (username, role, password_hash, created_at, updated_at)"
            " VALUES ('anna', 'admin', 'x', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')",
            "INSERT INTO api_keys (prefix, name, secret_hash, scopes, created_at) VALUES"
            " ('aaaaaaaa', 'meter', zeroblob(32), 'read', '2026-01-01T00:00:00Z'),"
            " ('bbbbbbbb', 'other', zeroblob(32), 'read', '2026-01-01T00:00:00Z')",
            "INSERT INTO sessions (user_id, token_hash, created_at, seen_at, expires_at,"
            " address, agent) VALUES (1, zeroblob(32), 1, 1, 99999999999, '::1', 'x')")
        self.saved = self.content()

    def restore(self, name, *args, **more):
        done = self.backup("restore", name, "--confirm", "--json", *args, **more)
        return json.loads(done.stdout) if done.stdout else done

    def info(self, name):
        return int(self.query(
            f"SELECT metric_value FROM system_info WHERE metric_name = '{name}'")[0][0])

    def check_counters(self):
        self.assertEqual(
            self.query("SELECT location_id, records FROM location_records"
                       " WHERE records > 0 ORDER BY 1"),
            self.query("SELECT location_id, count(*) FROM daily_usage"
                       " GROUP BY location_id ORDER BY 1"))
        self.assertEqual(self.query("SELECT value FROM counters WHERE name = 'locations'"),
                         self.query("SELECT count(*) FROM locations WHERE is_active = 1"))


class Rows(RestoreCase):
    def test_every_row_is_as_it_was(self):
        name = self.create()
        sequences = dict(self.query("SELECT name, seq FROM sqlite_sequence"))
        self.change(*CHANGES)
        changed = self.content()
        generation, timeline = self.info("data_generation"), self.info("timeline")
        highest = dict(self.query("SELECT name, seq FROM sqlite_sequence"))
        result = self.restore(name)
        self.assertEqual(self.content(), self.saved)
        self.assertEqual(self.integrity(), "ok")
        self.assertEqual(self.query("PRAGMA foreign_key_check"), [])
        self.check_counters()
        # Ids that were given are not given again.
        after = dict(self.query("SELECT name, seq FROM sqlite_sequence"))
        for table in DATA_TABLES:
            self.assertEqual(after.get(table), highest.get(table), table)
        self.assertGreater(highest["daily_usage"], sequences["daily_usage"])
        self.assertGreater(self.info("data_generation"), generation)
        self.assertEqual(self.info("timeline"), timeline + 1)
        self.assertEqual(result["timeline"], timeline + 1)
        # The safety backup holds what was there, the fresh one what is.
        self.assertTrue(result["safety_backup"].endswith("_before-restore.db.gz"))
        self.assertEqual(self.content(self.unpacked(result["safety_backup"])), changed)
        self.assertEqual(self.content(self.unpacked(result["fresh_backup"])), self.saved)
        self.assertEqual([e["state"] for e in self.listed()], ["proven"] * 3)

    def test_only_rows_that_differ_are_touched(self):
        name = self.create()
        same = self.restore(name)["tables"]
        self.assertEqual({(t["removed"], t["added"]) for t in same.values()}, {(0, 0)})
        self.change("UPDATE daily_usage SET usage_bytes = 1 WHERE id IN (5, 9)",
                    "DELETE FROM daily_usage WHERE id = 7")
        tables = self.restore(name)["tables"]
        self.assertEqual(tables["daily_usage"], {"rows": 2000, "removed": 2, "added": 3})

    def test_it_can_be_taken_back_by_the_safety_backup(self):
        name = self.create()
        self.change(*CHANGES)
        changed = self.content()
        safety = self.restore(name)["safety_backup"]
        self.restore(safety)
        self.assertEqual(self.content(), changed)
        self.check_counters()

    def test_random_changes_come_back(self):
        rand = random.Random(5)
        name = self.create()
        for _ in range(5):
            statements = []
            for _ in range(60):
                row = rand.randrange(1, 2100)
                statements.append(rand.choice([
                    f"DELETE FROM daily_usage WHERE id = {row}",
                    f"UPDATE daily_usage SET usage_bytes = {row} WHERE id = {row}",
                    f"UPDATE OR IGNORE daily_usage SET date = '2020-03-{row % 28 + 1:02}'"
                    f" WHERE id = {row}",
                    "INSERT OR IGNORE INTO daily_usage (date, location_id, usage_bytes)"
                    f" VALUES ('2020-02-{row % 28 + 1:02}', {row % 20 + 1}, 3)"]))
            self.change(*statements)
            self.restore(name)
            self.assertEqual(self.content(), self.saved)
            self.check_counters()

    def test_journal_accounts_and_revocations_go_on(self):
        name = self.create()
        self.change("UPDATE api_keys SET revoked_at = '2026-02-01T00:00:00Z' WHERE id = 1",
                    "UPDATE users SET password_hash = 'y', role = 'viewer' WHERE id = 1",
                    "DELETE FROM sessions")
        self.program("dum-admin", "location", "add", "later")
        others = ["users", "api_keys", "sessions"]
        before, journal = self.content(tables=others), self.content(tables=["journal"])
        result = self.restore(name)
        self.assertEqual(self.content(tables=others), before)
        entries = self.content(tables=["journal"])["journal"]
        self.assertEqual(entries[:-1], journal["journal"])
        self.assertIn(b"sound", self.program("dum-admin", "audit", "verify").stdout)
        op, table, timeline, old, new = self.query(
            "SELECT op, tbl, timeline, before, after FROM journal ORDER BY id DESC LIMIT 1")[0]
        self.assertEqual((op, table, timeline), ("restore", "database", result["timeline"]))
        self.assertEqual(json.loads(old)["safety_backup"], result["safety_backup"])
        self.assertEqual(json.loads(new)["backup"], name)

    def test_a_grant_to_what_is_gone_goes_with_it(self):
        name = self.create()
        self.change("INSERT INTO locations (name, display_name) VALUES ('new', 'New')",
                    "INSERT INTO location_grants VALUES ('key:1', 1), ('key:1', 21)",
                    "INSERT INTO location_records VALUES (21, 0)")
        self.restore(name)
        self.assertEqual(self.query("SELECT * FROM location_grants"), [("key:1", 1)])

    def test_it_asks_for_confirmation(self):
        name = self.create()
        self.change(*CHANGES)
        changed = self.content()
        self.backup("restore", name, status=2)
        self.assertEqual(self.content(), changed)
        self.assertEqual(len(self.listed()), 1)

    def test_a_damaged_backup_touches_nothing(self):
        name = self.create("--key-file", self.key)
        self.change(*CHANGES)
        changed = self.content()
        path = os.path.join(self.backups, name)
        self.backup("restore", name, "--confirm", status=3)
        os.truncate(path, os.path.getsize(path) - 1)
        self.backup("restore", name, "--confirm", "--key-file", self.key, status=5)
        with open(path, "ab") as f:
            f.write(b"\0")
        self.backup("restore", name, "--confirm", "--key-file", self.key, status=4)
        self.assertEqual(self.content(), changed)
        self.assertEqual(len(os.listdir(self.backups)), 3)

    def test_one_of_an_older_schema_is_migrated(self):
        name = self.create()
        # What the first schema's backup looked like, made by hand.
        old = self.path("data_usage_backup_20200101_000000.db")
        db = sqlite3.connect(old, isolation_level=None)
        with open(os.path.join(os.path.dirname(__file__),
                               "../../sql/migrations/001_first.sql"), encoding="utf-8") as f:
            db.executescript(f.read())
        db.execute("ATTACH ? AS live", (self.unpacked(name),))
        for table in ("locations", "daily_usage", "monthly_summaries", "cycle_settings",
                      "system_info", "journal"):
            columns = ", ".join(r[1] for r in db.execute(f"PRAGMA main.table_info({table})"))
            db.execute(f"INSERT INTO main.{table} ({columns})"
                       f" SELECT {columns} FROM live.{table}")
        db.execute("PRAGMA main.user_version = 1")
        db.execute("PRAGMA main.application_id = 0x44554D31")
        db.execute("UPDATE main.system_info SET metric_value = '1'"
                   " WHERE metric_name = 'schema_version'")
        db.close()
        self.change(*CHANGES)
        self.restore(old)
        self.assertEqual(self.content(), self.saved)
        self.check_counters()

    def test_one_of_a_newer_schema_is_refused(self):
        name = self.create()
        newer = self.path("data_usage_backup_20200101_000000.db")
        shutil.copy(self.unpacked(name), newer)
        db = sqlite3.connect(newer)
        db.execute("PRAGMA user_version = 999")
        db.close()
        self.change(*CHANGES)
        changed = self.content()
        done = self.backup("restore", newer, "--confirm", status=1)
        self.assertIn(b"newer", done.stderr)
        self.assertEqual(self.content(), changed)

    def test_one_of_another_database_is_not_mixed_in(self):
        name = self.create()
        self.change("UPDATE system_info SET metric_value = '%s'"
                    " WHERE metric_name = 'database_id'" % ("ab" * 16))
        done = self.backup("restore", name, "--confirm", status=1)
        self.assertIn(b"another database", done.stderr)

    def test_encrypted_and_by_the_key_of_the_settings(self):
        with open(self.config, "a", encoding="utf-8") as f:
            f.write(f"BACKUP_KEY_FILE={self.key}\n")
        name = self.create()
        self.change(*CHANGES)
        result = self.restore(name)
        self.assertEqual(self.content(), self.saved)
        self.assertTrue(result["safety_backup"].endswith(".enc"))
        self.assertTrue(result["fresh_backup"].endswith(".enc"))


class Whole(RestoreCase):
    def check_restored(self, result):
        self.assertEqual(self.content(), self.saved)
        self.assertEqual(self.integrity(), "ok")
        self.assertEqual(self.query("PRAGMA journal_mode"), [("wal",)])
        self.assertEqual(self.query("SELECT * FROM sessions"), [])
        self.assertEqual(self.query("SELECT username FROM users"), [("anna",)])
        self.assertEqual(self.info("timeline"), result["timeline"])
        self.assertIn(b"sound", self.program("dum-admin", "audit", "verify").stdout)
        self.program("dum-admin", "location", "add", "goes_on")

    def damage(self, how):
        """Nothing of it may stay in the log, where it would heal it."""
        for end in ("-wal", "-shm"):
            if os.path.exists(self.database + end):
                os.unlink(self.database + end)
        with open(self.database, "r+b") as f:
            how(f)
        with open(self.database, "rb") as f:
            return f.read()

    def test_an_absent_database_is_made(self):
        name = self.create()
        for end in ("", "-shm", "-lock"):
            os.unlink(self.database + end)
        # The log of the one that is gone must not get into the new one.
        self.assertTrue(os.path.exists(self.database + "-wal"))
        # Whoever only looks at it is told both ways out.
        told = self.program("dum-admin", "stats", status=1).stderr
        self.assertIn(b"or begin anew with: dum-admin init", told)
        self.assertIn(b"dum-backup restore FILE --confirm --whole", told)
        told = self.backup("restore", name, "--confirm", status=1).stderr
        self.assertRegex(told, rb": there is no database \S+; --whole puts the backup in its")
        self.assertFalse(os.path.exists(self.database))
        result = self.restore(name, "--whole")
        self.assertEqual(result["safety_backup"], None)
        self.check_restored(result)

    def test_damage_of_any_kind_is_replaced_and_kept(self):
        name = self.create()
        kinds = {
            "garbage header": lambda f: f.write(b"garbage" * 100),
            "cut": lambda f: f.truncate(10000),
            "empty": lambda f: f.truncate(0),
            "zeroed page": lambda f: (f.seek(4096), f.write(bytes(4096))),
            "all garbage": lambda f: f.write(os.urandom(300000)),
        }
        self.checkpointed()
        for kind, how in kinds.items():
            with self.subTest(kind):
                left = self.damage(how)
                result = self.restore(name, "--whole")
                if left:
                    with open(result["kept_aside"], "rb") as f:
                        self.assertEqual(f.read(), left)
                else:
                    self.assertIsNone(result["kept_aside"])
                self.check_restored(result)
                self.checkpointed()

    def checkpointed(self):
        """Everything in the one file, as after a quiet night."""
        db = sqlite3.connect(self.database)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()

    def test_without_room_to_keep_the_damaged_one_nothing_is_done(self):
        name = self.create()
        self.checkpointed()
        self.damage(lambda f: f.write(b"rubbish" * 3000000))
        done = self.backup("restore", name, "--confirm", "--whole", status=1,
                           wrap=("prlimit", "--fsize=12000000"))
        self.assertIn(b"cannot keep a copy of", done.stderr)
        self.assertEqual(os.path.getsize(self.database), 21000000)
        # Nothing that is half done has a name that says otherwise.
        self.assertEqual([n for n in os.listdir(self.backups) if n.startswith("damaged_")], [])
        self.check_restored(self.restore(name, "--whole"))

    def test_a_damaged_database_is_told_of_and_left_to_a_person(self):
        name = self.create()
        self.checkpointed()
        left = self.damage(lambda f: f.write(b"garbage" * 100))
        done = self.backup("restore", name, "--confirm", status=4)
        self.assertIn(b"--whole replaces it", done.stderr)
        with open(self.database, "rb") as f:
            self.assertEqual(f.read(), left)

    def test_a_sound_one_goes_into_a_safety_backup(self):
        name = self.create()
        self.change(*CHANGES)
        self.change("UPDATE api_keys SET revoked_at = '2026-02-01T00:00:00Z' WHERE id = 1")
        changed, generation = self.content(), self.info("data_generation")
        result = self.restore(name, "--whole")
        self.check_restored(result)
        self.assertEqual(self.content(self.unpacked(result["safety_backup"])), changed)
        self.assertGreater(self.info("data_generation"), generation)
        # A key that was taken back stays so.
        self.assertEqual(self.query("SELECT prefix, revoked_at FROM api_keys"),
                         [("aaaaaaaa", "2026-02-01T00:00:00Z"), ("bbbbbbbb", None)])

    def test_another_machine_takes_it_over(self):
        name = self.create()
        path = self.path(name)
        os.rename(os.path.join(self.backups, name), path)
        os.rename(os.path.join(self.backups, name + ".json"), path + ".json")
        for end in ("", "-wal", "-shm", "-lock"):
            os.unlink(self.database + end)
        shutil.rmtree(self.backups)
        self.program("dum-admin", "init")
        result = self.restore(path, "--whole")
        self.check_restored(result)

    def codes(self):
        return self.query("SELECT hex(substr(code_hash, 1, 1)), used_at FROM recovery_codes"
                          " ORDER BY 1")

    def add_codes(self):
        self.change("INSERT INTO recovery_codes (user_id, code_hash, used_at) VALUES " +
                    ", ".join(f"(1, x'0{i}{'00' * 31}', {used})"
                              for i, used in ((1, "NULL"), (2, "NULL"), (3, "NULL"), (4, 77))))

    def test_recovery_codes_that_were_used_or_replaced_stay_so(self):
        self.add_codes()
        name = self.create()
        self.change("UPDATE recovery_codes SET used_at = 99 WHERE hex(code_hash) LIKE '01%'",
                    "DELETE FROM recovery_codes WHERE hex(code_hash) LIKE '02%'")
        result = self.restore(name, "--whole")
        self.assertEqual(self.codes(), [("03", None), ("04", 77)])
        self.assertEqual(result["recovery_codes_dropped"], 2)

    def test_where_nobody_knows_no_recovery_code_is_valid(self):
        self.add_codes()
        name = self.create()
        os.unlink(self.database)
        done = self.backup("restore", name, "--confirm", "--whole")
        self.assertIn(b"3 recovery codes", done.stdout)
        self.assertEqual(self.codes(), [("04", 77)])

    def test_a_key_that_was_revoked_stays_so_by_the_shipped_journal(self):
        self.program("dum-admin", "key", "add", "reader", "--scope", "read")
        prefix = self.query("SELECT prefix FROM api_keys ORDER BY id DESC LIMIT 1")[0][0]
        name = self.create()
        self.program("dum-admin", "key", "revoke", prefix)
        self.backup("ship")
        at = self.query(f"SELECT revoked_at FROM api_keys WHERE prefix = '{prefix}'")
        self.assertIsNotNone(at[0][0])
        os.unlink(self.database)
        self.restore(name, "--whole")
        self.assertEqual(
            self.query(f"SELECT revoked_at FROM api_keys WHERE prefix = '{prefix}'"), at)

    def test_a_database_of_another_program_is_not_touched(self):
        name = self.create()
        for end in ("", "-wal", "-shm"):
            os.unlink(self.database + end)
        db = sqlite3.connect(self.database)
        db.execute("CREATE TABLE theirs (x)")
        db.close()
        with open(self.database, "rb") as f:
            left = f.read()
        self.backup("restore", name, "--confirm", "--whole", status=1)
        with open(self.database, "rb") as f:
            self.assertEqual(f.read(), left)


if __name__ == "__main__":
    unittest.main(verbosity=1)
