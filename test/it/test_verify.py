"""dum-verify and dum-backup prune: what is wrong is found and told; what is
needed is kept.

Shown to fail: with what check_content() of lib/backup/proof_database.c finds
passed over, rows changed past the journal are called well; with compare_history()
there agreeing to all, an older state of the database is; without the reserve in
backup_dir_room_for() a disk is that has no room for a backup; with the notes of
lib/backup/catalog.c all of one kind a truncated one is called damaged.
"""

import datetime
import json
import os
import re
import stat
import subprocess
import unittest

from backup_case import BIN, BackupCase

CHECKS = ["database", "journal", "history", "content", "chain", "backups",
          "drill", "space", "age"]


class Proof(BackupCase):
    def setUp(self):
        super().setUp()
        self.mail = self.path("mail")
        script = self.path("notify")
        with open(script, "w", encoding="utf-8") as f:
            f.write(f'#!/bin/sh\nprintf "%s\\n" "$#" "$@" > {self.mail}\n'
                    f"cat >> {self.mail}\n")
        os.chmod(script, 0o700)
        with open(self.config, "a", encoding="utf-8") as f:
            f.write(f"NOTIFY_COMMAND={script} -t  now\n")

    def prove(self, *args, status=0, **more):
        done = self.program("dum-verify", "--json", *args, status=status, **more)
        return {c["name"]: c for c in json.loads(done.stdout)["checks"]}

    def problems(self, *args, **more):
        return [n for n, c in self.prove(*args, **more).items() if not c["ok"]]

    def test_all_is_well(self):
        self.create()
        checks = self.prove()
        self.assertEqual(list(checks), CHECKS)
        self.assertIn("2020 rows of 5 tables", checks["drill"]["text"])
        self.assertFalse(os.path.exists(self.mail))
        with open(os.path.join(self.backups, "verification.log"), encoding="utf-8") as f:
            entry = json.loads(f.read())
        self.assertTrue(entry["ok"])
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(
            self.backups, "verification.log")).st_mode), 0o600)
        # Nothing is left of the drill.
        self.assertEqual([n for n in os.listdir(self.backups) if "scratch" in n], [])

    def test_without_a_backup_somebody_is_told(self):
        self.assertEqual(self.problems(status=1), ["backups", "drill", "age"])
        with open(self.mail, encoding="utf-8") as f:
            mail = f.read()
        self.assertTrue(mail.startswith("2\n-t\nnow\nTo: root\nSubject: Data Usage Monitor on "))
        self.assertIn("3 problems\n\n", mail)
        self.assertIn("PROBLEM  age        there is no proven backup", mail)

    def test_a_command_that_fails_is_told(self):
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("NOTIFY_COMMAND=/bin/false\n")
        self.assertIn(b"/bin/false failed", self.program("dum-verify", status=1).stderr)
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("NOTIFY_COMMAND=/nonexistent/mail\n")
        self.assertIn(b"can not be started", self.program("dum-verify", status=1).stderr)

    def test_a_damaged_backup_is_found(self):
        self.create()
        name = self.create()
        self.create()
        with open(os.path.join(self.backups, name), "r+b") as f:
            f.seek(9000)
            byte = f.read(1)[0]
            f.seek(9000)
            f.write(bytes([byte ^ 8]))
        self.assertEqual(self.problems("--latest", "1"), [])
        self.assertEqual(self.problems("--latest", "2", status=4), ["backups"])
        # From now on it is known.
        self.assertEqual(self.problems("--latest", "1", status=4), ["chain"])

    def test_truncated_is_told_apart_from_damaged(self):
        for key in ([], ["--key-file", self.key]):
            name = self.create(*key)
            path = os.path.join(self.backups, name)
            os.truncate(path, os.path.getsize(path) - 4000)
            for _ in range(2):      # what is known already is told the same
                found = self.prove("--key-file", self.key, status=5)
                self.assertIn(f"{name}: it has", found["chain"]["text"])
                self.assertFalse(found["backups"]["ok"])
            with open(path, "ab") as f:
                f.write(bytes(8000))
            self.assertIn(name, self.prove("--key-file", self.key, status=4)["chain"]["text"])
            for end in ("", ".json"):
                os.unlink(path + end)
            self.create()

    def test_truncated_configuration_is_told_apart(self):
        name = self.create("--with-config")
        path = os.path.join(self.backups, name + ".conf")
        os.truncate(path, os.path.getsize(path) - 100)
        self.assertIn("its configuration", self.prove(status=5)["chain"]["text"])

    def test_what_was_just_found_damaged_is_not_taken_for_proven(self):
        names = [self.create() for _ in range(3)]
        for name in names[1:]:
            with open(os.path.join(self.backups, name), "r+b") as f:
                f.seek(9000)
                byte = f.read(1)[0]
                f.seek(9000)
                f.write(bytes([byte ^ 8]))
        found = self.prove(status=4)
        self.assertEqual([n for n, c in found.items() if not c["ok"]], ["backups"])
        self.assertIn(f"2 of the last 3, first {names[2]}", found["backups"]["text"])
        self.assertIn(names[0], found["drill"]["text"])
        os.unlink(os.path.join(self.backups, names[0]))
        os.unlink(os.path.join(self.backups, names[0] + ".json"))
        self.assertEqual(self.problems(status=4), ["chain", "backups", "drill", "age"])

    def test_the_room_that_is_needed_is_never_told_as_none(self):
        self.create()
        self.assertRegex(self.prove()["space"]["text"], r"^\d+ MB free, [1-9]\d* MB needed$")

    def test_a_missing_backup_is_found(self):
        names = [self.create() for _ in range(3)]
        os.unlink(os.path.join(self.backups, names[1]))
        os.unlink(os.path.join(self.backups, names[1] + ".json"))
        self.assertEqual(self.problems(status=4), ["chain"])

    def test_damage_of_the_database_is_found(self):
        self.create()
        page = self.query("SELECT rootpage FROM sqlite_schema WHERE name ="
                          " 'idx_daily_usage_location'")[0][0]
        db = self.connect()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        with open(self.database, "r+b") as f:
            f.seek((page - 1) * 4096)
            f.write(bytes(500))
        self.assertIn("database", self.problems(status=4))

    def test_rows_behind_the_back_of_the_journal_are_found(self):
        self.create()
        self.change("DELETE FROM daily_usage WHERE id = 77")
        self.assertEqual(self.problems(status=4), ["content"])

    def test_an_older_state_of_the_database_is_found(self):
        self.program("dum-admin", "location", "add", "one")
        db = self.connect()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        with open(self.database, "rb") as f:
            old = f.read()
        self.program("dum-admin", "location", "add", "two")
        self.create()
        for end in ("-wal", "-shm"):
            os.unlink(self.database + end)
        with open(self.database, "wb") as f:
            f.write(old)
        self.assertEqual(self.problems(status=4), ["history"])

    def test_after_a_restore_all_is_well(self):
        self.program("dum-admin", "location", "add", "one")
        name = self.create()
        self.program("dum-admin", "location", "add", "two")
        self.backup("restore", name, "--confirm")
        self.assertEqual(self.problems(), [])
        self.backup("restore", name, "--confirm", "--whole")
        self.assertEqual(self.problems(), [])

    def test_the_age_counts(self):
        self.create()
        later = (datetime.datetime.now(datetime.timezone.utc)
                 + datetime.timedelta(hours=50)).strftime("%Y-%m-%d %H:%M:%S")
        wrap = ("faketime", "-f", later)
        env = {"TZ": "UTC", "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
        self.assertEqual(self.problems(status=1, wrap=wrap, env=env), ["age"])
        self.assertEqual(self.problems("--max-age", "51", wrap=wrap, env=env), [])

    def test_encrypted_backups_need_the_key(self):
        self.create("--key-file", self.key)
        self.assertEqual(self.problems("--key-file", self.key), [])
        self.assertEqual(self.problems(status=3), ["backups", "drill"])


class Room(BackupCase):
    """The folder is a small disk: a tmpfs in a mount namespace of its own."""

    def test_where_no_backup_has_room_any_more_it_is_told_before(self):
        become = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
        script = ('mkdir -p "$1" && mount -t tmpfs -o size=24m,mode=700 tmpfs "$1" || exit 99\n'
                  f'create="{BIN}/dum-backup --config $2 create"\n'
                  f'verify="{BIN}/dum-verify --config $2 --json"\n'
                  '$create >/dev/null; echo $?\n$verify; echo $?\n'
                  # Much more than the backup takes stays free.
                  'head -c 18m /dev/zero > "$1/of-others"\n'
                  '$create; echo $?\n$verify; echo $?\n')
        done = subprocess.run(["unshare", "--mount", *become, "sh", "-c", script, "sh",
                               self.backups, self.config],
                              capture_output=True, check=False, text=True)
        made, before, well, refused, after, told = done.stdout.splitlines()
        self.assertEqual([made, well, refused, told], ["0", "0", "1", "1"], done)
        space = [{c["name"]: c for c in json.loads(text)["checks"]}["space"]
                 for text in (before, after)]
        self.assertEqual([c["ok"] for c in space], [True, False], done.stderr)
        self.assertIn("needs about 9 MB, and only 6 MB are free", done.stderr)
        self.assertRegex(space[1]["text"], r"has 6 MB free; .* need (9|10)$")


class One(BackupCase):
    """Where there is one of all things."""

    rows = 1

    def test_one_is_told_as_one(self):
        copies = self.path("copies")
        with open(self.config, "a", encoding="utf-8") as f:
            f.write(f"SYNC_TARGET={copies}\nJOURNAL_RETENTION_DAYS=1\n")
        table = self.path("table.csv")
        with open(table, "w", encoding="ascii") as f:
            f.write("date,location,usage_gb\n2020-01-02,place_1,1\n")
        short = self.path("short.csv")
        with open(short, "w", encoding="ascii") as f:
            f.write("date\n2020-01-02\n")
        said = {}

        def say(name, *args, **more):
            done = self.program(name, *args, **{"status": None, **more})
            said[f"{name} {args[0] if args else ''} {len(said)}"] = done.stdout + done.stderr
            return done.stdout.decode()

        name = self.create("--with-config")
        self.assertIn("1 entry shipped", say("dum-backup", "ship"))
        self.assertIn("1 segment sealed", say("dum-backup", "ship", "--seal"))
        self.assertIn("ok (1 entry)", say("dum-backup", "verify", "--all"))
        self.assertIn("1 anchor fits", say("dum-admin", "audit", "anchor")
                      + say("dum-admin", "audit", "verify"))
        proof = say("dum-verify")
        for part in ("1 entry, each fits", "1 backup, none is", "1 segment with 1 entry,"):
            self.assertIn(part, proof)
        say("dum-import", short, "--format", "long")
        self.assertIn("1 row of 1 location\n", say("dum-import", table))
        say("dum-backup", "list")
        say("dum-backup", "diff", name, "live")
        self.assertIn("1 day of the backup", say(
            "dum-backup", "extract", name, "--from", "2020-01-01", "--until", "2020-01-01",
            "--apply"))
        say("dum-backup", "sync", "--prepare")
        self.assertIn(": 1 backup;", say("dum-backup", "sync"))
        say("dum-backup", "prune")
        say("dum-admin", "anonymise", self.path("anonymous.db"))
        say("dum-admin", "stats")
        say("dum-admin", "doctor")
        say("dum-backup", "restore-config", name, "--list")
        say("dum-backup", "restore", name, "--confirm")
        with open(os.path.join(self.backups, name), "r+b") as f:
            f.truncate(1)
        say("dum-verify")
        for command, text in said.items():
            wrong = [w for w in re.findall(r"\b1 [a-z]+s\b", text.decode())
                     if w not in ("1 is", "1 was", "1 has")]
            self.assertEqual(wrong, [], (command, text))


class Prune(BackupCase):
    """Backups of many days, made by a clock that is set."""

    rows = 100

    def at(self, day, *args, **more):
        env = {"TZ": "UTC", "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
        return dict(wrap=("faketime", "-f", f"2026-{day} 12:00:00"), env=env, **more)

    def names(self):
        return [e["file"][18:26] for e in self.listed()]

    def test_old_ones_go_and_the_chain_stays_whole(self):
        for day in ("01-01", "01-20", "02-01", "02-02"):
            self.create(**self.at(day))
        # The first is older than 30 days by now, and create saw to it.
        self.assertEqual(self.names(), ["20260120", "20260201", "20260202"])
        self.assertEqual([e["note"] for e in self.listed()], [None] * 3)
        plan = json.loads(self.backup("prune", "--dry-run", "--json",
                                      **self.at("03-04")).stdout)
        self.assertEqual([p["file"][18:26] for p in plan], ["20260120", "20260201"])
        self.assertEqual(len(self.names()), 3)
        self.backup("prune", **self.at("03-04"))
        self.assertEqual(self.names(), ["20260202"])
        self.assertEqual(self.listed()[0]["note"], None)
        # However old, the newest proven one stays.
        self.backup("prune", **self.at("12-31"))
        self.assertEqual(self.names(), ["20260202"])

    def test_labelled_ones_stay_and_others_are_counted(self):
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("BACKUP_MAX_COUNT=2\n")
        self.create("--name", "keep", **self.at("01-01"))
        for day in ("02-01", "02-02", "02-03"):
            self.create(**self.at(day))
        self.assertEqual(self.names(), ["20260101", "20260202", "20260203"])

    def test_nothing_goes_while_the_clock_is_behind(self):
        for day in ("01-10", "02-01"):
            self.create(**self.at(day))
        done = self.create_behind("1970-01-02")
        self.assertIn(b"the clock stands before the newest backup", done.stderr)
        self.backup("prune", status=1, **self.at("01-15"))
        self.assertEqual(self.names(), ["19700102", "20260110", "20260201"])

    def create_behind(self, date):
        env = {"TZ": "UTC", "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
        return self.backup("create", wrap=("faketime", "-f", date + " 00:00:00"), env=env)


if __name__ == "__main__":
    unittest.main(verbosity=1)
