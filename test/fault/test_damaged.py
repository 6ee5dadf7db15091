"""Pages of the live database that are zeroed, torn or of another file, a database
that is cut short, replaced or gone under the workers, an index of the log that
was deleted, a log of another database: no crash, no made-up answer, nothing is
made anew in its place, and dum-verify finds what no reader can see.

Shown to fail: with FCGX_Free() in place of break_off() in fcgi-app/fcgi_io.c a
list that breaks off ends like a whole one (it did); with SQLITE_OPEN_CREATE in
lib/store/connect.c and without check_exists() in db_open() of lib/store/db.c an
absent database is made anew, empty.
"""

import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import sys
import unittest
from http.client import HTTPException

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "it")]
from form import LONG  # noqa: E402
from service import Service, wait_for  # noqa: E402

DAYS = "/api/data/daily-usage"
PAGE = 4096
READS = ("/api/data/locations", DAYS + "?location_id=1", DAYS + "?page=2",
         "/api/dashboard/overview", "/api/dashboard/usage-trends?days=30", "/health")


class Damaged(unittest.TestCase):
    def setUp(self):
        self.service = Service("--workers", "2").start()
        self.addCleanup(self.service.stop)
        self.service.tool("dum-import", "-", data="Date," + ",".join(
            f"L{i}" for i in range(8)) + "\n" + "".join(
                f"20{y:02}-{m:02}-{d:02}" + f",{d}.25" * 8 + "\n"
                for y in (20, 21) for m in range(1, 13) for d in range(1, 29)))
        self.service.tool("dum-backup", "create")
        self.service.tool("dum-backup", "ship")
        self.database = pathlib.Path(self.service.database)
        self.good = self.all_in_one_file()
        self.answers = {path: self.service.request("GET", path).body for path in READS}

    def all_in_one_file(self):
        self.service.tool("dum-admin", "checkpoint")
        return self.database.read_bytes()

    def renew_workers(self):
        """Nothing of it is in anybody's memory."""
        old = set(self.service.workers())
        for pid in old:
            os.kill(pid, signal.SIGKILL)
        self.assertTrue(wait_for(
            lambda: len(set(self.service.workers()) - old) == 2))

    def damage(self, data):
        """Other bytes under the same file, and no log."""
        with open(self.database, "r+b") as f:
            f.write(data)
            f.truncate(len(data))
        os.truncate(f"{self.database}-wal", 0)
        self.renew_workers()

    def assert_no_made_up_answers(self, what):
        """Each is as it was, or says that it can not be; a crash would be 502."""
        refused = 0
        for path in READS:
            try:
                answer = self.service.request("GET", path)
            except HTTPException:       # a list that was broken off
                refused += 1
                continue
            self.assertIn(answer.status, (200, 500, 503), (what, path, answer))
            if answer.status == 200:
                self.assertEqual(answer.body, self.answers[path], (what, path))
            refused += answer.status != 200
        return refused

    def test_a_list_that_breaks_off_does_not_end_like_a_whole_one(self):
        """Its rows come page by page; one of the last pages is damaged."""
        path = DAYS
        for accept in ("application/json", "text/csv"):
            whole = self.service.request("GET", path, headers={"Accept": accept})
            self.assertEqual(whole.status, 200)
            broken = False
            for leaf in self.leaves_of("daily_usage")[::4]:
                data = bytearray(self.good)
                data[leaf * PAGE:(leaf + 1) * PAGE] = bytes(PAGE)
                self.damage(bytes(data))
                try:
                    answer = self.service.request("GET", path, headers={"Accept": accept})
                    self.assertTrue(answer.status == 503 or answer.body == whole.body,
                                    (leaf, answer))
                except HTTPException:
                    broken = True
                    break
            self.damage(self.good)
            self.assertTrue(broken, accept)

    def test_pages_that_are_zeroed_or_garbage(self):
        rand = random.Random(3)
        pages = len(self.good) // PAGE
        found = 0
        numbers = range(pages) if LONG else sorted(rand.sample(range(1, pages), 10)) + [0]
        for number in numbers:
            for name, page in (("zero", bytes(PAGE)), ("garbage", rand.randbytes(PAGE))):
                data = bytearray(self.good)
                data[number * PAGE:(number + 1) * PAGE] = page
                self.damage(bytes(data))
                found += self.assert_no_made_up_answers((name, number)) > 0
                answer = self.service.request("POST", DAYS, {
                    "date": "2024-01-01", "location_id": 1, "usage_gb": 1})
                self.assertIn(answer.status, (201, 500, 503), answer)
                self.assertNotEqual(self.database.stat().st_size, 0)
        print(f"# of {len(numbers)} pages, both ways, readers met {found}")
        self.assertGreater(found, 3)
        self.damage(self.good)
        self.assertEqual(self.service.request("GET", "/health").status, 200)

    def test_what_no_reader_sees_dum_verify_does(self):
        """Half a page that is of an older state, and single bits of values."""
        rand = random.Random(4)
        leaf = self.leaf_of("daily_usage")
        torn = bytearray(self.good)
        torn[leaf * PAGE + PAGE // 2:(leaf + 1) * PAGE] = bytes(PAGE // 2)
        self.assert_found(bytes(torn))
        for _ in range(20 if LONG else 4):
            flipped = bytearray(self.good)
            at = leaf * PAGE + PAGE // 2 + rand.randrange(PAGE // 2)
            flipped[at] ^= 1 << rand.randrange(8)
            self.assert_found(bytes(flipped))

    def leaf_of(self, table):
        """The number of a page that holds rows of a table, from 0."""
        return self.leaves_of(table)[0]

    def leaves_of(self, table):
        """The numbers of all of them, in their order."""
        db = sqlite3.connect(f"file:{self.database}?mode=ro&immutable=1", uri=True)
        root = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?",
                          (table,)).fetchone()[0]
        db.close()
        return list(self.leaves_below(root - 1))

    def leaves_below(self, page):
        at = page * PAGE
        if self.good[at] == 13:
            yield page
            return
        self.assertEqual(self.good[at], 5)
        count = int.from_bytes(self.good[at + 3:at + 5], "big")
        cells = [at + int.from_bytes(self.good[at + 12 + 2 * i:at + 14 + 2 * i], "big")
                 for i in range(count)]
        for place in [*cells, at + 8]:      # the last one stands in the head
            yield from self.leaves_below(
                int.from_bytes(self.good[place:place + 4], "big") - 1)

    def assert_found(self, data):
        self.damage(data)
        # The next backup is held against the one before it and the journal.
        self.service.tool("dum-backup", "create", status=None)
        done = self.service.tool("dum-verify", "--json", status=None)
        self.assertIn(done.returncode, (1, 4), done)

    def test_a_database_that_is_cut_short(self):
        for pages in (0.9, 0.5, 0):
            length = int(len(self.good) * pages) // PAGE * PAGE
            self.damage(self.good[:length])
            refused = self.assert_no_made_up_answers(f"{length} bytes")
            self.assertGreater(refused, 0)
            self.assertEqual(self.database.stat().st_size, length)
        self.assertEqual(self.service.request("GET", "/health").status, 503)

    def test_a_database_that_is_gone_is_not_made_anew(self):
        aside = self.service.folder / "aside"
        aside.mkdir()
        for name in ("data_usage.db", "data_usage.db-wal", "data_usage.db-shm"):
            os.rename(self.service.state / name, aside / name)
        self.renew_workers()
        for path in READS:
            answer = self.service.request("GET", path)
            self.assertEqual(answer.status, 503, (path, answer))
        self.assertFalse(self.database.exists())
        for words in (("dum-admin", "stats"), ("dum-backup", "create"),
                      ("dum-import", "-")):
            done = self.service.tool(*words, data="Date,A\n2024-01-01,1\n", status=1)
            self.assertIn("No such file", done.stderr)
        self.assertFalse(self.database.exists())
        for name in ("data_usage.db", "data_usage.db-wal", "data_usage.db-shm"):
            os.rename(aside / name, self.service.state / name)
        # Each worker tries it anew after a second.
        self.assertTrue(wait_for(lambda: self.assert_no_made_up_answers("back") == 0))

    def test_an_index_of_the_log_that_is_deleted_is_made_anew(self):
        """With the pool stopped, as after a crash; under running workers it is
        theirs alone to delete."""
        answer = self.service.request("POST", DAYS, {
            "date": "2024-01-01", "location_id": 1, "usage_gb": 1})
        self.assertEqual(answer.status, 201)
        for pid in self.service.workers():
            os.kill(pid, signal.SIGKILL)
        os.unlink(f"{self.database}-shm")
        self.renew_workers()
        self.assertEqual(self.service.get("/api/dashboard/overview")["total_records"],
                         8 * 2 * 12 * 28 + 1)
        self.assertEqual(self.service.sqlite("PRAGMA integrity_check"), ["ok"])

    def test_a_log_beside_another_database_is_told(self):
        """An older copy was put back by hand, without its log."""
        older = self.good
        for day in range(1, 15):
            self.assertEqual(self.service.request("POST", DAYS, {
                "date": f"2024-01-{day:02}", "location_id": 1,
                "usage_gb": 1}).status, 201)
        self.all_in_one_file()
        for day in range(15, 25):
            self.assertEqual(self.service.request("POST", DAYS, {
                "date": f"2024-01-{day:02}", "location_id": 1,
                "usage_gb": 1}).status, 201)
        for pid in self.service.workers():
            os.kill(pid, signal.SIGKILL)
        with open(self.database, "r+b") as f:
            f.write(older)
            f.truncate(len(older))
        self.renew_workers()
        done = self.service.tool("dum-verify", "--json", status=None)
        self.assertIn(done.returncode, (1, 4), done)
        problems = [c for c in json.loads(done.stdout)["checks"] if not c["ok"]]
        self.assertTrue(problems, done)


if __name__ == "__main__":
    unittest.main(verbosity=1)
