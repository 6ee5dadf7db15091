"""The disk is full: changes get 507, reads go on, nothing is half done, and
room is all that it takes to go on.

The service lives on a small tmpfs of a mount namespace of its own. Another
user than root needs user namespaces for that, as Debian has them.

Shown to fail: with SQLITE_FULL mapped to DUM_ESYS in lib/store/connect.c, the
first test gets 500 in place of 507.
"""

import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "it"))
from service import Service, wait_for  # noqa: E402

DISK = "16m"
DAYS = "/api/data/daily-usage"
READS = ("/health", "/api/data/locations", DAYS + "?page=1",
         "/api/dashboard/overview", "/api/dashboard/usage-trends?days=90")


class SmallDisk(Service):
    """A service whose state folder is a disk of its own."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.state.mkdir(mode=0o700)
        become = [] if os.geteuid() == 0 else [
            "--user", "--map-current-user", "--keep-caps"]
        self.wrap = [
            "unshare", "--mount", *become, "sh", "-c",
            'mount -t tmpfs -o "size=$1,mode=700" tmpfs "$2" && shift 2 &&'
            ' exec "$@"', "sh", DISK, str(self.state)]

    def inside(self, script):
        subprocess.run([*self.entering(), "sh", "-c", script, "sh",
                        str(self.state)], check=True, capture_output=True)

    def fill(self):
        # The last blocks one by one; then a write of any size fails.
        self.inside('head -c 1G /dev/zero >"$1/ballast" 2>&1;'
                    ' test -s "$1/ballast"')

    def make_room(self):
        self.inside('rm "$1/ballast"')


class DiskFull(unittest.TestCase):
    def setUp(self):
        self.service = SmallDisk("--workers", "2").start()
        self.addCleanup(self.service.stop)
        answer = self.service.request("POST", "/api/data/locations",
                                      {"name": "here"})
        self.place = answer.json()["id"]
        self.stored = {}        # date: gigabytes, as acknowledged
        self.day = 0
        for _ in range(20):
            self.assertEqual(self.enter().status, 201)

    def enter(self):
        """The next day; remembered when it was acknowledged."""
        self.day += 1
        date = f"2024-{self.day // 28 % 12 + 1:02}-{self.day % 28 + 1:02}"
        if self.day >= 336:
            date = f"{2000 + self.day // 336}" + date[4:]
        answer = self.service.request("POST", DAYS, {
            "date": date, "location_id": self.place, "usage_gb": self.day})
        if answer.status in (200, 201):
            self.stored[date] = self.day
        return answer

    def enter_until_full(self):
        self.service.fill()
        for _ in range(3000):
            answer = self.enter()
            if answer.status not in (200, 201):
                return answer
        raise AssertionError("the disk did not get full")

    def assert_stored(self):
        lines = self.service.sqlite(
            "SELECT date, usage_bytes / 1000000000 FROM daily_usage")
        self.assertEqual(dict(line.split("|") for line in lines),
                         {d: str(gb) for d, gb in self.stored.items()})
        self.assertEqual(self.service.sqlite("PRAGMA integrity_check"), ["ok"])
        self.assertEqual(self.service.get("/api/dashboard/overview")
                         ["total_records"], len(self.stored))

    def assert_507(self, answer):
        self.assertEqual(answer.status, 507, answer)
        self.assertEqual(answer.headers["Content-Type"],
                         "application/problem+json")
        self.assertIn("full", answer.json()["detail"])

    def test_changes_are_refused_reads_go_on_and_room_heals_it(self):
        self.assert_507(self.enter_until_full())
        first = self.service.sqlite("SELECT min(id) FROM daily_usage")[0]
        pool = set(self.service.workers())
        started = time.monotonic()
        for method, path, body in (
                ("POST", "/api/data/locations", {"name": "there"}),
                ("PUT", f"{DAYS}/{first}", {"usage_gb": 999}),
                ("DELETE", f"{DAYS}/{first}", None),
                ("PATCH", f"/api/data/locations/{self.place}", {"name": "x"})):
            self.assert_507(self.service.request(method, path, body))
        for path in READS:
            answer = self.service.request("GET", path)
            self.assertEqual(answer.status, 200, (path, answer))
        print(f"# four changes refused and {len(READS)} reads answered in"
              f" {(time.monotonic() - started) * 1000:.0f} ms")
        self.assert_stored()
        self.service.make_room()
        for _ in range(20):
            self.assertEqual(self.enter().status, 201)
        self.assert_stored()
        self.assertEqual(pool, set(self.service.workers()))
        self.service.tool("dum-admin", "audit", "verify")

    def test_imports_are_refused_and_leave_no_job(self):
        self.assert_507(self.enter_until_full())
        small = "Date,here\n2010-01-01,1\n"
        # Few bytes and many cells: put into a file, for a job.
        many = "Date," + ",".join(f"a{n}" for n in range(300)) + "".join(
            f"\n2010-{m:02}-{d:02}" + ",1" * 300
            for m in (1, 2, 3) for d in range(1, 25))
        for table in (small, many):
            self.assert_507(self.service.request(
                "POST", "/api/imports", table, {"Content-Type": "text/csv",
                                                "Idempotency-Key": "k"}))
        for table in ("imports", "jobs", "idempotency_keys"):
            self.assertEqual(self.service.sqlite(
                f"SELECT count(*) FROM {table}"), ["0"], table)
        self.assert_stored()
        self.service.make_room()
        answer = self.service.request("POST", "/api/imports", many, {
            "Content-Type": "text/csv", "Idempotency-Key": "k"})
        self.assertEqual(answer.status, 202, answer)
        place = answer.headers["Location"]
        self.assertTrue(wait_for(
            lambda: self.service.get(place)["state"] in ("done", "failed")))
        self.assertEqual(self.service.get(place)["result"]["new"], 21600)

    def test_tools_say_so_and_change_nothing(self):
        self.enter_until_full()
        text = "Date,here,there\n" + "".join(
            f"2010-{m:02}-{d:02},{d},{m}\n"
            for m in range(1, 13) for d in range(1, 29))
        done = self.service.tool("dum-import", "-", data=text, status=1)
        self.assertIn("is full", done.stderr)
        done = self.service.tool("dum-admin", "location", "add", "there",
                                 status=1)
        self.assertIn("is full", done.stderr)
        self.assert_stored()
        self.service.make_room()
        self.service.tool("dum-import", "-", data=text)
        self.assertEqual(self.service.sqlite(
            "SELECT count(*) FROM daily_usage WHERE date LIKE '2010%'"),
            [str(12 * 28 * 2)])

    def test_workers_that_start_on_a_full_disk_answer_reads(self):
        self.enter_until_full()
        old = set(self.service.workers())
        for pid in old:
            os.kill(pid, signal.SIGKILL)
        self.assertTrue(wait_for(
            lambda: len(set(self.service.workers()) - old) == 2))
        for path in READS:
            answer = self.service.request("GET", path)
            self.assertEqual(answer.status, 200, (path, answer))
        self.assert_507(self.enter())
        self.service.make_room()
        self.assertEqual(self.enter().status, 201)
        self.assert_stored()


if __name__ == "__main__":
    unittest.main(verbosity=1)
