"""dum-admin audit: the journal's chain, its anchors, its list and its pruning.
The chain is worked out here a second time, from the text of lib/store/journal.h
alone; who tampers does it with Python's sqlite3 and the triggers dropped."""

import gzip
import hashlib
import hmac
import json
import os
import signal
import stat
import struct
import subprocess
import unittest

from admin_fixture import BIN, AdminCase

FIELDS = ("id", "at", "timeline", "batch", "actor", "address", "source",
          "request_id", "op", "tbl", "pk", "before", "after", "prev", "key_id")


def seal(key, row):
    """The mac of an entry, a dict by the columns' names."""
    message = b""
    for name in FIELDS:
        value = row[name]
        if value is None:
            message += b"\xff\xff\xff\xff"
            continue
        data = value if isinstance(value, bytes) else str(value).encode()
        message += struct.pack(">I", len(data)) + data
    return hmac.new(key, message, hashlib.sha256).digest()


class Case(AdminCase):
    def setUp(self):
        super().setUp()
        self.init()
        self.anchors = self.path("state/anchors.log")
        with open(self.path("state/secret.key"), encoding="ascii") as f:
            self.key = bytes.fromhex(f.read())

    def work(self, count=5, **more):
        """Some changes, each an entry of the journal."""
        start = self.query("SELECT count(*) FROM locations")[0][0]
        for i in range(start, start + count):
            self.admin("location", "add", "l%d" % i, **more)

    def long_ago(self, date, *args):
        """Run it with the clock at a day's noon."""
        command = ["faketime", "-f", "@%s 12:00:00" % date,
                   os.path.join(BIN, "dum-admin"), *args]
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              env=self.environment(
                                  TZ="UTC", ASAN_OPTIONS="verify_asan_link_order=0:"
                                  "detect_leaks=0"))
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def rows(self):
        names = FIELDS + ("mac",)
        return [dict(zip(names, r)) for r in self.query(
            "SELECT %s FROM journal ORDER BY id" % ", ".join(names))]

    def tamper(self, *statements):
        with self.open_database("rw") as db:
            db.execute("BEGIN IMMEDIATE")
            triggers = db.execute("SELECT name, sql FROM sqlite_schema"
                                  " WHERE type = 'trigger'").fetchall()
            for name, _ in triggers:
                db.execute("DROP TRIGGER " + name)
            for sql, args in statements:
                db.execute(sql, args)
            for _, sql in triggers:
                db.execute(sql)
            db.execute("COMMIT")

    def check(self, rows, prev=bytes(32)):
        """The chain of these rows is right, by Python's reckoning."""
        for row in rows:
            self.assertEqual(row["prev"], prev, row["id"])
            self.assertEqual(seal(self.key, row), row["mac"], row["id"])
            prev = row["mac"]
        return prev

    def verdict(self, sound):
        return self.json("audit", "verify", status=0 if sound else 1)

    def broken(self, at, *says):
        """The chain is broken at an entry."""
        verdict = self.verdict(False)
        self.assertEqual((verdict["sound"], verdict["broken_id"]), (False, at), verdict)
        text = self.admin("audit", "verify", status=1).stdout
        self.assertIn("entry %d is broken" % at, text)
        for word in says:
            self.assertIn(word, text)


