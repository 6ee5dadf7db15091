"""dum-import on the kinds of files that spreadsheets, routers and people write.

Each file of the first part is made by chance: separator, quotes, line ends,
encoding, order, dates, numbers, gaps. The program has to find out what the
generator knows; what comes of the file is read by Python's csv, decimal and
datetime, which are told. The rest are the cases that decide something, one by
one. test_import.py has the rules; this has the breadth.
"""

import csv
import datetime
import decimal
import io
import json
import os
import pty
import random
import re
import subprocess
import unicodedata
import unittest

from test_import import BIN, KEYS, MONTHS, ImportCase, gb

DAY = datetime.timedelta(1)
NOTES = ["N/A", "n/a", "-", "--", "?", "see note", "offline", "#REF!", "1.5 GB",
         "12 34", "1..5", "NaN", "inf", "0x1F", "\u2014", "1/2", "5%", "=1+1"]
FORMATS = {
    "iso": "%Y-%m-%d",
    "dmy": "%d/%m/%Y",
    "mdy": "%m/%d/%Y",
}


class Dialect:
    """How one file is written, by chance."""

    def __init__(self, rand):
        self.separator = rand.choice(",;\t")
        # A decimal comma between commas stands in quotes.
        self.decimal = rand.choice(".,")
        self.end = rand.choice(["\n", "\r\n", "\r"])
        # Python leaves a LF bare in a file whose lines end by CR.
        self.quoting = csv.QUOTE_ALL if self.end == "\r" else rand.choice(
            [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
        self.encoding = rand.choice(["utf-8", "utf-8-sig", "latin-1"])
        self.dates = rand.choice(list(FORMATS))
        self.order = rand.choice(["up", "down", "mixed"])
        self.trailing = rand.random() < 0.3
        self.ragged = rand.random() < 0.4
        self.blank_lines = rand.random() < 0.3
        self.empty = rand.choice(["zero", "skip", "overwrite"])
        self.unit = rand.choice([("MB", 10**6), ("GB", 10**9), ("GiB", 2**30),
                                 ("bytes", 1)])

    def __repr__(self):
        return repr(self.__dict__)

    def number(self, rand):
        """One that says which its decimal sign is, or that it has none."""
        kind = rand.randrange(6)
        if kind == 0:
            return str(rand.randrange(1000))
        if kind == 1:
            return f"{rand.randrange(1000)}{self.decimal}{rand.randrange(10):02}"
        if kind == 2:       # thousands, and a decimal sign behind them
            mark = rand.choice([" ", "'", ".,".replace(self.decimal, "")])
            if self.encoding != "latin-1":
                mark = rand.choice([mark, "\u202f", "\u2019"])
            return f"{rand.randrange(1, 9)}{mark}{rand.randrange(1000):03}" \
                   f"{self.decimal}{rand.randrange(10)}"
        if kind == 3:
            return f"{self.decimal}{rand.randrange(1, 10)}"
        if kind == 4:
            return f"{rand.randrange(1, 9)}{self.decimal}{rand.randrange(10)}e2"
        return f" +{rand.randrange(100)}{self.decimal}0 "

    def write(self, rand, rows):
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.separator, quoting=self.quoting,
                            lineterminator=self.end)
        for i, row in enumerate(rows):
            if self.blank_lines and i > 0 and rand.random() < 0.1:
                out.write(rand.choice([self.end, self.separator + self.end]))
            writer.writerow(row + ([""] if self.trailing else []))
        return out.getvalue().encode(self.encoding)

    def read(self, data):
        """{(day, location): cell} of a file of this kind, and its rows."""
        text = data.decode(self.encoding)
        rows = [row for row in csv.reader(io.StringIO(text, newline=""),
                                          delimiter=self.separator)
                if any(cell.strip() for cell in row)]
        names = rows[0][1:-1] if self.trailing else rows[0][1:]
        cells = {}
        for row in rows[1:]:
            day = datetime.datetime.strptime(row[0], FORMATS[self.dates]).date()
            for i, name in enumerate(names, 1):
                cells[day.isoformat(), name] = \
                    row[i].strip() if i < len(row) else ""
        return cells, len(rows) - 1

    def amount(self, cell):
        """Bytes of a cell, or None where it is no number."""
        if cell in NOTES:
            return None
        plain = re.sub(r"[ '\u00a0\u2009\u202f\u2019]", "", cell)
        plain = plain.replace(".,".replace(self.decimal, ""), "")
        value = decimal.Decimal(plain.replace(",", ".")) * self.unit[1]
        return int(value.quantize(1, decimal.ROUND_HALF_UP))


class Chance(ImportCase):
    FILES = 60

    def make(self, rand, number):
        dialect = Dialect(rand)
        first = datetime.date(2001, 1, 1) + rand.randrange(8000) * DAY
        days = [first + i * DAY for i in range(rand.randrange(20, 60))]
        if dialect.order == "down":
            days.reverse()
        elif dialect.order == "mixed":
            rand.shuffle(days)
        names = [f"f{number} {letter}" for letter in rand.sample(
            ["a", "b,c", "d;e", 'f "g"', "Stra\u00dfe", "S\u00e3o", "h\ni", "j'k",
             "l|m", "(n)"], rand.randrange(1, 10))]
        rows = [["Date", *names]]
        for n, day in enumerate(days):
            # Enough that says what the signs are, then anything.
            cells = [dialect.number(rand) if n < 3 or rand.random() < 0.7 else
                     rand.choice(["", "", " ", rand.choice(NOTES[:-4])])
                     for _ in names]
            row = [day.strftime(FORMATS[dialect.dates]), *cells]
            if dialect.ragged and n > 3:
                row = row[:rand.randrange(1, len(row) + 1)]
            rows.append(row)
        rows[1][1] = f"7{dialect.decimal}25"
        if dialect.encoding == "latin-1":
            rows[0][1] += "\u00e9"  # else it would be ASCII, and so UTF-8
        return dialect, dialect.write(rand, rows)

    def test_files_by_chance_come_out_as_python_reads_them(self):
        rand = random.Random(2026)
        for number in range(self.FILES):
            dialect, data = self.make(rand, number)
            with self.subTest(number=number, dialect=dialect):
                cells, rows = dialect.read(data)
                # A name over two lines is one line.
                cells = {(d, n.replace("\n", " ")): c
                         for (d, n), c in cells.items()}
                amounts = {k: dialect.amount(c) for k, c in cells.items() if c}
                wanted = {k: a for k, a in amounts.items() if a is not None}
                empty = {k for k, c in cells.items() if not c}
                taken = len(wanted)
                if dialect.empty != "skip":
                    wanted.update(dict.fromkeys(empty, 0))
                summary = self.load(data, "--unit", dialect.unit[0], "--empty",
                                    dialect.empty)
                stored = {k: b for k, b in self.days().items()
                          if k[1].startswith(f"f{number} ")}
                self.assertEqual(stored, wanted)
                self.counts(summary, rows=rows, cells=taken, empty=len(empty),
                            skipped=len(amounts) - taken, rejected=0,
                            new=len(wanted), changed=0, same=0, errors=[])
                again = self.load(data, "--unit", dialect.unit[0], "--empty",
                                  dialect.empty)
                self.counts(again, new=0, changed=0, same=len(wanted),
                            locations_created=0)

    def test_a_dry_run_says_what_the_run_will_say(self):
        rand = random.Random(7)
        for number in range(12):
            dialect, data = self.make(rand, 1000 + number % 4)
            options = ["--unit", "MB", "--empty", dialect.empty]
            before = self.everything()
            dry = self.load(data, "--dry-run", *options)
            self.assertEqual(self.everything(), before)
            real = self.load(data, *options)
            for key in KEYS:
                if key not in ("dry_run", "import_id"):
                    self.assertEqual(dry[key], real[key], key)

    def test_noise_is_refused_and_changes_nothing(self):
        """Bytes of all kinds; what is taken must be a table all the same."""
        rand = random.Random(3)
        before = self.everything()
        pieces = [b"\xff\xfe", b"\xef\xbb\xbf", b"\0", b'"', b",", b"\n", b"\r",
                  b"\x1b[2J", b"PK\x03\x04", b"\x7fELF", b"%PDF-1.7",
                  b"\xc3\x28", b"Date", b"2024-01-01", b"31/12/2024",
                  b"13-Mar", b"-1", b"9" * 70, b"\x80" * 5]
        for _ in range(150):
            data = b"".join(rand.choice(pieces) if rand.random() < 0.5 else
                            rand.randbytes(rand.randrange(40))
                            for _ in range(rand.randrange(1, 60)))
            done = subprocess.run(
                [os.path.join(BIN, "dum-import"), "--config", self.config,
                 "-"], input=data, capture_output=True, check=False)
            self.assertEqual(done.returncode, 2, (data, done))
            self.assertTrue(done.stderr.startswith(b"dum-import: "), done)
            text = done.stderr.decode().replace("\n", "")
            self.assertNotIn("Cc", {unicodedata.category(c) for c in text}, done)
        self.assertEqual(self.everything(), before)


class Shapes(ImportCase):
    def test_two_hundred_columns(self):
        names = [f"line {i}" for i in range(200)]
        rows = [["Date", *names]]
        wanted = {}
        for n in range(300):
            day = (datetime.date(2023, 1, 1) + n * DAY).isoformat()
            cells = [f"{(n * 31 + i * 17) % 900}.{i % 10}" for i in range(200)]
            rows.append([day, *cells])
            wanted.update({(day, name): gb(cell)
                           for name, cell in zip(names, cells)})
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        self.counts(self.load(out.getvalue()), rows=300, cells=60000,
                    new=60000, locations_created=200)
        self.assertEqual(self.days(), wanted)

    def test_twenty_thousand_rows(self):
        first = datetime.date(1970, 1, 1)
        rows = [((first + i * DAY).isoformat(), str(i % 1000), f"0.{i}")
                for i in range(20000)]
        rows.reverse()
        text = "Date;A;B\r\n" + "".join(";".join(r) + "\r\n" for r in rows)
        self.counts(self.load(text), rows=20000, cells=40000, new=40000)
        self.assertEqual(self.days(), {
            (day, name): gb(cell) for day, *cells in rows
            for name, cell in zip("AB", cells)})

    def test_one_column_and_one_row(self):
        self.load("Date,A\n2024-01-01,1")
        self.assertEqual(self.days(), {("2024-01-01", "A"): gb("1")})
        self.refused("2024-01-01\n2024-01-02\n", 1, "must be the header")

    def test_names_as_people_write_them(self):
        names = ["Stra\u00dfe 5, Hof", 'the "old" mill', "\u4e2d\u6587",
                 "\u0627\u0644\u0641\u0631\u0639", "\U0001f4e1 roof",
                 "=SUM(A1)", "@home", "-5", "a;b", "x" * 100, "two\nlines"]
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["Date", *names])
        writer.writerow(["2024-01-01", *range(len(names))])
        self.load(out.getvalue())
        self.assertEqual(self.days(), {
            ("2024-01-01", name.replace("\n", " ")): gb(i)
            for i, name in enumerate(names)})

    def test_the_same_name_is_the_same_location_in_every_file(self):
        self.load("Date,North\n2024-01-01,1\n")
        summary = self.load("Datum;\"North\" ;South\n2024-01-02;2;3\n")
        self.counts(summary, locations_created=1)
        self.assertEqual(len(self.days()), 3)


