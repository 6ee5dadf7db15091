"""Edits, imports and undos at random: the days are what Python says they are.

Each round draws what to do from a seed: import a wide table, a long one, JSON,
a dump of vnStat or an old database, undo an import (also one that must be
refused), or correct a single day. Python keeps its own account of it, from the
same files. DUM_EDITS: how many rounds (the
default is what fits into twenty seconds), DUM_SEED: of which seed.
"""

import csv
import datetime
import io
import json
import os
import random
import sqlite3
import time
import unittest

from test_import import ImportCase, gb

ROUNDS = int(os.environ.get("DUM_EDITS", "0"))
SECONDS = 18
NAMES = ["North", "South", "=cmd()", "ü, \"x\"", "'q", "eth0", "a;b"]
START = datetime.date(2024, 1, 1)
DAYS = 40


class Change:
    """What one import did, as Python worked it out: for its undo."""

    def __init__(self, before, after, created):
        self.before, self.after = before, after  # {(date, name): (bytes, version) or None}
        self.created = created  # names
        self.undone = False


class RandomEdits(ImportCase):
    def setUp(self):
        super().setUp()
        self.model = {}     # {(date, name): (bytes, version)}
        self.names = set()
        self.imports = {}   # {id: Change}
        self.version = 0    # of the last change of any cell

    # --- files ------------------------------------------------------------

    def cells(self, rng, share=0.5):
        names = rng.sample(NAMES, rng.randrange(1, len(NAMES)))
        first = rng.randrange(DAYS)
        days = [str(START + datetime.timedelta(d))
                for d in range(first, min(DAYS, first + rng.randrange(1, 12)))]
        return {(d, n): rng.choice([0, 1, 10**9, rng.randrange(10**13)])
                for d in days for n in names if rng.random() < share}

    def text_of(self, bytes_):
        whole, rest = divmod(bytes_, 10**9)
        return ("%d.%09d" % (whole, rest)).rstrip("0").rstrip(".")

    def wide(self, rng, empty):
        cells = self.cells(rng, 0.7) or {(str(START), "North"): 5}
        names = sorted({n for _, n in cells}, key=lambda n: rng.random())
        days = sorted({d for d, _ in cells})
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        # As dum-export guards it; the other names are as they are.
        writer.writerow(["Date"] + ["'" + n if n[0] == "=" else n for n in names])
        for d in days:
            writer.writerow([d] + [self.text_of(cells[d, n]) if (d, n) in cells else ""
                                   for n in names])
        wanted = {}
        for d in days:
            for n in names:
                if (d, n) in cells:
                    wanted[d, n] = cells[d, n]
                elif empty == "overwrite" or (empty == "zero" and (d, n) not in self.model):
                    wanted[d, n] = 0
        used = set(names) if empty != "skip" else {n for _, n in cells}
        return out.getvalue().encode(), wanted, used

    def long(self, rng):
        cells = self.cells(rng) or {(str(START), "North"): 5}
        rows = list(cells.items())
        rng.shuffle(rows)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(["date", "location", "usage_gb"])
        for (d, n), b in rows:
            writer.writerow([d, "'" + n if n[0] == "=" else n, self.text_of(b)])
        return out.getvalue().encode(), cells, {n for _, n in cells}

    def json_list(self, rng):
        cells = self.cells(rng) or {(str(START), "North"): 5}
        text = ",\n".join('{"date":"%s","location":%s,"usage_gb":%s}'
                          % (d, json.dumps(n), self.text_of(b)) for (d, n), b in cells.items())
        return ("[" + text + "]").encode(), cells, {n for _, n in cells}

    def vnstat(self, rng):
        cells = {(d, n): b for (d, n), b in self.cells(rng).items() if b < 10**13}
        cells = cells or {(str(START), "eth0"): 5}
        interfaces = []
        for name in {n for _, n in cells}:
            days = []
            for (d, n), b in sorted(cells.items()):
                if n == name:
                    y, m, dd = map(int, d.split("-"))
                    rx = rng.randrange(b + 1)
                    days.append({"date": {"year": y, "month": m, "day": dd},
                                 "rx": rx, "tx": b - rx})
            interfaces.append({"name": name, "traffic": {"day": days}})
        return (json.dumps({"jsonversion": "2", "interfaces": interfaces}).encode(), cells,
                {n for _, n in cells})

    def old_database(self, rng, path):
        cells = {k: b - b % 1000 for k, b in self.cells(rng).items()}
        if os.path.exists(path):
            os.remove(path)
        db = sqlite3.connect(path)
        db.executescript("CREATE TABLE locations (id INTEGER PRIMARY KEY, name, display_name);"
                         "CREATE TABLE daily_usage (id INTEGER PRIMARY KEY, date, location_id,"
                         " usage_gb REAL);")
        names = sorted({n for _, n in cells})
        for i, n in enumerate(names, 1):
            db.execute("INSERT INTO locations VALUES (?, ?, ?)", (i, n, n))
        for (d, n), b in cells.items():
            db.execute("INSERT INTO daily_usage (date, location_id, usage_gb) VALUES (?, ?, ?)",
                       (d, names.index(n) + 1, b / 1e9))
        db.commit()
        db.close()
        return cells, set(names)

    # --- what is done -----------------------------------------------------

    def enter(self, done, wanted, used):
        """An import went through: into the account."""
        self.version += 1
        before, after = {}, {}
        for cell, bytes_ in wanted.items():
            old = self.model.get(cell)
            if old is None or old[0] != bytes_:
                before[cell] = old
                after[cell] = self.model[cell] = (bytes_, self.version)
        self.assertEqual(done["new"], sum(b is None for b in before.values()))
        self.assertEqual(done["changed"], sum(b is not None for b in before.values()))
        created = used - self.names
        self.assertEqual(done["locations_created"], len(created))
        self.names |= used
        self.imports[done["import_id"]] = Change(before, after, created)

    def import_something(self, rng):
        kind = rng.randrange(5)
        if kind == 0:
            empty = rng.choice(["zero", "skip", "overwrite"])
            data, wanted, used = self.wide(rng, empty)
            done = self.load(data, "--empty", empty)
        elif kind == 1:
            data, wanted, used = self.long(rng)
            done = self.load(data)
        elif kind == 2:
            data, wanted, used = self.json_list(rng)
            done = self.load(data)
        elif kind == 3:
            data, wanted, used = self.vnstat(rng)
            done = self.load(data, "--vnstat")
        else:
            path = os.path.join(self.dir, "old.db")
            wanted, used = self.old_database(rng, path)
            done = json.loads(self.program("dum-import", "--json", "--database", path).stdout)
        self.enter(done, wanted, used)

    def undo_something(self, rng):
        if not self.imports:
            return
        # Mostly a new one: old ones have been written over.
        ids = sorted(self.imports)
        number = rng.choice(ids[-3:] if rng.random() < 0.7 else ids)
        change = self.imports[number]
        touched = {c for c, a in change.after.items() if self.model.get(c) != a}
        refused = change.undone or bool(touched)
        done = self.program("dum-import", "--json", "--undo", str(number),
                            status=1 if refused else 0)
        if refused:
            if not change.undone:
                said = json.loads(done.stdout)
                self.assertEqual(said["touched_total"], len(touched))
                self.assertLessEqual({(t["date"], t["location"]) for t in said["touched"]},
                                     touched)
            return
        change.undone = True
        for cell, old in change.before.items():
            if old is None:
                del self.model[cell]
            else:
                self.model[cell] = old
        gone = {n for n in change.created
                if n in self.names and not any(m == n for _, m in self.model)}
        said = json.loads(done.stdout)
        self.assertEqual(said["locations_removed"], len(gone))
        self.names -= gone

    def edit_something(self, rng):
        """One day gets another amount, past the account of imports."""
        if not self.model:
            return
        cell = rng.choice(sorted(self.model))
        date, name = cell
        self.version += 1
        bytes_ = rng.randrange(10**12)
        self.load("date,location,usage_gb\n%s,\"%s\",%s\n"
                  % (date, ("'" if name[0] == "=" else "") + name.replace('"', '""'),
                     self.text_of(bytes_)))
        if self.model[cell][0] != bytes_:
            self.model[cell] = (bytes_, self.version)

    def check(self):
        self.assertEqual(self.days(), {c: b for c, (b, _) in self.model.items()})
        self.assertEqual({n for n, in self.query("SELECT name FROM locations")}, self.names)
        counted = dict(self.query("SELECT name, records FROM location_records r"
                                  " JOIN locations l ON l.id = r.location_id WHERE records > 0"))
        for name in self.names:
            self.assertEqual(counted.get(name, 0), sum(n == name for _, n in self.model))

    def test_days_are_what_python_says_after_each_of_them(self):
        seed = int(os.environ.get("DUM_SEED", "20261124"))
        rng = random.Random(seed)
        until = time.monotonic() + SECONDS
        done = 0
        while done < ROUNDS if ROUNDS else time.monotonic() < until:
            what = rng.random()
            with self.subTest(seed=seed, round=done):
                if what < 0.45:
                    self.import_something(rng)
                elif what < 0.75:
                    self.undo_something(rng)
                else:
                    self.edit_something(rng)
                self.check()
            done += 1
        self.assertGreater(done, 10)
        self.program("dum-admin", "audit", "verify")
        print("# %d rounds of seed %d, %d imports" % (done, seed, len(self.imports)))


if __name__ == "__main__":
    unittest.main()