class Verify(Case):
    def test_the_chain_is_what_its_description_says(self):
        self.work()
        self.add_user("alice", "admin")
        self.admin("key", "add", "k", "--scope", "read")
        rows = self.rows()
        self.assertGreaterEqual(len(rows), 8)
        self.check(rows)
        verdict = self.verdict(True)
        self.assertEqual((verdict["entries"], verdict["broken_id"], verdict["why"]),
                         (len(rows), None, None))

    def test_the_triggers_refuse_changes(self):
        self.work(2)
        with self.open_database("rw") as db:
            for sql in ("UPDATE journal SET actor = 'x'", "DELETE FROM journal",
                        "DELETE FROM journal WHERE id = 1"):
                with self.assertRaisesRegex(Exception, "journal can not be"):
                    db.execute(sql)

    def test_each_field_of_an_entry_is_sealed(self):
        self.work()
        for column, value in (("at", "2020-01-01T00:00:00Z"), ("timeline", 2),
                              ("batch", 1), ("actor", "user:eve"),
                              ("address", "192.0.2.1"), ("source", "other"),
                              ("request_id", "0"), ("op", "delete"), ("tbl", "users"),
                              ("pk", "77"), ("before", "{}"), ("after", "{}"),
                              ("prev", bytes(32)), ("mac", bytes(32))):
            old, = self.query("SELECT %s FROM journal WHERE id = 4" % column)
            self.tamper(("UPDATE journal SET %s = ? WHERE id = 4" % column, (value,)))
            self.broken(4)
            self.tamper(("UPDATE journal SET %s = ? WHERE id = 4" % column, old))
            self.verdict(True)

    def test_a_missing_entry_shows_at_the_next(self):
        self.work()
        self.tamper(("DELETE FROM journal WHERE id = 3", ()))
        self.broken(4, "missing")

    def test_a_missing_beginning_shows(self):
        self.work()
        self.tamper(("DELETE FROM journal WHERE id <= 2", ()))
        self.broken(3)

    def test_an_entry_put_in_shows(self):
        self.work(3)
        row = dict(self.rows()[-1], id=5, batch=5, pk="9")
        row["prev"] = self.rows()[-1]["mac"]
        row["mac"] = seal(b"\x00" * 32, row)
        names = FIELDS + ("mac",)
        self.tamper(("INSERT INTO journal (%s) VALUES (%s)" % (
            ", ".join(names), ", ".join("?" * len(names))),
            tuple(row[n] for n in names)))
        self.broken(5)

    def test_another_key_is_told_apart(self):
        self.work(1)
        with open(self.path("state/secret.key"), "w", encoding="ascii") as f:
            f.write("11" * 32 + "\n")
        self.broken(1, "another key")


class Anchors(Case):
    def lines(self):
        with open(self.anchors, encoding="ascii") as f:
            return f.read().splitlines()

    def test_an_anchor_is_the_end_of_the_journal(self):
        self.work(2)
        line = self.admin("audit", "anchor").stdout
        head = self.rows()[-1]
        self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ id=%d mac=%s key=%s\n$" % (
            head["id"], head["mac"].hex(), head["key_id"]))
        self.work(1)
        one = self.json("audit", "anchor")
        self.assertEqual(one["id"], head["id"] + 1)
        self.assertEqual(one["mac"], self.rows()[-1]["mac"].hex())
        self.assertEqual(self.lines()[0] + "\n", line)
        self.assertEqual(len(self.lines()), 2)
        self.assertEqual(os.stat(self.anchors).st_mode & 0o007, 0)
        verdict = self.verdict(True)
        self.assertEqual((verdict["anchors"]["checked"], verdict["anchors"]["pruned"],
                          verdict["anchors"]["broken_line"]), (2, 0, None))
        self.assertIn("2 anchors fit", self.admin("audit", "verify").stdout)

    def test_it_goes_to_syslog_too(self):
        log = self.path("calls")
        subprocess.run(["strace", "-f", "-qq", "-e", "trace=connect", "-o", log,
                        os.path.join(BIN, "dum-admin"), "audit", "anchor"],
                       check=True, capture_output=True,
                       env=self.environment(ASAN_OPTIONS="detect_leaks=0"))
        with open(log, encoding="ascii") as f:
            self.assertIn('"/dev/log"', f.read())

    def test_without_anchors_a_cut_end_does_not_show_and_it_says_so(self):
        self.work()
        self.tamper(("DELETE FROM journal WHERE id > 3", ()))
        self.verdict(True)
        self.assertIn("no anchors", self.admin("audit", "verify").stdout)

    def test_a_cut_end_shows_by_the_anchors(self):
        self.work(2)
        self.admin("audit", "anchor")
        self.work(2)
        self.admin("audit", "anchor")
        self.tamper(("DELETE FROM journal WHERE id > 4", ()))
        verdict = self.verdict(False)
        self.assertIsNone(verdict["broken_id"])
        self.assertEqual((verdict["anchors"]["broken_line"],
                          verdict["anchors"]["broken_id"]), (2, 5))
        text = self.admin("audit", "verify", status=1).stdout
        self.assertIn("anchors.log:2: entry 5: ", text)
        self.assertIn("cut off", text)

    def test_a_cut_end_is_not_anchored(self):
        self.work(3)
        self.admin("audit", "anchor")
        self.tamper(("DELETE FROM journal WHERE id > 2", ()))
        before = self.lines()
        self.refused("move that file away", "audit", "anchor", status=1)
        self.assertEqual(self.lines(), before)
        os.rename(self.anchors, self.anchors + ".old")
        self.admin("audit", "anchor")

    def test_a_journal_written_anew_with_the_key_shows_by_the_anchors(self):
        self.work(4)
        self.admin("audit", "anchor")
        changes, prev = [], bytes(32)
        for row in self.rows():
            row["prev"] = prev
            if row["id"] == 3:
                row["actor"] = "user:innocent"
            prev = seal(self.key, row)
            changes.append(("UPDATE journal SET actor = ?, prev = ?, mac = ? WHERE id = ?",
                            (row["actor"], row["prev"], prev, row["id"])))
        self.tamper(*changes)
        verdict = self.verdict(False)
        self.assertIsNone(verdict["broken_id"])
        self.assertEqual((verdict["anchors"]["broken_line"],
                          verdict["anchors"]["broken_id"]), (1, 5))
        self.assertIn("anew", verdict["anchors"]["why"])

    def test_a_line_that_is_no_anchor_is_named(self):
        self.admin("audit", "anchor")
        with open(self.anchors, "a", encoding="ascii") as f:
            f.write("hello\n")
        verdict = self.verdict(False)
        self.assertEqual((verdict["anchors"]["broken_line"],
                          verdict["anchors"]["broken_id"]), (2, None))
        self.assertIn("anchors.log:2: ", self.admin("audit", "verify", status=1).stdout)

    def test_a_place_that_can_not_be_written_is_told(self):
        self.settings("AUDIT_ANCHOR_FILE=nowhere/anchors.log")
        self.refused("nowhere/anchors.log", "audit", "anchor", status=1)