class Dates(ImportCase):
    """What the dates of a file are taken for, and what is refused."""

    def stored(self):
        return sorted(date for date, _ in self.days())

    def test_a_us_file_never_comes_in_as_another_one(self):
        rows = [datetime.date(2024, 3, 28) + i * DAY for i in range(10)]
        text = "Date,A\n" + "".join(f"{d:%m/%d/%Y},{i}\n"
                                    for i, d in enumerate(rows))
        self.load(text)
        self.assertEqual(self.days(), {(d.isoformat(), "A"): gb(i)
                                       for i, d in enumerate(rows)})
        # Its first days alone could be either.
        text = "Date,A\n04/01/2024,1\n04/02/2024,2\n"
        self.refused(text, 2, "'04/01/2024' may be DD/MM/YYYY or MM/DD/YYYY")

    def test_rows_that_prove_both_are_named(self):
        error = self.refused("Date,A\n01/02/2024,1\n13/02/2024,2\n"
                             "03/02/2024,3\n02/14/2024,4\n", 5,
                             "")["errors"][0]
        for part in ("'02/14/2024'", "(line 5)", "'13/02/2024'", "(line 3)"):
            self.assertIn(part, error["text"])

    def test_days_that_are_the_same_either_way_need_no_proof(self):
        self.load("Date,A\n01/01/2024,1\n02/02/2024,2\n12/12/2024,3\n")
        self.assertEqual(self.stored(), ["2024-01-01", "2024-02-02",
                                         "2024-12-12"])

    def test_the_format_can_be_said(self):
        text = "Date,A\n04/01/2024,1\n04/02/2024,2\n"
        self.load(text, "--date-format", "dmy")
        self.assertEqual(self.stored(), ["2024-01-04", "2024-02-04"])
        self.load(text.replace("A", "B"), "--date-format", "mdy")
        self.assertEqual(self.stored(), ["2024-01-04", "2024-02-04",
                                         "2024-04-01", "2024-04-02"])
        self.refused(text, 2, "--date-format iso", "--date-format", "iso")
        self.refused("Date,A\n2024-04-01,1\n", 2, "--date-format dd-mmm",
                     "--date-format", "dd-mmm")
        self.refused("Date,A\n04/31/2024,1\n", 2, "--date-format dmy",
                     "--date-format", "dmy")

    def test_mixed_formats_are_refused_where_they_change(self):
        self.refused("Date,A\n2024-01-01,1\n2024-01-02,1\n13-Mar,1\n", 4,
                     "13-Mar")
        self.refused("Date,A\n13-Mar,1\n2024-01-01,1\n", 3, "2024-01-01")

    def test_over_the_new_year_in_both_directions(self):
        up = ["29-Dec", "30-Dec", "31-Dec", "01-Jan", "02-Jan"]
        dates = ["2025-12-29", "2025-12-30", "2025-12-31", "2026-01-01",
                 "2026-01-02"]
        for name, rows in (("up", up), ("down", up[::-1])):
            text = f"Date,{name}\n" + "".join(f"{r},1\n" for r in rows)
            self.load(text, today="2026-03-20")
            self.assertEqual(sorted(d for d, n in self.days() if n == name),
                             dates)
        # On that New Year's Day itself, and the day before it.
        self.load("Date,X\n31-Dec,1\n01-Jan,2\n", today="2026-01-01")
        self.assertEqual(sorted(d for d, n in self.days() if n == "X"),
                         ["2025-12-31", "2026-01-01"])
        self.load("Date,Y\n30-Dec,1\n31-Dec,2\n", today="2025-12-31")
        self.assertEqual(sorted(d for d, n in self.days() if n == "Y"),
                         ["2025-12-30", "2025-12-31"])

    def test_over_several_years(self):
        text = "Date,A\n" + "".join(
            f"1-{month},{i}\n" for i, month in enumerate(MONTHS * 3))
        self.load(text, today="2026-11-20")
        self.assertEqual(self.stored(), [
            f"{year}-{month:02}-01" for year in (2023, 2024, 2025)
            for month in range(1, 13)])

    def test_29_february(self):
        # The latest leap year that it fits.
        self.load("Date,A\n28-Feb,1\n29-Feb,2\n1-Mar,3\n", today="2026-11-20")
        self.assertEqual(self.stored(),
                         ["2024-02-28", "2024-02-29", "2024-03-01"])
        self.load("Date,B\n29-Feb,2\n", "--year", "2020", today="2026-11-20")
        self.refused("Date,C\n29-Feb,2\n", 2, "29-Feb", "--year", "2023",
                     today="2026-11-20")

    def test_no_day_of_a_file_without_years_is_in_the_future(self):
        self.load("Date,A\n20-Mar,1\n", today="2026-03-20")
        self.load("Date,B\n21-Mar,1\n", today="2026-03-20")
        self.assertEqual(self.stored(), ["2025-03-21", "2026-03-20"])

    def test_month_names_as_people_write_them(self):
        self.load("Date,A\n1-jan,1\n02-FEB,2\n3 Mar,3\n4-April,4\n5-Sept,5\n",
                  today="2026-11-20")
        self.assertEqual(self.stored(), [
            "2026-01-01", "2026-02-02", "2026-03-03", "2026-04-04",
            "2026-09-05"])
        for text in ("32-Jan", "0-Jan", "31-Apr", "1-Foo", "1-J", "Jan-1",
                     "1--Jan", "1-Jan-24"):
            self.refused(f"Date,A\n{text},1\n", 2, text)


