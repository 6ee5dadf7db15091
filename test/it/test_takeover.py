"""dum-import --database: a database of the Flask system moves in whole."""

import datetime
import decimal
import json
import os
import random
import shutil
import sqlite3
import unittest

from test_import import ImportCase

SCHEMA = """
CREATE TABLE locations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL, is_active BOOLEAN DEFAULT 1,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE daily_usage (id INTEGER PRIMARY KEY AUTOINCREMENT, date DATE NOT NULL,
  location_id INTEGER NOT NULL, usage_gb REAL DEFAULT 0,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (location_id) REFERENCES locations (id), UNIQUE(date, location_id));
CREATE TABLE monthly_summaries (id INTEGER PRIMARY KEY AUTOINCREMENT, period_start DATE NOT NULL,
  period_end DATE NOT NULL, location_id INTEGER NOT NULL, total_usage_gb REAL DEFAULT 0,
  manual_entry BOOLEAN DEFAULT 1, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (location_id) REFERENCES locations (id), UNIQUE(period_start, location_id));
CREATE TABLE system_info (id INTEGER PRIMARY KEY AUTOINCREMENT, metric_name TEXT NOT NULL UNIQUE,
  metric_value TEXT, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE INDEX idx_daily_usage_date ON daily_usage(date);
"""


def nearest_byte(value):
    exact = decimal.Decimal(value) * 10**9
    return int(exact.quantize(1, decimal.ROUND_HALF_UP))


