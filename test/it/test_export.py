"""dum-export: exact values, harmless cells, and back by dum-import unchanged."""

import csv
import datetime
import io
import json
import os
import random
import re
import stat
import subprocess
import unittest
from decimal import Decimal

from test_import import BIN, ImportCase

HOSTILE = ["=cmd|' /C calc'!A0", "=cmd()", "+1", "-1", "@x", "'quoted", "''=x", "'=x", "'", "''",
           "'tis", "a,b", ",", ";", "a;b", '"', '"a"', 'a"b', '""', "a'", "=1'", "\u00a0x",
           "x\u00a0", "\u00a0", "'\u00a0'", "\u00a0'", "\u202f'x'\u202f''", "\uff1d1", "\uff0b",
           "\uff20x", "location", "usage_gb", "Date", "date", "2024-01-01", "1.5", "ü", "日本",
           "\U0001f600", "[", "{", "\\", "NULL", "#", "x" * 100, "é" * 100, "1e5", "N/A",
           "\u2019=x", "=", "+", "-", "@", "%s", "</script>"]
ALPHABET = "ab =+-@'\",;\u00a0\u202f\uff1d\uff0dü1.\\[{"


def random_name(rng):
    while True:
        name = "".join(rng.choice(ALPHABET) for _ in range(rng.randrange(1, 8)))
        if name.strip(" ") == name and name:
            return name


def unguarded(cell):
    """The name in a cell, by the words of calc/csv_guard.h."""
    if re.match("'+[=+\\-@\uff1d\uff0b\uff0d\uff20\u00a0\u202f]", cell):
        cell = cell[1:]
    if re.search("[\u00a0\u202f]'+$", cell):
        cell = cell[:-1]
    return cell


