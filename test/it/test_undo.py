"""dum-import --list and --undo: an import is taken back, or it is told why not."""

import json
import unittest

from test_import import ImportCase


class Undo(ImportCase):
    def state(self):
        """What is left when nothing happened: days, locations, counters."""
        return [self.query(sql) for sql in (
            "SELECT id, date, location_id, usage_bytes, created_at, updated_at"
            " FROM daily_usage ORDER BY id",
            "SELECT * FROM locations ORDER BY id",
            "SELECT * FROM counters ORDER BY name",
            "SELECT * FROM location_records WHERE records > 0 ORDER BY 1",
            "SELECT * FROM monthly_summaries ORDER BY id")]

    def undo(self, number, status=0):
        done = self.program("dum-import", "--json", "--undo", str(number), status=status)
        return json.loads(done.stdout) if done.stdout else done.stderr.decode()

    def imports(self):
        return json.loads(self.program("dum-import", "--list", "--json").stdout)

    def age(self):
        """Let what is there look older than what comes."""
        self.execute("UPDATE daily_usage SET updated_at = '2020-01-01T00:00:00Z',"
                     " created_at = '2020-01-01T00:00:00Z'")

    def execute(self, sql):
        self.program("sqlite3", sql)

    def program(self, name, *args, **more):
        if name != "sqlite3":
            return super().program(name, *args, **more)
        import sqlite3
        db = sqlite3.connect(self.database)
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute(args[0])
        db.commit()
        db.close()
        return None

    def test_all_that_an_import_did_is_taken_back(self):
        self.load("D,A,B\n2024-01-01,1,2\n2024-01-02,3,4\n")
        self.age()
        before = self.state()
        done = self.load("D,B,C\n2024-01-01,2,9\n2024-01-02,5,9\n2024-01-03,6,9\n")
        self.counts(done, import_id=2, new=4, changed=1, same=1, locations_created=1)
        undone = self.undo(2)
        self.assertEqual(undone, {
            "import_id": 2, "removed": 4, "restored": 1, "summaries_removed": 0,
            "summaries_restored": 0, "locations_removed": 1, "locations_left": 0,
            "touched": [], "touched_total": 0})
        self.assertEqual(self.state(), before)
        self.program("dum-admin", "audit", "verify")

    def test_the_list_tells_what_was_taken_back_and_by_whom(self):
        self.load("D,A\n2024-01-01,1\n")
        self.load("D,A\n2024-01-01,2\n")
        self.undo(2)
        rows = self.imports()
        self.assertEqual([(r["id"], r["undone_at"] is None, r["new"], r["changed"])
                          for r in rows], [(2, False, 0, 1), (1, True, 1, 0)])
        self.assertTrue(rows[0]["undone_by"].startswith("local:"))
        text = self.program("dum-import", "--list").stdout.decode()
        self.assertIn("taken back", text.splitlines()[0])
        self.assertNotIn("taken back", text.splitlines()[1])
        ops = self.query("SELECT op, tbl, pk FROM journal ORDER BY id DESC LIMIT 2")
        self.assertEqual(ops, [("undo", "imports", "2"), ("undo", "daily_usage", "import:2")])

    def test_it_is_taken_back_once(self):
        self.load("D,A\n2024-01-01,1\n")
        self.undo(1)
        before = self.everything()
        self.assertIn("was taken back at", self.undo(1, status=1))
        self.assertIn("there is no import 2", self.undo(2, status=1))
        self.program("dum-import", "--undo", "x", status=2)
        self.assertEqual(self.everything(), before)

    def test_a_later_change_of_its_cells_is_named(self):
        self.load("D,North,South\n2024-01-01,1,2\n2024-01-02,3,4\n")
        self.load("D,North\n2024-01-02,7\n")
        before = self.everything()
        undone = self.undo(1, status=1)
        self.assertEqual(undone["touched"],
                         [{"date": "2024-01-02", "location": "North", "summary": False}])
        self.assertEqual((undone["removed"], undone["touched_total"]), (0, 1))
        done = self.program("dum-import", "--undo", "1", status=1)
        self.assertIn(b"2024-01-02 of North was changed since", done.stderr)
        self.assertEqual(self.everything(), before)
        # In the opposite order both go.
        self.undo(2)
        self.assertEqual(self.days()["2024-01-02", "North"], 3 * 10**9)
        self.undo(1)
        self.assertEqual(self.days(), {})
        self.assertEqual(self.query("SELECT count(*) FROM locations"), [(0,)])

    def test_a_record_that_was_deleted_or_set_anew_counts_as_touched(self):
        self.load("D,A\n2024-01-01,1\n2024-01-02,2\n")
        self.execute("DELETE FROM daily_usage WHERE date = '2024-01-01'")
        self.assertEqual(self.undo(1, status=1)["touched_total"], 1)
        self.execute("UPDATE daily_usage SET updated_at = '2031-01-01T00:00:00Z'")
        self.assertEqual(self.undo(1, status=1)["touched_total"], 2)

    def test_later_imports_that_changed_nothing_do_not_matter(self):
        self.load("D,A\n2024-01-01,1\n")
        self.load("D,A\n2024-01-01,1\n2024-01-02,5\n")
        undone = self.undo(1)
        self.assertEqual((undone["removed"], undone["locations_left"]), (1, 1))
        self.assertEqual(self.days(), {("2024-01-02", "A"): 5 * 10**9})

    def test_a_location_in_use_or_renamed_since_stays(self):
        self.load("D,A,B,C\n2024-01-01,1,2,3\n")
        self.execute("UPDATE locations SET display_name = 'Mine' WHERE name = 'A'")
        self.execute("INSERT INTO cycle_settings (location_id, cycle_day, valid_from)"
                     " SELECT id, 5, '2024-01-01' FROM locations WHERE name = 'B'")
        undone = self.undo(1)
        self.assertEqual((undone["removed"], undone["locations_removed"],
                          undone["locations_left"]), (3, 1, 2))
        self.assertEqual(self.query("SELECT name FROM locations ORDER BY 1"), [("A",), ("B",)])
        self.assertEqual(self.query("SELECT value FROM counters WHERE name = 'locations'"),
                         [(2,)])

    def test_a_large_import_spans_many_entries_and_goes_whole(self):
        rows = ["D," + ",".join("loc%d" % i for i in range(60))]
        rows += ["2023-%02d-%02d," % (1 + d // 28, 1 + d % 28) +
                 ",".join("%d.%d" % (d, i) for i in range(60)) for d in range(336)]
        self.load("\n".join(rows) + "\n")
        self.age()
        before = self.state()
        rows[1:] = [r.replace(",", ",1") for r in rows[1:]]
        done = self.load("\n".join(rows) + "\n2024-05-05" + ",8" * 60 + "\n")
        self.assertGreater(done["changed"], 20000)
        entries = self.query("SELECT count(*) FROM journal WHERE pk = 'import:2'")[0][0]
        self.assertGreater(entries, 1)
        undone = self.undo(2)
        self.assertEqual((undone["removed"], undone["restored"]), (60, done["changed"]))
        self.assertEqual(self.state(), before)

    def test_when_the_journal_no_longer_reaches_back_it_is_told(self):
        self.load("D,A\n2024-01-01,1\n")
        last = self.query("SELECT max(id) FROM journal")[0][0]
        self.load("D,A\n2024-01-02,1\n")
        seal = "INSERT INTO journal_prunes VALUES (%d, zeroblob(32), zeroblob(32), 'x', 'x')"
        for upto in (last - 1, last):
            self.execute(seal % upto)
            self.execute("DELETE FROM journal WHERE id <= %d" % upto)
            before = self.everything()
            self.assertIn("its old entries were removed", self.undo(1, status=1))
            self.assertEqual(self.everything(), before)
        self.undo(2)

    def test_a_dry_run_lists_the_cells_that_would_change(self):
        self.load("D,A\n2024-01-01,1\n2024-01-02,2\n")
        before = self.everything()
        done = self.load("D,A,B\n2024-01-01,1,\n2024-01-02,3.5,4\n", "--empty", "skip",
                         "--dry-run")
        self.assertEqual(done["changes"], [
            {"date": "2024-01-02", "location": "A", "before_gb": 2, "after_gb": 3.5},
            {"date": "2024-01-02", "location": "B", "before_gb": None, "after_gb": 4}])
        self.assertEqual(self.everything(), before)

    def test_a_dry_run_lists_the_first_thousand(self):
        done = self.load("D," + ",".join(map(str, range(600))) + "\n2024-01-01" + ",1" * 600 +
                         "\n2024-01-02" + ",1" * 600 + "\n", "--dry-run")
        self.assertEqual((done["new"], len(done["changes"])), (1200, 1000))


if __name__ == "__main__":
    unittest.main()
