"""dum-backup diff and extract: what differs is what Python says differs, and
days that are put back are those of the backup, and no others."""

import csv
import io
import json
import random
import unittest

from backup_case import BackupCase


class Days(BackupCase):
    rows = 600

    def days(self, path=None):
        """{(date, name): bytes}"""
        return {(d, n): b for d, n, b in self.query(
            "SELECT u.date, l.name, u.usage_bytes FROM daily_usage u"
            " JOIN locations l ON l.id = u.location_id", path)}

    def scramble(self, seed):
        rand = random.Random(seed)
        statements = []
        for _ in range(80):
            row = rand.randrange(1, 601)
            statements.append(rand.choice([
                f"DELETE FROM daily_usage WHERE id = {row}",
                f"UPDATE daily_usage SET usage_bytes = {rand.randrange(10**12)} WHERE id = {row}",
                "INSERT OR IGNORE INTO daily_usage (date, location_id, usage_bytes)"
                f" VALUES ('2021-05-{row % 28 + 1:02}', {row % 12 + 1}, {row})"]))
        self.change(*statements,
                    "UPDATE location_records SET records = (SELECT count(*) FROM"
                    " daily_usage u WHERE u.location_id = location_records.location_id)")

    def diff(self, a, b, status=1):
        return json.loads(self.backup("diff", a, b, "--json", status=status).stdout)


class Diff(Days):
    def test_it_finds_what_python_finds(self):
        a, before = self.create(), self.days()
        self.scramble(1)
        b, after = self.create(), self.days()
        found = self.diff(a, b)
        self.assertEqual(found["tables"]["days"], {
            "same": sum(before[k] == after[k] for k in before.keys() & after.keys()),
            "changed": sum(before[k] != after[k] for k in before.keys() & after.keys()),
            "only_a": len(before.keys() - after.keys()),
            "only_b": len(after.keys() - before.keys())})
        self.assertFalse(found["same"])
        rows = [r for r in found["rows"] if r["table"] == "days"]
        self.assertEqual(len(rows), 20)
        for r in rows:
            for side, days in (("a", before), ("b", after)):
                value = days.get((r["date"], r["location"]))
                self.assertEqual(r[side], None if value is None else value / 1e9)
        self.assertEqual(self.diff(b, a)["tables"]["days"]["only_a"],
                         found["tables"]["days"]["only_b"])
        self.assertEqual(self.diff(b, "live", status=0)["same"], True)
        out = self.backup("diff", a, "live", status=1).stdout.decode()
        self.assertIn(f"{len(before.keys() - after.keys())} only in A", out)

    def test_the_other_tables_too(self):
        a = self.create()
        self.change(
            "INSERT INTO monthly_summaries (period_start, period_end, location_id,"
            " total_usage_bytes) VALUES ('2020-01-13', '2020-02-12', 1, 77)",
            "INSERT INTO cycle_settings (location_id, cycle_day, valid_from)"
            " VALUES (NULL, 7, '2019-01-01')",
            "UPDATE locations SET name = 'renamed' WHERE id = 3")
        found = self.diff(a, "live")
        self.assertEqual({t: (c["changed"], c["only_a"], c["only_b"])
                          for t, c in found["tables"].items()},
                         {"locations": (1, 0, 0), "days": (0, 0, 0), "summaries": (0, 0, 1),
                          "settings": (0, 0, 1)})

    def test_two_databases_are_not_held_against_each_other(self):
        a = self.create()
        self.change("UPDATE system_info SET metric_value = '%s'"
                    " WHERE metric_name = 'database_id'" % ("ab" * 16))
        done = self.backup("diff", a, "live", status=1)
        self.assertIn(b"two databases", done.stderr)


