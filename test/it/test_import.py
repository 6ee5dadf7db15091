"""dum-import as its users meet it: whole files in, sums out.

The binaries stand in $BIN (default build/release/bin). What the database
should hold is worked out here by other means: Python's csv, decimal and
datetime, and for dates without a year by trying every year there is.
"""

import csv
import datetime
import decimal
import hashlib
import io
import json
import os
import random
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.abspath(os.environ.get("BIN", os.path.join(ROOT, "build/release/bin")))
DATA = os.path.join(ROOT, "test/data")
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
          "Oct", "Nov", "Dec"]
KEYS = ["import_id", "rows", "cells", "empty", "skipped", "rejected", "new",
        "changed", "same", "locations_created", "dry_run", "errors"]


def gb(text):
    """Gigabytes to bytes, half a byte up."""
    return int((decimal.Decimal(text) * 10**9).quantize(1, decimal.ROUND_HALF_UP))


class ImportCase(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="dum-import-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.config = os.path.join(self.dir, "dum.conf")
        self.database = os.path.join(self.dir, "data_usage.db")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write("DATABASE_PATH=%s\nSECRET_KEY_FILE=%s/secret.key\n"
                    "DATABASE_BACKUP_DIR=%s/backups\nTIMEZONE=UTC\n"
                    "AUDIT_ANCHOR_FILE=%s/anchors.log\n"
                    % (self.database, self.dir, self.dir, self.dir))
        self.program("dum-admin", "init")

    def program(self, name, *args, data=None, status=0, today=None):
        """Run a program. today: what the clock says. status None: any."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("DUM_")}
        command = [os.path.join(BIN, name), "--config", self.config, *args]
        if today:
            # Absolute, so that it stands still; TZ is that of the settings.
            command = ["faketime", "-f", "%s 12:00:00" % today, *command]
            env["TZ"] = "UTC"
            # The sanitizer wants to be the first library; it need not be.
            env["ASAN_OPTIONS"] = "verify_asan_link_order=0:detect_leaks=0"
        done = subprocess.run(command, input=data, capture_output=True,
                              env=env, check=False)
        if status is not None:
            self.assertEqual(done.returncode, status,
                             (command, done.stdout, done.stderr))
        return done

    def load(self, text, *args, status=0, today=None, encoding="utf-8"):
        """Import a text; the summary."""
        data = text.encode(encoding) if isinstance(text, str) else text
        done = self.program("dum-import", "--json", *args, "-", data=data,
                            status=status, today=today)
        summary = json.loads(done.stdout)
        self.assertEqual([k for k in summary
                          if k not in ("errors_total", "changes")], KEYS)
        self.assertEqual("changes" in summary, summary["dry_run"])
        return summary

    def query(self, sql, *args):
        db = sqlite3.connect("file:%s?mode=ro" % self.database, uri=True)
        try:
            return db.execute(sql, args).fetchall()
        finally:
            db.close()

    def days(self):
        """{(date, location): bytes}"""
        return {(d, n): b for d, n, b in self.query(
            "SELECT date, name, usage_bytes FROM daily_usage"
            " JOIN locations l ON l.id = location_id")}

    def everything(self):
        return [self.query("SELECT * FROM %s ORDER BY 1" % t)
                for t in ("locations", "daily_usage", "imports", "journal",
                          "counters", "location_records", "system_info")]

    def counts(self, summary, **wanted):
        self.assertEqual({k: summary[k] for k in wanted}, wanted)

    def refused(self, text, line, says, *args, column=Ellipsis, **more):
        """The file is refused for that line, and nothing changes."""
        before = self.everything()
        summary = self.load(text, *args, status=2, **more)
        error = summary["errors"][0]
        self.assertEqual(error["line"], line, error)
        self.assertIn(says, error["text"])
        if column is not Ellipsis:
            self.assertEqual(error["column"], column, error)
        self.counts(summary, import_id=None, new=0, changed=0, same=0,
                    locations_created=0)
        self.assertEqual(self.everything(), before)
        return summary


class SampleFiles(ImportCase):
    def wide(self, path, unit=1):
        """{(first cell, location): bytes} of a plain file, by Python."""
        with open(path, newline="", encoding="utf-8") as f:
            rows = list(csv.reader(f))
        return {(r[0], n): gb(c) // unit for r in rows[1:]
                for n, c in zip(rows[0][1:], r[1:])}

    def test_seed_file(self):
        path = os.path.join(DATA, "seed-format.csv")
        done = self.program("dum-import", "--json", path, today="2026-11-02")
        self.counts(json.loads(done.stdout), import_id=1, rows=3, cells=9,
                    empty=0, skipped=0, rejected=0, new=9, changed=0, same=0,
                    locations_created=3, dry_run=False, errors=[])
        wanted = {("2026-03-" + d[:2], n): b
                  for (d, n), b in self.wide(path).items()}
        self.assertEqual(self.days(), wanted)
        done = self.program("dum-import", "--json", path, today="2026-11-02")
        self.counts(json.loads(done.stdout), import_id=2, new=0, changed=0,
                    same=9, locations_created=0)

    def test_key_countries_file(self):
        path = os.path.join(DATA, "key-countries-wide.csv")
        self.program("dum-import", path, status=2)
        self.assertEqual(self.days(), {})
        done = self.program("dum-import", "--json", "--unit", "MB",
                            "--max-daily-gb", "100000", path)
        self.counts(json.loads(done.stdout), rows=816, cells=6528, empty=0,
                    skipped=0, rejected=0, new=6528, locations_created=8)
        self.assertEqual(self.days(), self.wide(path, 1000))
        with open(path, "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        self.assertEqual(self.query("SELECT kind, file_name, file_hash, rows,"
                                    " cells, new FROM imports"),
                         [("wide_csv", "key-countries-wide.csv", digest, 816,
                           6528, 6528)])
        self.assertIn(b"sound", self.program("dum-admin", "audit",
                                             "verify").stdout)
        self.assertEqual(self.query("SELECT name, value FROM counters"
                                    " ORDER BY name"),
                         [("locations", 8)])

    def test_display_names_are_readable(self):
        self.load("Date,branch_north-2,US\n2024-01-01,1,2\n")
        self.assertEqual(self.query("SELECT name, display_name FROM locations"
                                    " ORDER BY name"),
                         [("US", "US"), ("branch_north-2", "Branch North 2")])


class Reading(ImportCase):
    def same(self, text, *args, encoding="utf-8", wanted=None):
        self.load(text, *args, encoding=encoding)
        self.assertEqual(self.days(), wanted or {
            ("2024-01-31", "North"): gb("1.5"),
            ("2024-01-31", "S\u00fcd, Ost"): gb("1234.5"),
            ("2024-02-01", "North"): gb("2"),
            ("2024-02-01", "S\u00fcd, Ost"): gb("0.25")})

    def test_comma(self):
        self.same('Date,North,"S\u00fcd, Ost"\n2024-01-31,1.5,1234.5\n'
                  '2024-02-01,2,.25\n')

    def test_semicolon_latin1_crlf_decimal_comma_and_trailing_separator(self):
        self.same('Date;North;S\u00fcd, Ost;\r\n31/01/2024;1,5;1.234,5;\r\n'
                  '01/02/2024;2;0,25;\r\n', encoding="latin-1")

    def test_tab_mark_and_thousands(self):
        self.same('\ufeffDate\tNorth\tS\u00fcd, Ost\n2024-01-31\t1.5\t1,234.5\n'
                  '2024-02-01\t2\t0.25')

    def test_us_dates_that_prove_themselves(self):
        self.same('Date,North,"S\u00fcd, Ost"\r01/31/2024,1.5,1234.5\r'
                  '02/01/2024,2,0.25\r')

    def test_quoted_line_breaks_empty_lines_and_blanks(self):
        self.same('\n"Date", North ,"S\u00fcd,\nOst"\n\n2024-01-31, 1.5\u00a0,'
                  '"1234.5"\n\n,,\n2024-02-01,2,0.25\n\n')

    def test_windows_signs_in_names(self):
        self.same("Date,\u20ac shop\n2024-01-31,1\n", encoding="cp1252",
                  wanted={("2024-01-31", "\u20ac shop"): gb("1")})

    def test_units(self):
        for unit, size in (("MB", 10**6), ("GB", 10**9), ("GiB", 2**30),
                           ("bytes", 1)):
            self.load("Date,%s\n2024-01-01,1.5e3\n" % unit, "--unit", unit)
            self.assertEqual(self.days()[("2024-01-01", unit)], 1500 * size)

    def test_below_a_byte_is_rounded(self):
        self.load("Date,A,B,C\n2024-01-01,0.4,0.5,1.49\n", "--unit", "bytes")
        self.assertEqual(sorted(self.days().values()), [0, 1, 1])

    def test_decimal_comma_must_be_proved_or_said(self):
        text = 'Date,A\n2024-01-01,"1,234"\n'
        self.refused(text, 2, "--decimal comma")
        self.load(text, "--decimal", "comma")
        self.assertEqual(self.days(), {("2024-01-01", "A"): gb("1.234")})
        self.counts(self.load(text, "--decimal", "point"), changed=1)
        self.assertEqual(self.days(), {("2024-01-01", "A"): gb("1234")})
        summary = self.refused('Date;A\n2024-01-01;1,5\n2024-01-02;1.5\n', 3,
                               "(line 2)")
        self.assertIn("(line 3)", summary["errors"][0]["text"])

    def test_points_between_semicolons_may_be_those_of_thousands(self):
        for separator in ";\t":
            text = "Date;A;B\n2024-01-01;1.234;2.500\n".replace(
                ";", separator)
            self.refused(text, 2, "--decimal point")
            self.load(text, "--decimal", "comma")
            self.assertEqual(self.days()[("2024-01-01", "A")], gb("1234"))
            self.load(text, "--decimal", "point")
            self.assertEqual(self.days()[("2024-01-01", "A")], gb("1.234"))
            self.refused("date;location;usage_gb\n2024-01-01;A;1.234\n"
                         .replace(";", separator), 2, "--decimal comma")
        # A comma between cells leaves no doubt, nor does another number.
        self.load("Date,A\n2024-01-02,1.234\n")
        self.load("Date;A;B\n2024-01-03;1.234;0.500\n")
        self.assertEqual(self.days()[("2024-01-02", "A")], gb("1.234"))
        self.assertEqual(self.days()[("2024-01-03", "A")], gb("1.234"))

    def test_an_exact_limit_is_not_above_it(self):
        self.load("Date,A\n2024-01-01,10000\n")
        self.refused("Date,A\n2024-01-01,10000.000000001\n", 2, "limit")
        self.load("Date,A\n2024-01-01,1000000\n", "--max-daily-gb", "1000000")
        self.load("Date,A\n2024-01-01,0.5\n", "--max-daily-gb", "0.5")


class Cells(ImportCase):
    def test_empty_cells_fill_unknown_days_and_replace_nothing(self):
        self.load("Date,A,B\n2024-01-01,5,6\n")
        text = "Date,A,B\n2024-01-01,,7\n2024-01-02\n"
        summary = self.load(text, "--empty", "skip")
        self.counts(summary, rows=2, cells=1, empty=3, new=0, changed=1, same=0)
        self.assertEqual(len(self.days()), 2)
        summary = self.load(text)
        self.counts(summary, rows=2, cells=1, empty=3, new=2, changed=0, same=2)
        self.assertEqual(self.days(), {
            ("2024-01-01", "A"): gb("5"), ("2024-01-01", "B"): gb("7"),
            ("2024-01-02", "A"): 0, ("2024-01-02", "B"): 0})
        summary = self.load(text, "--empty", "overwrite")
        self.counts(summary, empty=3, new=0, changed=1, same=3)
        self.assertEqual(self.days()[("2024-01-01", "A")], 0)

    def test_no_numbers_are_passed_over_and_counted(self):
        summary = self.load("Date,A,B,C,D\n2024-01-01,N/A,1.5 GB,3,see note\n"
                            "2024-01-02,inf,0x10,4,nan\n")
        self.counts(summary, rows=2, cells=2, empty=0, skipped=6, rejected=0,
                    new=2, locations_created=1, errors=[])
        self.assertEqual(self.days(), {("2024-01-01", "C"): gb("3"),
                                       ("2024-01-02", "C"): gb("4")})

    def test_equal_records_stay_untouched(self):
        self.load("Date,A,B\n2024-01-01,1,2\n", today="2026-01-01")
        summary = self.load("Date,A,B\n2024-01-01,1,3\n", today="2026-02-02")
        self.counts(summary, new=0, changed=1, same=1)
        self.assertEqual(self.query("SELECT substr(created_at, 1, 10),"
                                    " substr(updated_at, 1, 10)"
                                    " FROM daily_usage ORDER BY location_id"),
                         [("2026-01-01", "2026-01-01"),
                          ("2026-01-01", "2026-02-02")])

    def test_negative_and_too_large_cells_stop_it_or_are_left_out(self):
        text = "Date,A,B\n2024-01-01,1,-2\n2024-01-02,20000,3\n"
        summary = self.refused(text, 2, "below zero", column=3)
        self.assertEqual([(e["line"], e["column"]) for e in summary["errors"]],
                         [(2, 3), (3, 2)])
        self.assertIn("B on 2024-01-01", summary["errors"][0]["text"])
        self.assertIn("limit of 10000 GB", summary["errors"][1]["text"])
        self.counts(summary, rejected=2, cells=2)
        summary = self.load(text, "--skip-rejected")
        self.counts(summary, rows=2, cells=2, rejected=2, new=2)
        self.assertEqual(len(summary["errors"]), 2)
        self.assertEqual(self.days(), {("2024-01-01", "A"): gb("1"),
                                       ("2024-01-02", "B"): gb("3")})

    def test_a_negative_cell_in_any_spelling_stops_it(self):
        for cell in ["-5", "\u22125", "\u2212 5", "- 5", "-\u00a05", "5-",
                     "(5)", "( 5 )", "(-5)", "\u20135", "(1,234.5)"]:
            with self.subTest(cell):
                summary = self.refused(
                    f'Date,A,B\n2024-01-01,1,"{cell}"\n', 2, "below zero",
                    column=3)
                self.counts(summary, rejected=1, skipped=0, cells=1)
        self.refused("Date,A\n2024-01-01,\u22125\n", 2,
                     "'\u22125' for A on 2024-01-01 is below zero")

    def test_days_later_than_tomorrow(self):
        text = "Date,A,B\n2026-03-21,1,\n2026-03-22,2,\n"
        summary = self.refused(text, 3, "2026-03-22", today="2026-03-20",
                               column=1)
        self.assertEqual(len(summary["errors"]), 1)
        summary = self.load(text, "--skip-rejected", today="2026-03-20")
        self.counts(summary, cells=1, rejected=1, empty=2, new=2)
        self.assertEqual(self.days(), {("2026-03-21", "A"): gb("1"),
                                       ("2026-03-21", "B"): 0})
        summary = self.load(text, "--allow-future", today="2026-03-20")
        self.counts(summary, cells=2, rejected=0, new=2, same=2)

    def test_tomorrow_is_that_of_the_time_zone(self):
        text = "Date,A\n2026-03-22,1\n"
        self.refused(text, 2, "later than tomorrow", today="2026-03-20")
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("TIMEZONE=Pacific/Kiritimati\n")    # 14 hours ahead
        self.program("dum-import", "-", data=text.encode(), today="2026-03-20")

    def test_a_day_that_the_file_has_twice(self):
        summary = self.load("Date,A,B\n2024-01-01,1,\n2024-01-02,2,2\n"
                            "2024-01-01,1.0,5\n")
        self.counts(summary, rows=3, cells=4, empty=1, new=4, same=0,
                    rejected=0)
        self.assertEqual(self.days()[("2024-01-01", "B")], gb("5"))
        text = "Date,A\n2024-01-01,7\n2024-01-02,2\n2024-01-01,8\n"
        self.refused(text, 4, "on line 2", column=2)
        summary = self.load(text, "--skip-rejected")
        self.counts(summary, cells=2, rejected=1, changed=1, same=1)
        self.assertEqual(self.days()[("2024-01-01", "A")], gb("7"))
        self.refused("Date,A\n2024-01-01,3\n2024-01-01,\n", 3, "0 GB here",
                     "--empty", "overwrite")

    def test_complaints_are_cut_at_ten_and_a_hundred(self):
        text = "Date,A\n" + "".join(
            "%s,-1\n" % (datetime.date(2024, 1, 1) + datetime.timedelta(i))
            for i in range(150))
        summary = self.refused(text, 2, "below zero")
        self.assertEqual(len(summary["errors"]), 100)
        self.assertEqual(summary["errors_total"], 150)
        self.assertEqual(summary["rejected"], 150)
        done = self.program("dum-import", "-", data=text.encode(), status=2)
        lines = done.stderr.decode().splitlines()
        self.assertEqual(len(lines), 12)
        self.assertIn("140 more", lines[10])
        self.assertIn("nothing was imported", lines[11])
        self.assertEqual(done.stdout, b"")


class Malformed(ImportCase):
    """Each of them is refused in plain words and changes nothing."""

    CASES = [
        ("nothing", "", None, "empty"),
        ("blanks", "\n \n", None, "empty"),
        ("a header alone", "Date,A\n", None, "no rows"),
        ("no location", "Date\n2024-01-01\n", 1, "names no location"),
        ("no header", "2024-01-01,5\n2024-01-02,5\n", 1, "header"),
        ("NUL bytes", "Date,A\n2024-01-01,\0\n", None, "not a text file"),
        ("UTF-16", "Date,A\n".encode("utf-16"), None, "UTF-16"),
        ("a quote left open", 'Date,A\n2024-01-01,"5\n', 2, "not closed"),
        ("a quote inside", 'Date,A\n2024-01-01,5"\n', 2, "quote"),
        ("a name twice", "Date,A,B, A \n2024-01-01,1,2,3\n", 1,
         "columns 2 and 4"),
        ("data without a name", "Date,A,,B\n2024-01-01,1,2,3\n", 2,
         "no name"),
        ("a cell too many", "Date,A\n2024-01-01,1\n2024-01-02,1,9\n", 3,
         "column 3"),
        ("data under a trailing separator", "Date,A,\n2024-01-01,1,9\n", 2,
         "column 3"),
        ("no date", "Date,A\n2024-01-01,1\n,2\n", 3, "no date"),
        ("a row of totals", "Date,A\n2024-01-01,1\nTotal,1\n", 3, "'Total'"),
        ("a day that does not exist", "Date,A\n2024-02-30,1\n", 2,
         "2024-02-30"),
        ("two formats", "Date,A\n2024-01-01,1\n02/01/2024,1\n", 3,
         "02/01/2024"),
        ("day or month", "Date,A\n01/02/2024,1\n02/03/2024,1\n", 2,
         "--date-format"),
        ("no leap year", "Date,A\n29-Feb,1\n1-Aug,1\n1-Jan,1\n29-Feb,1\n",
         2, "leap year"),
        ("two rows swapped", "Date,A\n10-Nov,1\n12-Nov,1\n11-Nov,1\n",
         4, "neither ascending nor descending"),
        ("a long cell", "Date,A\n2024-01-01," + "9" * 5000 + "\n", 2, "4096"),
        ("a long name", "Date," + "n" * 101 + "\n2024-01-01,1\n", 1, "100"),
        ("a name not to be shown", "Date,A\x1b[31m\n2024-01-01,1\n", 1,
         "can not be shown"),
        ("too many columns", "Date" + ",x" * 20000 + "\n", 1, "20000"),
    ]

    def test_each_is_refused_and_changes_nothing(self):
        self.load("Date,A\n2024-01-01,5\n")
        for why, text, line, says in self.CASES:
            with self.subTest(why):
                self.refused(text, line, says)
                self.refused(text, line, says, "--skip-rejected")

    def test_names_of_control_characters_reach_no_terminal(self):
        done = self.program("dum-import", "-", status=2,
                            data=b"Date,A\n\x1b[31m\xc2\x9b5m\n")
        self.assertNotIn(b"\x1b", done.stderr)
        self.assertNotIn(b"\xc2\x9b", done.stderr)

    def test_nameless_columns_without_data_are_no_columns(self):
        summary = self.load("Date,A,,B,\n2024-01-01,1,,2,\n2024-01-02,3,,4\n")
        self.counts(summary, rows=2, cells=4, empty=0, new=4,
                    locations_created=2)

    def test_wrong_usage(self):
        before = self.everything()
        path = os.path.join(DATA, "seed-format.csv")
        for args in (["--year", "24", path], ["--year", "1969", path],
                     ["--unit", "TB", path], ["--date-format", "ymd", path],
                     ["--decimal", ".", path], ["--empty", "no", path],
                     ["--max-daily-gb", "0", path],
                     ["--max-daily-gb", "1000001", path],
                     ["--max-daily-gb", "x", path], ["--what", path], [],
                     [path, path], ["--unit"]):
            done = self.program("dum-import", *args, status=2)
            self.assertIn(b"--help", done.stderr)
            self.assertEqual(done.stdout, b"")
        self.program("dum-import", "no-such-file.csv", status=1)
        self.program("dum-import", self.dir, status=1)
        self.assertEqual(self.everything(), before)

    def test_the_standard_input_may_be_a_file_or_a_socket(self):
        text = b"Date,A\n2024-01-01,1\n"
        command = [os.path.join(BIN, "dum-import"), "--config", self.config,
                   "-"]
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(text)
            ours.shutdown(socket.SHUT_WR)
            subprocess.run(command, stdin=theirs, check=True,
                           stdout=subprocess.DEVNULL)
        path = os.path.join(self.dir, "a.csv")
        with open(path, "wb") as f:
            f.write(text)
        with open(path, "rb") as f:
            subprocess.run(command, stdin=f, check=True,
                           stdout=subprocess.DEVNULL)
        self.assertEqual(self.query("SELECT file_name, new, same FROM imports"),
                         [("stdin", 1, 0), ("stdin", 0, 1)])

    def test_a_year_that_is_not_needed_is_said(self):
        done = self.program("dum-import", "--year", "2020", "-",
                            data=b"Date,A\n2024-01-01,1\n")
        self.assertIn(b"--year 2020 was not needed", done.stderr)

    def test_help_and_version(self):
        self.assertIn(b"examples:",
                      self.program("dum-import", "--help").stdout)
        self.assertIn(b"dum-import ",
                      self.program("dum-import", "--version").stdout)


class Whole(ImportCase):
    def test_dry_run_says_the_same_and_changes_nothing(self):
        text = "Date,A,B\n2024-01-01,1,\n2024-01-02,N/A,2\n"
        before = self.everything()
        dry = self.load(text, "--dry-run")
        self.assertEqual(self.everything(), before)
        real = self.load(text)
        self.counts(dry, dry_run=True, import_id=None)
        self.counts(real, dry_run=False, import_id=1)
        for key in KEYS:
            if key not in ("dry_run", "import_id"):
                self.assertEqual(dry[key], real[key])

    def test_busy_is_75_and_changes_nothing(self):
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("SQLITE_BUSY_TIMEOUT=100\n")
        db = sqlite3.connect(self.database, isolation_level=None)
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("BEGIN IMMEDIATE")
        self.program("dum-import", os.path.join(DATA, "seed-format.csv"),
                     status=75)
        db.execute("ROLLBACK")
        db.close()
        self.assertEqual(self.days(), {})

    def test_an_inactive_location_is_told(self):
        text = b"Date,Old,New\n2024-01-01,1,2\n"
        self.program("dum-admin", "location", "add", "Old")
        said = self.program("dum-import", "-", data=text).stdout.decode()
        self.assertNotIn("not active", said)
        self.program("dum-admin", "location", "deactivate", "Old")
        said = self.program("dum-import", "-", data=text).stdout.decode()
        self.assertIn("1 not active", said)
        self.assertIn(": Old\n", said)
        done = self.program("dum-import", "--json", "-", data=text)
        self.assertEqual(json.loads(done.stdout)["locations_inactive"], 1)

    def test_a_summary_for_people(self):
        done = self.program("dum-import", os.path.join(DATA, "seed-format.csv"),
                            today="2026-11-02")
        text = done.stdout.decode()
        for part in ("3 rows of 3 locations", "2026-03-13 to 2026-03-15",
                     "9 numbers", "9 new, 0 changed, 0 the same"):
            self.assertIn(part, text)
        self.assertEqual(done.stderr, b"")

    def test_random_tables_come_out_as_python_reads_them(self):
        rand = random.Random(4)
        for n in range(12):
            sep = rand.choice(",;\t")
            start = datetime.date(2020, 1, 1) + datetime.timedelta(
                rand.randrange(1500))
            names = ["r%d x%d" % (n, i) for i in range(rand.randrange(1, 9))]
            wanted, out = {}, io.StringIO()
            writer = csv.writer(out, delimiter=sep, lineterminator=rand.choice(
                ["\n", "\r\n"]), quoting=rand.choice(
                    [csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
            writer.writerow(["Date"] + names)
            days = [start + datetime.timedelta(i) for i in range(40)]
            rand.shuffle(days)
            # dmy is proved by the days past the twelfth
            form = rand.choice(["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y"])
            for day in days:
                cells = []
                for name in names:
                    amount = decimal.Decimal(rand.randrange(10**12)) / 10**rand.randrange(9, 12)
                    wanted[(day.isoformat(), name)] = gb(amount)
                    cells.append(format(amount, "f"))
                writer.writerow([day.strftime(form)] + cells)
            summary = self.load(out.getvalue())
            self.counts(summary, rows=40, cells=len(wanted), new=len(wanted))
            stored = {k: b for k, b in self.days().items() if k[1] in names}
            self.assertEqual(stored, wanted)

    def test_twenty_thousand_rows(self):
        first = datetime.date(1972, 1, 1)
        text = "Date,A,B\n" + "".join(
            "%s,%d.5,1\n" % (first + datetime.timedelta(i), i % 100)
            for i in range(19000))
        self.counts(self.load(text), rows=19000, new=38000)
        self.assertEqual(self.query(
            "SELECT sum(usage_bytes) FROM daily_usage"),
            [(sum(i % 100 for i in range(19000)) * 10**9 + 19000 * 15 * 10**8,)])


def in_order(rows, down):
    """No way is longer than half a year over a turn, or eleven months else."""
    at = [datetime.date(2000, m, d).toordinal() for d, m in rows]
    for before, after in zip(at, at[1:]):
        way = before - after if down else after - before
        if way < 0 and way + 366 > 184 or way > 335:
            return False
    return True


def place(rows, down, first_year):
    """The dates when the first row is of that year; None: one does not exist."""
    if not in_order(rows, down):
        return None
    year, out = first_year, []
    for i, (day, month) in enumerate(rows):
        if i > 0:
            before = (rows[i - 1][1], rows[i - 1][0])
            if not down and (month, day) < before:
                year += 1
            if down and (month, day) > before:
                year -= 1
        try:
            out.append(datetime.date(year, month, day))
        except ValueError:
            return None
        if out[-1].year < 1970:
            return None
    return out


def brute_force(rows, today, year=None):
    """The rule of the issue, by trying all years."""
    best = None
    for down in (False, True):
        found = None
        for first in [year] if year else range(1960, today.year + 1):
            dates = place(rows, down, first)
            if dates is None:
                continue
            newest = dates[0] if down else dates[-1]
            if not year and newest > today:
                continue
            if found is None or newest > (found[0] if down else found[-1]):
                found = dates
        if found and (best is None or abs((found[-1] - found[0]).days) <
                      abs((best[-1] - best[0]).days)):
            best = found
    return best


class Years(ImportCase):
    def check(self, rows, today, year=None):
        text = "Date,A\n" + "".join(
            "%d-%s,%d\n" % (d, MONTHS[m - 1], i + 1)
            for i, (d, m) in enumerate(rows))
        wanted = brute_force(rows, today, year)
        args = ["--dry-run", "--skip-rejected", "--allow-future"]
        if year:
            args += ["--year", str(year)]
        if wanted is None:
            self.load(text, *args, status=2, today=today.isoformat())
            return
        # Each row has another number: it can be found again.
        self.load(text, *[a for a in args if a != "--dry-run"],
                  today=today.isoformat())
        stored = {b // 10**9: d for (d, n), b in self.days().items()}
        for i, date in enumerate(wanted):
            if wanted.index(date) == i:     # later ones repeat it: left out
                self.assertEqual(stored.get(i + 1), date.isoformat(),
                                 (rows, today, year, wanted))

    def test_random_files_agree_with_trying_every_year(self):
        rand = random.Random(11)
        for n in range(60):
            today = datetime.date(2026, 3, 20) + datetime.timedelta(
                rand.randrange(-800, 800))
            at = today + datetime.timedelta(rand.randrange(-900, 200))
            step = rand.choice([1, 1, -1, -1, 40, -40, 200, -200])
            rows = []
            for _ in range(rand.randrange(1, 12)):
                rows.append((at.day, at.month))
                at += datetime.timedelta(step * rand.randrange(0, 4))
            if n % 5 == 0:
                rows.insert(rand.randrange(len(rows)), (29, 2))
            self.setUp()
            with self.subTest(rows=rows, today=today):
                self.check(rows, today, rand.choice([None, None, 2019, 2024]))

    def test_orders_of_equal_length_are_ascending(self):
        self.check([(1, 1), (2, 7)], datetime.date(2024, 8, 1))

    def test_over_the_turn_of_the_year(self):
        self.load("Date,A\n30-Dec,1\n31-Dec,2\n1-Jan,3\n", today="2026-03-20")
        self.assertEqual(sorted(d for d, n in self.days()),
                         ["2025-12-30", "2025-12-31", "2026-01-01"])

    def test_a_long_table_is_known_by_its_header_in_any_case(self):
        self.load("Date,Location,Usage_GB\n2024-03-01,North,12.5\n2024-03-02,South,3\n")
        self.assertEqual(self.days(), {("2024-03-01", "North"): 12500000000,
                                       ("2024-03-02", "South"): 3000000000})

    def test_year_is_of_the_first_row(self):
        self.load("Date,A\n1-Jan,1\n31-Dec,2\n", "--year", "2020")
        self.assertEqual(sorted(d for d, n in self.days()),
                         ["2019-12-31", "2020-01-01"])


if __name__ == "__main__":
    unittest.main(verbosity=1)
