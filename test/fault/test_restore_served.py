"""A restore while the service is in use: eight write and two read over HTTP.

Readers see the old state or the new one and no error; a writer is told 201, or
503 with Retry-After; what was acknowledged came before the restore or after it;
and what is there at the end has the counts of the manifest.

Shown to fail: with a commit between remove_others() and add_missing() in merge() of
lib/backup/restore_rows.c readers see a third state; with DUM_EBUSY answered as
500 in fcgi-app/problem.c the writers' statuses are others.
"""

import json
import pathlib
import sys
import threading
import time
import unittest
from http.client import HTTPException

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "it")]
from form import LONG  # noqa: E402
from service import Service  # noqa: E402

DAYS = "/api/data/daily-usage"
ROUNDS = 10 if LONG else 2


class Writer(threading.Thread):
    """Makes locations, one after the other."""

    def __init__(self, service, name, stop):
        super().__init__()
        self.service, self.name_of_all, self.stop = service, name, stop
        self.acked, self.refused, self.other = [], 0, []

    def run(self):
        client = self.service.client()
        turn = 0
        while not self.stop.is_set():
            turn += 1
            name = f"{self.name_of_all}_{turn}"
            try:
                answer = client.request("POST", "/api/data/locations", {"name": name})
            except (OSError, HTTPException) as error:
                self.other.append(repr(error))
                continue
            if answer.status == 201:
                self.acked.append(name)
            elif answer.status == 503 and answer.headers["Retry-After"].isdigit():
                self.refused += 1
                time.sleep(0.02)
            else:
                self.other.append(answer)
        client.close()


class Reader(threading.Thread):
    """Asks for the sums of a place that the restore changes."""

    def __init__(self, service, states, stop):
        super().__init__()
        self.service, self.states, self.stop = service, states, stop
        self.reads, self.other = 0, []

    def run(self):
        client = self.service.client()
        while not self.stop.is_set():
            try:
                answer = client.request("GET", DAYS + "?location_id=1")
            except (OSError, HTTPException) as error:
                self.other.append(repr(error))
                continue
            self.reads += 1
            if answer.status != 200 or state_of(answer.json()) not in self.states:
                self.other.append(answer)
        client.close()


def state_of(days):
    return len(days), sum(day["usage_gb"] for day in days)


class Served(unittest.TestCase):
    def setUp(self):
        self.service = Service("--workers", "4").start()
        self.addCleanup(self.service.stop)
        self.fill(0)

    def fill(self, more):
        """Days of twenty places; more: gigabytes, beside the day's number."""
        self.service.tool("dum-import", "-", data="Date," + ",".join(
            f"L{i}" for i in range(20)) + "\n" + "".join(
                f"20{y:02}-{m:02}-{d:02}" + f",{d + more}" * 20 + "\n"
                for y in (20, 21) for m in range(1, 13) for d in range(1, 29)))

    def state(self):
        return state_of(self.service.get(DAYS + "?location_id=1"))

    def test_under_eight_writers_and_two_readers(self):
        for number in range(ROUNDS):
            self.one_round(number)

    def one_round(self, number):
        name = json.loads(self.service.tool("dum-backup", "create", "--json").stdout)["file"]
        states = {self.state()}
        self.fill(7)
        states.add(self.state())
        self.assertEqual(len(states), 2)
        stop = threading.Event()
        writers = [Writer(self.service, f"w{number}_{i}", stop) for i in range(8)]
        readers = [Reader(self.service, states, stop) for _ in range(2)]
        for thread in writers + readers:
            thread.start()
        try:
            time.sleep(0.5)
            done = self.restore(name)
            time.sleep(0.3)
        finally:
            stop.set()
            for thread in writers + readers:
                thread.join()
        self.assertEqual([r.other[:3] for r in readers], [[], []])
        self.assertEqual([w.other[:3] for w in writers], [[]] * 8)
        self.assertGreater(min(r.reads for r in readers), 3)
        refused = sum(w.refused for w in writers)
        print(f"# {sum(r.reads for r in readers)} reads,"
              f" {sum(len(w.acked) for w in writers)} acknowledged, {refused} told to wait")
        self.assertGreater(refused, 0)
        self.assert_restored(name, done, writers)

    def restore(self, name):
        for _ in range(50):
            done = self.service.tool("dum-backup", "restore", name, "--confirm", "--json",
                                     status=None)
            if done.returncode != 75:
                self.assertEqual(done.returncode, 0, done)
                return json.loads(done.stdout)
        raise AssertionError("others never let it in")

    def assert_restored(self, name, done, writers):
        manifest = json.loads((self.service.state / "backups" / f"{name}.json").read_text())
        wanted = {t: facts["rows"] for t, facts in manifest["backup"]["tables"].items()}
        # In the one transaction of the restore; the writers came after.
        self.assertEqual({t: done["tables"][t]["rows"] for t in done["tables"]},
                         {t: wanted[t] for t in done["tables"]})
        self.assertEqual(self.service.query("SELECT count(*) FROM daily_usage"),
                         [(wanted["daily_usage"],)])
        # What was acknowledged came before it, and is in the journal, or is there.
        there = {n for n, in self.service.query("SELECT name FROM locations")}
        entered = {json.loads(after)["name"] for after, in self.service.query(
            "SELECT after FROM journal WHERE tbl = 'locations' AND source = 'api'"
            " AND before IS NULL AND id < (SELECT max(id) FROM journal WHERE"
            " op = 'restore')")}
        acked = {n for w in writers for n in w.acked}
        self.assertEqual(acked - there - entered, set())
        # None that came after the restore is gone.
        later = {json.loads(after)["name"] for after, in self.service.query(
            "SELECT after FROM journal WHERE tbl = 'locations' AND source = 'api'"
            " AND before IS NULL AND id > (SELECT max(id) FROM journal WHERE"
            " op = 'restore')")}
        self.assertEqual(later - there, set())
        self.assertEqual(self.service.sqlite("PRAGMA integrity_check"), ["ok"])
        self.service.tool("dum-admin", "audit", "verify")


if __name__ == "__main__":
    unittest.main(verbosity=1)