class List(Case):
    def test_newest_first_with_who_did_what(self):
        self.work(3)
        rows = self.json("audit", "list")
        self.assertEqual([r["id"] for r in rows], [4, 3, 2, 1])
        self.assertEqual(list(rows[0]), ["id", "at", "actor", "address", "source",
                                         "request_id", "kind", "op", "table", "pk",
                                         "before", "after"])
        self.assertEqual((rows[0]["op"], rows[0]["table"], rows[0]["source"],
                          rows[0]["kind"]), ("insert", "locations", "dum-admin", "change"))
        self.assertEqual(rows[0]["after"]["name"], "l2")
        lines = self.admin("audit", "list").stdout.splitlines()
        self.assertEqual([l.split("\t")[0] for l in lines], ["4", "3", "2", "1"])
        self.assertEqual({l.count("\t") for l in lines}, {9})

    def test_limit_counts_across_pages(self):
        self.work(2)
        self.put([dict(actor="user:a%d" % (i % 3)) for i in range(1300)])
        self.assertEqual(len(self.json("audit", "list")), 50)
        for limit in (1, 499, 500, 501, 1000, 1303):
            ids = [r["id"] for r in self.json("audit", "list", "--limit", str(limit))]
            self.assertEqual(ids, list(range(1303, 1303 - limit, -1)))
        self.assertEqual(len(self.json("audit", "list", "--limit", "10000")), 1303)

    def put(self, entries):
        """Add entries as a program with the key would."""
        last = self.rows()[-1]
        names = FIELDS + ("mac",)
        statements = []
        for entry in entries:
            row = {**last, "id": last["id"] + 1, "batch": last["id"] + 1,
                   "prev": last["mac"], **entry}
            row["mac"] = seal(self.key, row)
            statements.append(("INSERT INTO journal (%s) VALUES (%s)" % (
                ", ".join(names), ", ".join("?" * len(names))),
                tuple(row[n] for n in names)))
            last = row
        self.tamper(*statements)
        self.verdict(True)

    def test_of_several_actors_the_newest_in_order(self):
        self.put([dict(actor="user:%s" % "abcad"[i % 5]) for i in range(40)])
        wanted = [r["id"] for r in self.rows() if r["actor"] in ("user:a", "user:d")][::-1]
        actors = ("--actor", "user:a", "--actor", "user:d", "--actor", "user:a")
        self.assertEqual([r["id"] for r in self.json("audit", "list", *actors)], wanted)
        self.assertEqual([r["id"] for r in self.json("audit", "list", "--limit", "7", *actors)],
                         wanted[:7])
        self.assertEqual(self.json("audit", "list", "--actor", "user:nobody"), [])
        self.assertEqual(self.admin("audit", "list", "--actor", "user:nobody").stdout, "")

    def test_what_input_put_into_it_can_not_steer_a_terminal(self):
        self.put([dict(op="login_failed", tbl="event", after=None,
                       pk="ev\x1b[31mil\nadmin\u202etxt\u009b2J")])
        line = self.admin("audit", "list", "--limit", "1").stdout
        self.assertIn("ev?[31mil?admin?txt?2J", line)
        self.assertEqual(line.count("\n"), 1)
        one, = self.json("audit", "list", "--limit", "1")
        self.assertEqual((one["kind"], one["op"], one["table"]),
                         ("event", "login_failed", None))