class Takeover(ImportCase):
    def setUp(self):
        super().setUp()
        self.old = os.path.join(self.dir, "old", "data_usage.db")
        os.mkdir(os.path.dirname(self.old))

    def make(self, *rows, schema=SCHEMA, wal=False, path=None):
        """The old database; rows are (statement, values)."""
        path = path or self.old
        for name in (path, path + "-wal", path + "-shm"):
            if os.path.exists(name):
                os.remove(name)
        db = sqlite3.connect(path)
        if wal:
            db.execute("PRAGMA journal_mode = WAL")
        db.executescript(schema)
        for sql, *values in rows:
            db.execute(sql, values)
        db.commit()
        db.close()

    def beside(self):
        folder = os.path.dirname(self.old)
        return {n: (os.stat(os.path.join(folder, n)).st_mtime_ns,
                    open(os.path.join(folder, n), "rb").read())
                for n in sorted(os.listdir(folder))}

    def take(self, *args, status=0, **more):
        before = self.beside()
        done = self.program("dum-import", "--json", "--database", *args, self.old,
                            status=status, **more)
        self.assertEqual(self.beside(), before)
        self.said = done.stderr.decode()
        return json.loads(done.stdout) if done.stdout else None

    def refuse(self, says, *args, status=2):
        before = self.everything()
        summary = self.take(*args, status=status)
        self.assertEqual(self.everything(), before)
        text = summary["errors"][0]["text"] if summary else self.said
        self.assertIn(says, text)
        return summary

    LOCATION = "INSERT INTO locations (id, name, display_name) VALUES (?, ?, ?)"
    DAY = "INSERT INTO daily_usage (date, location_id, usage_gb) VALUES (?, ?, ?)"
    SUMMARY = ("INSERT INTO monthly_summaries (period_start, period_end, location_id,"
               " total_usage_gb) VALUES (?, ?, ?, ?)")

    def test_all_of_it_arrives(self):
        rng = random.Random(1)
        names = ["site_%d" % i for i in range(12)]
        ids = rng.sample(range(1, 500), len(names))
        rows = [("INSERT INTO locations VALUES (?, ?, ?, ?, '2023-04-05 06:07:08')",
                 i, n, n.upper(), k % 3 > 0) for k, (i, n) in enumerate(zip(ids, names))]
        wanted = {}
        for day in range(200):
            date = str(datetime.date(2024, 1, 1) + datetime.timedelta(day))
            for i, n in zip(ids, names):
                if rng.random() < 0.9:
                    value = rng.choice([rng.uniform(0, 100), round(rng.uniform(0, 9999), 2),
                                        round(rng.uniform(0, 9), 9), 0, 7, 0.1 + 0.2])
                    rows.append((self.DAY, date, i, value))
                    wanted[date, n] = nearest_byte(value)
        rows.append((self.SUMMARY, "2024-01-13", "2024-02-12", ids[0], 123.45))
        rows.append(("INSERT INTO monthly_summaries VALUES (7, '2024-02-13', '2024-03-12', ?, 5.5,"
                     " 0, '2024-03-13 01:02:03', '2024-03-14 01:02:03.123456')", ids[1]))
        self.make(*rows)
        done = self.take()
        self.counts(done, rows=len(wanted), cells=len(wanted), new=len(wanted), changed=0,
                    rejected=0, locations_created=12, locations_merged=0, locations_refused=0,
                    summaries=2, summaries_new=2, summaries_refused=0)
        self.assertEqual(self.days(), wanted)
        self.assertEqual(
            self.query("SELECT name, display_name, is_active, created_at FROM locations"
                       " ORDER BY name"),
            sorted((n, n.upper(), int(k % 3 > 0), "2023-04-05T06:07:08Z")
                   for k, n in enumerate(names)))
        self.assertEqual(
            self.query("SELECT period_start, period_end, name, total_usage_bytes, manual_entry"
                       " FROM monthly_summaries JOIN locations l ON l.id = location_id"
                       " ORDER BY 1"),
            [("2024-01-13", "2024-02-12", names[0], 123450000000, 1),
             ("2024-02-13", "2024-03-12", names[1], 5500000000, 0)])
        self.assertEqual(self.query("SELECT created_at, updated_at FROM monthly_summaries"
                                    " WHERE manual_entry = 0"),
                         [("2024-03-13T01:02:03Z", "2024-03-14T01:02:03Z")])
        again = self.take()
        self.counts(again, new=0, changed=0, same=len(wanted), locations_created=0,
                    locations_merged=12, summaries_same=2)
        self.program("dum-admin", "audit", "verify")
        # And all of it goes again.
        self.program("dum-import", "--undo", "1")
        for table in ("locations", "daily_usage", "monthly_summaries"):
            self.assertEqual(self.query("SELECT count(*) FROM " + table), [(0,)])

    def test_names_that_are_here_are_merged(self):
        self.load("D,North,South\n2024-01-01,1,2\n")
        self.make((self.LOCATION, 1, "South", "Their South"), (self.LOCATION, 2, "East", "East"),
                  (self.DAY, "2024-01-01", 1, 5), (self.DAY, "2024-01-01", 2, 6),
                  (self.SUMMARY, "2024-01-01", "2024-01-31", 1, 40))
        before = self.everything()
        dry = self.take("--dry-run")
        self.counts(dry, new=1, changed=1, locations_created=1, locations_merged=1, dry_run=True)
        self.assertEqual([(c["location"], c["before_gb"], c["after_gb"]) for c in dry["changes"]],
                         [("South", 2, 5), ("East", None, 6)])
        self.assertEqual(self.everything(), before)
        self.take()
        self.assertEqual(self.days(), {("2024-01-01", "North"): 10**9,
                                       ("2024-01-01", "South"): 5 * 10**9,
                                       ("2024-01-01", "East"): 6 * 10**9})
        self.assertEqual(self.query("SELECT display_name FROM locations ORDER BY id"),
                         [("North",), ("South",), ("East",)])
        text = self.program("dum-import", "--database", self.old).stdout.decode()
        self.assertIn("2 merged with those of the same name", text)
        done = self.program("dum-import", "--json", "--undo", "2")
        self.counts(json.loads(done.stdout), restored=1, removed=1, summaries_removed=1,
                    locations_removed=1)
        self.assertEqual(self.days()["2024-01-01", "South"], 2 * 10**9)

    def test_a_log_beside_it_is_read(self):
        self.make((self.LOCATION, 1, "A", "A"), wal=True)
        writer = sqlite3.connect(self.old)
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute(self.DAY, ("2024-01-01", 1, 5))
        writer.commit()
        folder = os.path.dirname(self.old)
        self.assertIn("data_usage.db-wal", os.listdir(folder))
        # As the program runs, with an open change of its own.
        writer.execute(self.DAY, ("2024-01-02", 1, 6))
        self.program("dum-import", "--database", self.old)
        self.assertEqual(self.days(), {("2024-01-01", "A"): 5 * 10**9})
        writer.commit()
        # As a copy of the two files.
        copy = os.path.join(self.dir, "copy")
        os.mkdir(copy)
        for name in ("data_usage.db", "data_usage.db-wal"):
            shutil.copy(os.path.join(folder, name), copy)
        writer.close()
        self.program("dum-import", "--database", os.path.join(copy, "data_usage.db"))
        self.assertEqual(self.days()["2024-01-02", "A"], 6 * 10**9)

    def test_no_file_is_made_beside_one_that_was_closed(self):
        self.make((self.LOCATION, 1, "A", "A"), (self.DAY, "2024-01-01", 1, 5), wal=True)
        self.assertEqual(os.listdir(os.path.dirname(self.old)), ["data_usage.db"])
        self.take()
        self.assertEqual(os.listdir(os.path.dirname(self.old)), ["data_usage.db"])
        odd = os.path.join(os.path.dirname(self.old), "100% mine? #1 ü.db")
        shutil.move(self.old, odd)
        self.old = odd
        self.counts(self.take(), same=1)

    def test_values_that_can_not_be_stop_it(self):
        cases = [("x", "no number"), (-0.5, "below zero"), (10000.1, "above the limit"),
                 (float("inf"), "above the limit"), (float("-inf"), "below zero"),
                 (b"\x01", "no number"), (1e300, "above the limit")]
        for value, says in cases:
            with self.subTest(value=value):
                self.make((self.LOCATION, 1, "A", "A"), (self.DAY, "2024-01-01", 1, 5),
                          (self.DAY, "2024-01-02", 1, value))
                summary = self.refuse(says)
                self.counts(summary, rejected=1, import_id=None, new=0)
        # NULL, which NaN becomes, is what is not known.
        self.make((self.LOCATION, 1, "A", "A"), (self.DAY, "2024-01-01", 1, float("nan")),
                  (self.DAY, "2024-01-02", 1, 3))
        self.counts(self.take(), empty=1, new=1)

    def test_rows_that_belong_nowhere_stop_it_or_are_left_out(self):
        bad = [(self.DAY, "2024-02-30", 1, 1), (self.DAY, "yesterday", 1, 1),
               (self.DAY, "2024-01-01 10:00:00", 1, 1), (self.DAY, "9999-01-01", 1, 1),
               (self.DAY, "", 1, 1), (self.DAY, 20240101, 1, 1), (self.DAY, "2024-01-03", 77, 1),
               (self.SUMMARY, "2024-01-01", "2023-12-31", 1, 1),
               (self.SUMMARY, "2024-01-02", "2031-01-01", 1, 1),
               (self.SUMMARY, "2024-01-03", "2024-01-31", 1, -1),
               (self.SUMMARY, "2024-01-04", "2024-01-31", 1, "much"),
               (self.SUMMARY, "soon", "2024-01-31", 1, 1),
               (self.SUMMARY, "2024-01-05", "2024-01-31", 99, 1),
               (self.LOCATION, 5, "line\nbreak", "x"), (self.LOCATION, 6, "", "x"),
               (self.LOCATION, 7, "x" * 101, "x"), (self.LOCATION, 8, b"\xff\xfe", "x")]
        good = [(self.LOCATION, 1, "A", "A"), (self.DAY, "2024-01-09 00:00:00.000000", 1, 4)]
        for row in bad:
            with self.subTest(row=row):
                self.make(*good, row)
                self.refuse("")
        self.make(*good, *bad)
        done = self.take("--skip-rejected")
        self.counts(done, new=1, rejected=7, locations_created=1, locations_refused=4,
                    summaries_new=0, summaries_refused=6)
        self.assertEqual(done["errors_total"], 17)
        self.assertEqual(self.days(), {("2024-01-09", "A"): 4 * 10**9})

    def test_a_link_leads_to_the_log_of_the_file(self):
        self.make(wal=True)
        db = sqlite3.connect(self.old)
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("INSERT INTO locations (name, display_name) VALUES ('a', 'A')")
        db.execute("INSERT INTO daily_usage (date, location_id, usage_gb)"
                   " VALUES ('2024-01-01', 1, 1)")
        db.commit()
        link = os.path.join(self.dir, "link.db")
        os.symlink(self.old, link)
        done = self.program("dum-import", "--json", "--database", link)
        self.counts(json.loads(done.stdout), new=1, locations_created=1)
        db.close()

    def test_ids_of_another_type_name_nothing(self):
        loose = SCHEMA.replace("id INTEGER PRIMARY KEY AUTOINCREMENT, name", "id TEXT, name", 1)
        loose = loose.replace("location_id INTEGER", "location_id")
        for one in ("aaa", "10", 1.5, None):
            with self.subTest(id=one):
                self.make(("INSERT INTO locations (id, name, display_name) VALUES (?, 'a', 'A')", one),
                          schema=loose)
                self.refuse("locations: the id", status=2)
        for one in ("1", 1.0, None, b"1"):
            with self.subTest(location_id=one):
                self.make(("INSERT INTO locations (name, display_name) VALUES ('a', 'A')",),
                          ("INSERT INTO daily_usage (date, location_id, usage_gb)"
                           " VALUES ('2024-01-01', ?, 1)", one),
                          schema=SCHEMA.replace("location_id INTEGER NOT NULL", "location_id"))
                self.refuse("daily_usage: the location_id", status=2)

    def test_a_day_that_is_there_twice_has_to_agree(self):
        rows = [("INSERT INTO locations (name, display_name) VALUES ('a', 'A')",),
                ("INSERT INTO daily_usage (date, location_id, usage_gb)"
                 " VALUES ('2024-01-01', 1, 1)",)]
        again = ("INSERT INTO daily_usage (date, location_id, usage_gb)"
                 " VALUES ('2024-01-01 00:00:00', 1, ?)")
        self.make(*rows, (again, 2))
        self.refuse("in another row")
        self.counts(self.take("--skip-rejected"), new=1, rejected=1)
        self.make(*rows, (again, 1))
        self.counts(self.take(), new=0, same=1, rejected=0)

    def test_two_locations_of_one_name_are_refused(self):
        self.make(("INSERT INTO locations (name, display_name) VALUES ('a', 'A'), ('a', 'B')",),
                  schema=SCHEMA.replace("name TEXT NOT NULL UNIQUE", "name TEXT NOT NULL", 1))
        self.refuse("1 and 2 have the same name 'a'")

    def test_older_tables_without_all_columns_will_do(self):
        self.make((self.LOCATION, 1, "A", "A"), (self.DAY, "2024-01-01", 1, 5), schema="""
            CREATE TABLE locations (id INTEGER PRIMARY KEY, name TEXT, display_name TEXT);
            CREATE TABLE daily_usage (id INTEGER PRIMARY KEY, date DATE, location_id INTEGER,
                                      usage_gb REAL);""")
        self.counts(self.take(), new=1, summaries=0)

    def test_other_files_are_refused_for_what_they_are(self):
        def table(name):
            return SCHEMA.replace("CREATE TABLE " + name + " ", "CREATE TABLE other_" + name + " ")
        self.make(schema=table("locations"))
        self.refuse("no table locations", status=1)
        self.make(schema=table("daily_usage").split("CREATE INDEX")[0])
        self.refuse("no table daily_usage", status=1)
        self.make(schema=SCHEMA.replace("usage_gb REAL", "usage_mb REAL"))
        self.refuse("no column usage_gb", status=1)
        self.make(schema=SCHEMA.replace("CREATE TABLE daily_usage", "CREATE TABLE d", 1)
                  .replace("CREATE INDEX idx_daily_usage_date ON daily_usage(date);", "") + """
            CREATE VIEW daily_usage AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL
              SELECT n + 1 FROM r) SELECT n AS id, '2024-01-01' AS date, 1 AS location_id,
              1.0 AS usage_gb FROM r;""")
        self.refuse("no table daily_usage", status=1)
        shutil.copy(self.database, self.old)
        self.refuse("a database of this program", status=1)
        for content, status in ((b"", 1), (b"date,A\n2024-01-01,1\n" * 50, 4),
                                (b"SQLite format 3\0" + b"\xff" * 4096, 4)):
            with open(self.old, "wb") as f:
                f.write(content)
            self.refuse("", status=status)
        os.remove(self.old)
        self.refuse("No such file", status=1)
        os.mkfifo(self.old)
        before = self.everything()
        self.program("dum-import", "--database", self.old, status=1)
        self.program("dum-import", "--database", os.path.dirname(self.old), status=1)
        self.program("dum-import", "--database", "-", status=2)
        self.assertEqual(self.everything(), before)

    def test_files_that_are_cut_or_garbled_change_nothing_by_half(self):
        rows = [(self.LOCATION, i, "loc%d" % i, "L") for i in range(1, 9)]
        rows += [(self.DAY, "2024-01-%02d" % d, i, d + i) for d in range(1, 30)
                 for i in range(1, 9)]
        self.make(*rows)
        with open(self.old, "rb") as f:
            whole = f.read()
        rng = random.Random(5)
        before = self.everything()
        refused = 0
        for i in range(80):
            bad = bytearray(whole)
            if i % 4 == 0:
                bad = bad[:rng.randrange(len(bad))]
            for _ in range(rng.randrange(1, 60) if i % 4 else 0):
                bad[rng.randrange(len(bad))] = rng.randrange(256)
            with open(self.old, "wb") as f:
                f.write(bad)
            done = self.program("dum-import", "--database", "--dry-run", "--json", self.old,
                                status=None)
            self.assertIn(done.returncode, (0, 1, 2, 4), done.stderr)
            refused += done.returncode != 0
            self.assertEqual(bool(done.stderr), done.returncode != 0)
        self.assertGreater(refused, 40)
        self.assertEqual(self.everything(), before)


if __name__ == "__main__":
    unittest.main()