class Terminal(ImportCase):
    """What somebody who watches it sees."""

    def watch(self, text, *options):
        """(exit status, what came over the terminal, standard output)"""
        path = os.path.join(self.dir, "file.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [os.path.join(BIN, "dum-import"), "--config", self.config,
             *options, path], stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        seen = b""
        try:
            while chunk := os.read(ours, 65536):
                seen += chunk
        except OSError:     # its end closed
            pass
        os.close(ours)
        out = process.stdout.read()
        process.stdout.close()
        return process.wait(), seen.decode(), out.decode()

    def large(self, bad=""):
        return "Date," + ",".join(f"c{i}" for i in range(100)) + "\n" + "".join(
            f"{datetime.date(1990, 1, 1) + i * DAY}" + ",1" * 100 + "\n"
            for i in range(1500)) + bad

    def test_progress_on_a_terminal_and_then_the_summary_alone(self):
        status, seen, out = self.watch(self.large())
        self.assertEqual(status, 0)
        steps = [int(n) for n in re.findall(r"importing +(\d+) %", seen)]
        self.assertTrue(steps)
        self.assertEqual(steps, sorted(steps))
        self.assertLessEqual(steps[-1], 100)
        # The line is wiped out at the end.
        self.assertTrue(seen.endswith("\r\x1b[K"), repr(seen[-40:]))
        self.assertIn("1500 rows of 100 locations", out)

    def test_json_stays_json_beside_the_progress(self):
        status, _, out = self.watch(self.large(), "--json")
        self.assertEqual(status, 0)
        self.assertEqual(json.loads(out)["cells"], 150000)

    def test_the_first_ten_complaints(self):
        bad = "".join(f"{datetime.date(2020, 1, 1) + i * DAY},-1\n"
                      for i in range(25))
        status, seen, out = self.watch(self.large(bad))
        self.assertEqual((status, out), (2, ""))
        self.assertEqual(len(re.findall("below zero", seen)), 10)
        self.assertIn("15 more", seen)


if __name__ == "__main__":
    unittest.main(verbosity=1)
