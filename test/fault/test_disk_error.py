"""A disk that fails under a worker: nobody is told that a change is stored
which may not be, the worker ends, and the next one goes on.

strace is attached to the one worker and makes its system calls fail.

Shown to fail: with give_up_handle() in fcgi-app/app.c doing nothing, the worker
that met the error goes on; without idempotency_keep() in fcgi-app/change.c what
is sent again is done again; without try_database() in fcgi-app/res/health.c all
is said to be well.
"""

import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "it"))
from service import Service, wait_for  # noqa: E402

DAYS = "/api/data/daily-usage"


class DiskError(unittest.TestCase):
    def setUp(self):
        self.service = Service("--workers", "1").start()
        self.addCleanup(self.service.stop)
        made = self.service.request("POST", "/api/data/locations",
                                    {"name": "here"})
        self.day = {"date": "2024-05-31", "location_id": made.json()["id"],
                    "usage_gb": 1}
        self.assertEqual(self.service.request("POST", DAYS, self.day).status,
                         201)

    def fail(self, calls, error):
        """Make these calls of the worker fail from now on; its process id."""
        # A new worker opens nothing before it is asked.
        self.service.get("/api/data/locations")
        worker, = self.service.workers()
        tracer = subprocess.Popen(
            ["strace", "-f", "-p", str(worker), "-e", f"trace={calls}", "-e",
             f"inject={calls}:error={error}", "-o", "/dev/null"],
            stderr=subprocess.PIPE, text=True)
        self.tracer = tracer
        self.addCleanup(self.heal)
        self.assertIn("attached", tracer.stderr.readline())
        return worker

    def heal(self):
        self.tracer.terminate()
        self.tracer.wait()
        self.tracer.stderr.close()

    def change(self, gigabytes):
        return self.service.request("POST", DAYS,
                                    {**self.day, "usage_gb": gigabytes})

    def assert_goes_on(self, worker):
        """Another worker, and one record that says what was said last."""
        self.assertTrue(wait_for(
            lambda: self.service.workers() not in ([], [worker])))
        answer = self.change(7)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.service.query(
            "SELECT date, usage_bytes FROM daily_usage"),
            [("2024-05-31", 7 * 10**9)])
        self.assertEqual(self.service.sqlite("PRAGMA integrity_check"), ["ok"])
        self.service.tool("dum-admin", "audit", "verify")

    def test_an_error_at_the_commit_is_an_outcome_that_nobody_knows(self):
        worker = self.fail("fdatasync,fsync", "EIO")
        answer = self.change(5)
        self.assertEqual(answer.status, 500, answer)
        self.assertEqual(answer.headers["Content-Type"],
                         "application/problem+json")
        self.assertIn("not known", answer.json()["detail"])
        self.assert_goes_on(worker)

    def test_what_is_sent_again_with_its_key_is_there_once(self):
        for number, calls in enumerate(("fdatasync,fsync", "pwrite64")):
            new = {**self.day, "date": f"2024-06-0{number + 1}"}
            key = {"Idempotency-Key": f"key-{number}"}
            worker = self.fail(calls, "EIO")
            answer = self.service.request("POST", DAYS, new, key)
            self.assertEqual(answer.status, 500, answer)
            self.assertTrue(wait_for(
                lambda: self.service.workers() not in ([], [worker])))
            self.heal()
            for _ in range(2):
                answer = self.service.request("POST", DAYS, new, key)
                self.assertEqual(answer.status, 201, answer)
            self.assertEqual(self.service.query(
                "SELECT count(*) FROM journal WHERE tbl = 'daily_usage' AND"
                " after ->> 'date' = ?", new["date"]), [(1,)])
        self.assertEqual(self.service.query("SELECT count(*) FROM daily_usage"), [(3,)])

    def test_an_error_of_writing_changes_nothing(self):
        worker = self.fail("pwrite64", "EIO")
        answer = self.change(5)
        self.assertEqual(answer.status, 500, answer)
        self.assertNotIn("data_usage.db", answer.body.decode())
        self.assert_goes_on(worker)

    def test_health_is_not_well_while_nothing_can_be_read(self):
        # As a monitor asks: without a key, for which it would be read before.
        def ask():
            return self.service.request("GET", "/health", key=None)
        self.assertEqual(ask().status, 200)
        self.fail("pread64", "EIO")
        # Another program has changed it, so that it has to be read again.
        self.service.tool("dum-admin", "location", "add", "elsewhere")
        answer = ask()
        self.assertEqual(answer.status, 503, answer)
        self.heal()
        self.assertTrue(wait_for(lambda: ask().status == 200))

    def test_an_error_of_reading_is_no_answer(self):
        # So much that it can not all be held in memory.
        rows = "".join(
            f"{2000 + i // 336}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}"
            + ",5" * 60 + "\n" for i in range(2000))
        self.service.tool("dum-import", "-", data="Date," + ",".join(
            f"L{i}" for i in range(60)) + "\n" + rows)
        self.fail("pread64", "EIO")
        for path in (DAYS + "?location_id=1", "/api/dashboard/overview"):
            answer = self.service.request("GET", path)
            self.assertIn(answer.status, (500, 503), answer)
            self.assertEqual(answer.headers["Content-Type"],
                             "application/problem+json")
        self.heal()
        self.assertTrue(wait_for(lambda: self.service.request(
            "GET", "/api/dashboard/overview").status == 200))
        self.assertEqual(self.service.get("/api/dashboard/overview")
                         ["total_records"], 120001)


if __name__ == "__main__":
    unittest.main(verbosity=1)