class Extract(Days):
    span = ("--from", "2020-01-05", "--until", "2020-01-25")

    def inside(self, key):
        return "2020-01-05" <= key[0] <= "2020-01-25"

    def test_as_a_file_it_is_what_the_import_takes(self):
        name, before = self.create(), self.days()
        self.scramble(2)
        out = self.backup("extract", name, *self.span, "--csv").stdout.decode()
        rows = list(csv.reader(io.StringIO(out)))
        self.assertEqual(rows[0], ["date", "location", "usage_gb"])
        self.assertEqual({(d, n): round(float(v) * 1e9) for d, n, v in rows[1:]},
                         {k: b for k, b in before.items() if self.inside(k)})
        path = self.path("some.csv")
        with open(path, "w", encoding="utf-8") as f:
            f.write(out)
        self.program("dum-import", path)
        now = self.days()
        self.assertEqual({k: now[k] for k in before if self.inside(k)},
                         {k: b for k, b in before.items() if self.inside(k)})

    def test_it_is_put_back_and_nothing_else_is_touched(self):
        name, before = self.create(), self.days()
        self.scramble(3)
        changed = self.days()
        done = self.backup("extract", name, *self.span, "--apply", status=2)
        self.assertIn(b"would be put back", done.stdout)
        self.assertEqual(self.days(), changed)
        result = json.loads(self.backup("extract", name, *self.span, "--apply", "--confirm",
                                        "--json").stdout)
        wanted = {**changed, **{k: b for k, b in before.items() if self.inside(k)}}
        self.assertEqual(self.days(), wanted)
        self.assertEqual(result["new"], sum(k not in changed for k in wanted))
        self.assertEqual(result["changed"],
                         sum(changed.get(k, b) != b for k, b in wanted.items()))
        # An edit like any other: in the journal, with whom it was by.
        op, table, source, actor = self.query(
            "SELECT op, tbl, source, actor FROM journal ORDER BY id DESC LIMIT 1")[0]
        self.assertEqual((op, table, source), ("batch", "daily_usage", "dum-backup"))
        self.assertTrue(actor.startswith("local:"))
        self.program("dum-admin", "audit", "verify")
        self.assertIn(b"ok       content", self.program("dum-verify").stdout)

    def test_of_some_locations(self):
        name, before = self.create(), self.days()
        self.change("UPDATE daily_usage SET usage_bytes = 1")
        self.change("UPDATE locations SET name = 'renamed' WHERE name = 'place_2'")
        self.backup("extract", name, *self.span, "--location", "place_2", "--location",
                    "place_5", "--apply", "--confirm")
        now = self.days()
        for (date, place), value in before.items():
            ours = "renamed" if place == "place_2" else place
            wanted = value if place in ("place_2", "place_5") and self.inside((date, place)) else 1
            self.assertEqual(now[date, ours], wanted)
        done = self.backup("extract", name, *self.span, "--location", "none", status=1)
        self.assertIn(b"no location 'none'", done.stderr)

    def test_a_location_that_is_gone_is_made_again(self):
        self.program("dum-admin", "location", "add", "short-lived")
        new = self.query("SELECT max(id) FROM locations")[0][0]
        self.change(f"INSERT INTO daily_usage (date, location_id, usage_bytes)"
                    f" VALUES ('2020-01-10', {new}, 5)",
                    f"INSERT INTO location_records VALUES ({new}, 1)")
        name = self.create()
        self.change(f"DELETE FROM daily_usage WHERE location_id = {new}",
                    f"DELETE FROM location_records WHERE location_id = {new}",
                    f"DELETE FROM locations WHERE id = {new}",
                    "UPDATE counters SET value = value - 1 WHERE name = 'locations'")
        result = json.loads(self.backup("extract", name, *self.span, "--apply", "--confirm",
                                        "--json").stdout)
        self.assertEqual((result["locations_new"], result["new"]), (1, 1))
        self.assertEqual(self.days()["2020-01-10", "short-lived"], 5)

    def test_days_have_to_be_named(self):
        name = self.create()
        self.backup("extract", name, "--from", "2020-01-01", status=2)
        self.backup("extract", name, "--from", "2020-02-30", "--until", "2020-03-01", status=2)
        self.backup("extract", name, "--from", "2020-02-01", "--until", "2020-01-01", status=2)
        self.backup("extract", name, *self.span, "--csv", "--apply", status=2)


if __name__ == "__main__":
    unittest.main(verbosity=1)