class Prune(Case):
    def fill(self):
        """Two entries of 2020, one of 2021, one of 2023; more of today."""
        self.tamper(("DELETE FROM journal", ()))
        for date, name in (("2020-03-01", "a"), ("2020-12-31", "b"),
                           ("2021-06-01", "c"), ("2023-01-01", "d")):
            self.long_ago(date, "location", "add", name)
        self.work(2)
        self.check(self.rows())

    def kept(self, path):
        opener = gzip.open if path.endswith(".gz") else open
        with opener(self.path(path), "rt", encoding="utf-8") as f:
            rows = [json.loads(line) for line in f]
        for row in rows:
            for name in ("prev", "mac"):
                row[name] = bytes.fromhex(row[name])
            for name in ("before", "after"):
                if row[name] is not None:
                    row[name] = json.dumps(row[name], separators=(",", ":"),
                                           ensure_ascii=False)
        return rows

    def prune(self, before, path, **more):
        return self.json("audit", "prune", "--before", before, "--keep", path, **more)

    def test_what_goes_is_in_the_file_and_the_chain_goes_on(self):
        for name in ("kept.jsonl", "kept.jsonl.gz"):
            with self.subTest(file=name):
                self.fill()
                before = self.rows()
                done = self.prune("2021-01-01", name)
                self.assertEqual(done, {"entries": 2, "upto_id": 2, "file": name})
                rows = self.kept(name)
                self.assertEqual(rows, before[:2])
                prev = self.check(rows)
                after = self.rows()
                self.assertEqual(after[:len(before) - 2], before[2:])
                self.assertEqual(after[-1]["op"], "journal_pruned")
                self.check(after, prev)
                self.assertTrue(self.verdict(True)["sound"])
                mode = os.stat(self.path(name)).st_mode
                self.assertEqual(stat.S_IMODE(mode), 0o600)
                self.assertFalse(os.path.exists(self.path(name + ".partial")))
                self.tearDownState()

    def tearDownState(self):
        for name in os.listdir(self.path("state")):
            if name.startswith("data_usage.db"):
                os.remove(self.path("state", name))
        self.init()

    def test_it_can_be_done_again_and_again(self):
        self.fill()
        everything = self.rows()
        self.prune("2020-06-01", "1")
        self.prune("2021-01-01", "2")
        self.prune("2022-01-01", "3.gz")
        kept = self.kept("1") + self.kept("2") + self.kept("3.gz")
        self.assertEqual(kept, everything[:3])
        self.check(self.rows(), self.check(kept))
        self.work(1)
        self.assertTrue(self.verdict(True)["sound"])

    def test_the_first_day_that_stays_is_one_of_the_settings_zone(self):
        self.fill()
        self.settings("TIMEZONE=Pacific/Auckland")
        # 2020-12-31T12:00Z is the first of January 2021 there.
        self.assertEqual(self.prune("2021-01-01", "1")["entries"], 1)

    def test_nothing_older_makes_no_file(self):
        self.fill()
        done = self.prune("2019-01-01", "none")
        self.assertEqual(done, {"entries": 0, "upto_id": 0, "file": None})
        self.assertFalse(os.path.exists(self.path("none")))
        self.assertIn("nothing is older", self.admin(
            "audit", "prune", "--before", "2019-01-01", "--keep", "none").stdout)

    def unchanged(self, says, *args, status=1):
        before = self.rows()
        self.refused(says, "audit", "prune", *args, status=status)
        self.assertEqual(self.rows(), before)

    def test_a_file_that_exists_is_never_replaced(self):
        self.fill()
        with open(self.path("there"), "w", encoding="ascii") as f:
            f.write("mine")
        self.unchanged("exists", "--before", "2021-01-01", "--keep", "there")
        with open(self.path("there"), encoding="ascii") as f:
            self.assertEqual(f.read(), "mine")

    def test_a_place_that_can_not_be_written_deletes_nothing(self):
        self.fill()
        self.unchanged("nowhere", "--before", "2021-01-01", "--keep", "nowhere/f")

    def test_days_to_come_are_refused(self):
        self.fill()
        self.unchanged("yet to come", "--before", "2999-01-01", "--keep", "f", status=2)

    def test_a_broken_journal_is_not_pruned(self):
        self.fill()
        self.tamper(("UPDATE journal SET actor = 'x' WHERE id = 2", ()))
        self.unchanged("entry 2", "--before", "2022-01-01", "--keep", "f", status=4)
        self.assertFalse(os.path.exists(self.path("f")))

    def test_anchors_of_what_went_are_counted_and_not_held_against_it(self):
        self.tamper(("DELETE FROM journal", ()))
        for date, name in (("2020-03-01", "a"), ("2020-12-31", "b"), ("2021-06-01", "c")):
            self.long_ago(date, "location", "add", name)
            self.long_ago(date, "audit", "anchor")
        self.prune("2021-01-01", "f")
        self.admin("audit", "anchor")
        anchors = self.verdict(True)["anchors"]
        # The last one that went has its mac in the seal; the first has not.
        self.assertEqual((anchors["checked"], anchors["pruned"]), (4, 1))

    def test_a_forged_pruning_shows(self):
        self.fill()
        rows = self.rows()
        self.tamper(
            ("INSERT INTO journal_prunes (upto_id, mac, seal, key_id, at)"
             " VALUES (2, ?, zeroblob(32), ?, '2026-01-01T00:00:00Z')",
             (rows[1]["mac"], rows[1]["key_id"])),
            ("DELETE FROM journal WHERE id <= 2", ()))
        self.assertFalse(self.verdict(False)["sound"])

    def test_killed_at_any_point_nothing_is_lost(self):
        places = ([("pwrite64", n) for n in (1, 2, 4, 8, 12)] +
                  [("fsync", n) for n in (1, 2)] + [("fdatasync", 1)] +
                  [("link", 1), ("unlink", 1), ("unlink", 2), ("write", 1)])
        killed = 0
        for number, (call, when) in enumerate(places):
            self.tearDownState()
            self.fill()
            before, name = self.rows(), "kept%d.gz" % number
            done = subprocess.run(
                ["strace", "-f", "-qq", "-e", "trace=" + call, "-e",
                 "inject=%s:signal=KILL:when=%d" % (call, when), "-o", "/dev/null",
                 os.path.join(BIN, "dum-admin"), "audit", "prune", "--before",
                 "2021-01-01", "--keep", name], capture_output=True, check=False,
                cwd=self.dir, env=self.environment(ASAN_OPTIONS="detect_leaks=0"))
            killed += done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
            rows = self.rows()
            if os.path.exists(self.path(name)):
                self.assertEqual(self.kept(name), before[:2], (call, when))
            else:
                self.assertEqual(rows, before, (call, when))
            self.assertTrue(self.verdict(True)["sound"])
            if rows[0]["id"] == 1:
                self.assertEqual(self.prune("2021-01-01", "again%d" % number)["entries"], 2)
        self.assertGreaterEqual(killed, 6)


if __name__ == "__main__":
    unittest.main()