class Export(ImportCase):
    def fill(self, days):
        """days: {(date, name): bytes}, by way of JSON, where names are as they are."""
        rows = [{"date": d, "location": n, "usage_gb": float(Decimal(b) / 10**9)}
                for (d, n), b in days.items()]
        self.load(json.dumps(rows), "--max-daily-gb", "1000000", "--allow-future")
        self.assertEqual(self.days(), days)

    def export(self, form, *args, status=0):
        return self.program("dum-export", "--format", form, *args, status=status).stdout.decode()

    def into_another(self, text, *args):
        """The days that a file gives in an empty installation."""
        home = self.dir, self.config, self.database
        try:
            ImportCase.setUp(self)
            self.load(text, "--max-daily-gb", "1000000", "--allow-future", *args)
            return self.days()
        finally:
            self.dir, self.config, self.database = home

    def comes_back(self, days):
        for form, args in (("wide", ["--empty", "skip"]), ("long", []), ("json", [])):
            with self.subTest(form=form):
                text = self.export(form)
                before = self.query("SELECT * FROM daily_usage ORDER BY id")
                done = self.load(text, "--max-daily-gb", "1000000", "--allow-future", *args)
                self.counts(done, new=0, changed=0, same=len(days), locations_created=0,
                            errors=[])
                self.assertEqual(self.query("SELECT * FROM daily_usage ORDER BY id"), before)
                self.assertEqual(self.into_another(text, *args), days)

    def days_of(self, names, rng):
        start = datetime.date(2024, 1, 1)
        amounts = [0, 1, 999, 10**9, 9900000000, 10**15, 123456789012345, 10**15 - 1]
        days = {}
        for n in names:
            for d in range(6):
                if rng.random() < 0.7:
                    days[str(start + datetime.timedelta(d)), n] = (
                        rng.choice(amounts) if rng.random() < 0.5 else rng.randrange(10**15))
            days.setdefault((str(start), n), rng.randrange(10**12))
        return days

    def test_any_name_and_any_amount_comes_back(self):
        rng = random.Random(17)
        days = self.days_of(HOSTILE, rng)
        self.fill(days)
        self.comes_back(days)

    def test_amounts_have_no_exponent(self):
        self.fill({("2024-01-01", "a"): 500, ("2024-01-02", "a"): 1,
                   ("2024-01-03", "a"): 10**15})
        for form in ("wide", "long", "json"):
            amounts = re.findall(r"(?<![-\d])\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![-\d])",
                                 self.export(form))
            self.assertEqual(amounts, ["0.0000005", "0.000000001", "1000000"], form)

    def test_random_names_come_back(self):
        for seed in range(int(os.environ.get("DUM_EXPORT_SEEDS", "3"))):
            rng = random.Random(seed)
            with self.subTest(seed=seed):
                ImportCase.setUp(self)
                days = self.days_of({random_name(rng) for _ in range(80)}, rng)
                self.fill(days)
                self.comes_back(days)

    def test_one_location_of_any_name_comes_back(self):
        # The separator and the kind of table must not be taken for others.
        for name in ("a;b;c", "location,usage_gb", "x\u00a0", "usage_gb", '"'):
            ImportCase.setUp(self)
            days = {("2024-01-01", name): 1500000000, ("2024-01-02", name): 0}
            self.fill(days)
            with self.subTest(name=name):
                self.comes_back(days)
        ImportCase.setUp(self)
        days = {("2024-01-01", "location"): 1, ("2024-01-01", "usage_gb"): 2}
        self.fill(days)
        self.comes_back(days)

    def test_no_cell_runs_in_a_spreadsheet_and_python_reads_the_same(self):
        days = self.days_of(HOSTILE, random.Random(3))
        self.fill(days)
        rows = list(csv.reader(io.StringIO(self.export("long")), strict=True))
        self.assertEqual(rows[0], ["date", "location", "usage_gb"])
        for row in rows:
            for cell in row:
                self.assertNotRegex(cell, "^[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
        self.assertEqual({(d, unguarded(n)): int(Decimal(v) * 10**9) for d, n, v in rows[1:]},
                         days)
        self.assertEqual([r[0] for r in rows[1:]], sorted(r[0] for r in rows[1:]))
        wide = list(csv.reader(io.StringIO(self.export("wide")), strict=True))
        for cell in wide[0]:
            self.assertNotRegex(cell, "^[=+\\-@\uff1d\uff0b\uff0d\uff20]")
        self.assertEqual({(r[0], unguarded(n)): int(Decimal(v) * 10**9) for r in wide[1:]
                          for n, v in zip(wide[0][1:], r[1:]) if v}, days)
        self.assertEqual({len(r) for r in wide}, {len(HOSTILE) + 1})
        self.assertEqual({(r["date"], r["location"]): int(r["usage_gb"] * 10**9) for r in
                          json.loads(self.export("json"), parse_float=Decimal)}, days)

    def test_ranges_and_locations(self):
        self.load("D,A,B,C\n2024-01-01,1,2,3\n2024-01-02,4,,6\n2024-01-03,7,8,\n",
                  "--empty", "skip")
        self.assertEqual(self.export("wide", "--from", "2024-01-02", "--location", "C",
                                     "--location", "A", "--location", "A"),
                         "Date,A,C\n2024-01-02,4,6\n2024-01-03,7,\n")
        self.assertEqual(self.export("long", "--until", "2024-01-02", "--location", "B"),
                         "date,location,usage_gb\n2024-01-01,B,2\n")
        self.assertEqual(self.export("json", "--from", "2024-01-03", "--until", "2024-01-03"),
                         '[\n{"date":"2024-01-03","location":"A","usage_gb":7},\n'
                         '{"date":"2024-01-03","location":"B","usage_gb":8}\n]\n')
        self.assertEqual(json.loads(self.export("json", "--until", "2023-01-01")), [])
        self.assertEqual(self.export("wide", "--from", "9999-12-31", "--until", "9999-12-31"),
                         "Date,A,B,C\n")
        self.export("wide", "--location", "D", status=1)
        for args in (["--format", "xml"], [], ["--format", "wide", "--from", "2024-02-30"],
                     ["--format", "wide", "x"],
                     ["--format", "long", "--from", "2024-01-02", "--until", "2024-01-01"]):
            self.program("dum-export", *args, status=2)

    def test_a_file_is_written_whole_or_not_at_all(self):
        self.load("D,A\n2024-01-01,1\n")
        path = os.path.join(self.dir, "out.csv")
        self.export("wide", "--output", path)
        with open(path, encoding="utf-8") as f:
            self.assertEqual(f.read(), "Date,A\n2024-01-01,1\n")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.export("wide", "--output", path, "--location", "nobody", status=1)
        with open(path, encoding="utf-8") as f:
            self.assertEqual(f.read(), "Date,A\n2024-01-01,1\n")
        self.assertEqual([n for n in os.listdir(self.dir) if "partial" in n], [])
        self.export("wide", "--output", os.path.join(self.dir, "none", "x"), status=1)
        with open("/dev/full", "wb") as full:
            done = subprocess.run([os.path.join(BIN, "dum-export"), "--config", self.config,
                                   "--format", "long"], stdout=full, stderr=subprocess.PIPE,
                                  check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"could not be written", done.stderr)

    def test_several_at_once_leave_one_of_them_whole(self):
        self.load("Date,A,B\n2024-01-01,1,2\n2024-01-02,3,4\n")
        wanted = {f: self.program("dum-export", "--format", f).stdout
                  for f in ("wide", "long", "json")}
        out = os.path.join(self.dir, "out")
        for _ in range(5):
            running = [subprocess.Popen([os.path.join(BIN, "dum-export"), "--config", self.config,
                                         "--format", f, "--output", out]) for f in wanted]
            self.assertEqual([p.wait(60) for p in running], [0, 0, 0])
            with open(out, "rb") as f:
                self.assertIn(f.read(), wanted.values())
        self.assertEqual([n for n in os.listdir(self.dir) if n.startswith("out.")], [])

    def test_a_fifo_is_written_to_and_stays_one(self):
        self.load("Date,A\n2024-01-01,1\n")
        fifo = os.path.join(self.dir, "fifo")
        os.mkfifo(fifo)
        with subprocess.Popen(["cat", fifo], stdout=subprocess.PIPE) as reader:
            self.program("dum-export", "--format", "wide", "--output", fifo)
            self.assertEqual(reader.stdout.read(),
                             self.program("dum-export", "--format", "wide").stdout)
        self.assertTrue(stat.S_ISFIFO(os.stat(fifo).st_mode))


class LongTables(ImportCase):
    def test_tables_made_by_hand(self):
        done = self.load("\ufeffdate;location;usage_gb\r\n13/01/2024;North;1,5\r\n"
                         "14/01/2024;North;\r\n14/01/2024;South;2,25\r\n;;\r\n")
        self.counts(done, rows=3, cells=2, empty=1, new=3, locations_created=2)
        self.assertEqual(self.days(), {("2024-01-13", "North"): 1500000000,
                                       ("2024-01-14", "North"): 0,
                                       ("2024-01-14", "South"): 2250000000})
        done = self.load("Day\tSite\tMB\n2024-02-01\tNorth\t1500\n", "--format", "long",
                         "--unit", "MB", "--dry-run")
        self.counts(done, new=1)
        # The same letters as a wide table, for who says so.
        done = self.load("date,location,usage_gb\n2024-03-01,1,2\n", "--format", "wide",
                         "--dry-run")
        self.counts(done, new=2, locations_created=2)

    def test_what_is_wrong_is_named_by_line(self):
        head = "date,location,usage_gb\n"
        for text, line, says in [
                (head + "2024-01-01,A,1\n2024-01-01,A,2\n", 3, "but 1 GB on line 2"),
                (head + "2024-01-01,A,-1\n", 2, "below zero"),
                (head + "2024-01-01,A,10001\n", 2, "above the limit"),
                (head + "2024-01-01,,1\n", 2, "names no location"),
                (head + ",A,1\n", 2, "no date"),
                (head + "13-Jan,A,1\n", 2, "has no year"),
                (head + "2024-01-01,A,1,x\n", 2, "behind the amount"),
                (head + "2024-01-01,A,1\n2024-02-30,A,1\n", 3, "date"),
                (head + "2024-01-01," + "x" * 101 + ",1\n", 2, "longer than 100"),
                (head + "9998-01-01,A,1\n", 2, "later than tomorrow"),
                (head, None, "no rows"),
                ("[]", 1, "empty"),
                ("[1]", 1, "no date or no location"),
                ('[{"date":"2024-01-01","location":"A"}]', 1, "no number"),
                ('[{"date":"2024-1-1","location":"A","usage_gb":1}]', 1, "YYYY-MM-DD"),
                ('[{"date":"2024-01-01","location":"A","usage_gb":1}\n', 2, "missing"),
                ('[{"date":"2024-01-01","location":"A","usage_gb":1}] x', 1, "behind"),
                ('[\n{"date":"2024-01-01","location":"A","usage_gb":"1"}]', 2, "no number"),
                ('[\n\n{"date":"2024-01-01","location":"A","usage_gb":1e300}]', 3, "limit"),
                ('[\n\n{"date":"2024-01-01",\n"location":A}]', 4, "no valid JSON"),
                ('[{"date":"2024-01-01","location":"A","usage_gb":-1}]', 1, "below zero"),
                ('[{"date":"2024-01-01","location":"","usage_gb":1}]', 1, "no name")]:
            with self.subTest(text=text):
                self.refused(text, line, says)

    def test_equal_repeats_count_once_and_null_is_empty(self):
        row = '{"date":"2024-01-01","location":"A","usage_gb":%s}'
        done = self.load("[%s,%s,%s]" % (row % "1.5", row % "1.5", row % "null"))
        self.counts(done, rows=3, cells=1, empty=0, new=1, same=0)
        done = self.load("[" + row % "null" + "]", "--empty", "overwrite")
        self.counts(done, changed=1)
        self.assertEqual(self.days(), {("2024-01-01", "A"): 0})
        self.assertEqual(self.query("SELECT DISTINCT kind FROM imports"), [("json",)])


if __name__ == "__main__":
    unittest.main()
