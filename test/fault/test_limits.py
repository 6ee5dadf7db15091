"""Limits of the system under a worker: the size of files, the quota of a user,
the number of open files. It says so, nothing is half done, it is no crash, and
it goes on when there is room.

Shown to fail: without SIGXFSZ ignored in fcgi-app/main.c a worker dies by it and
the change gets 502; with EFBIG or EDQUOT left out of is_full() in lib/store/
connect.c the change gets 500.
"""

import os
import pathlib
import resource
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "it"))
from backup_case import BIN, BackupCase  # noqa: E402
from service import Service, wait_for  # noqa: E402

DAYS = "/api/data/daily-usage"
READS = ("/health", "/api/data/locations", DAYS + "?page=1", "/api/dashboard/overview")


class Limited(unittest.TestCase):
    def setUp(self):
        self.service = Service("--workers", "1").start()
        self.addCleanup(self.service.stop)
        self.place = self.service.request("POST", "/api/data/locations",
                                          {"name": "here"}).json()["id"]
        self.day = 0
        self.entered = {}
        for _ in range(5):
            self.assertEqual(self.enter().status, 201)

    def enter(self):
        self.day += 1
        date = f"2024-{self.day // 28 + 1:02}-{self.day % 28 + 1:02}"
        answer = self.service.request("POST", DAYS, {
            "date": date, "location_id": self.place, "usage_gb": self.day})
        if answer.status == 201:
            self.entered[date] = self.day * 10**9
        return answer

    def worker(self):
        self.assertTrue(wait_for(lambda: len(self.service.workers()) == 1))
        return self.service.workers()[0]

    def assert_507(self, answer):
        self.assertEqual(answer.status, 507, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")

    def assert_reads(self):
        for path in READS:
            answer = self.service.request("GET", path)
            self.assertEqual(answer.status, 200, (path, answer))

    def assert_stored(self):
        self.assertEqual(dict(self.service.query(
            "SELECT date, usage_bytes FROM daily_usage")), self.entered)
        self.assertEqual(self.service.sqlite("PRAGMA integrity_check"), ["ok"])
        self.service.tool("dum-admin", "audit", "verify")


class FileSize(Limited):
    def test_a_log_that_may_not_grow_is_a_full_disk(self):
        room = os.path.getsize(f"{self.service.database}-wal") + 1000
        resource.prlimit(self.worker(), resource.RLIMIT_FSIZE,
                         (room, resource.RLIM_INFINITY))
        self.assert_507(self.enter())
        self.assert_reads()
        self.assert_stored()
        # Its own limit may be raised again; another has none.
        resource.prlimit(self.worker(), resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.assertTrue(wait_for(lambda: self.enter().status == 201))
        self.assert_stored()


class Quota(Limited):
    def inject(self, calls, error):
        tracer = subprocess.Popen(
            ["strace", "-f", "-p", str(self.worker()), "-e", f"trace={calls}", "-e",
             f"inject={calls}:error={error}", "-o", "/dev/null"],
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(tracer.stderr.close)
        self.assertIn("attached", tracer.stderr.readline())
        return tracer

    def test_a_user_over_quota_is_a_full_disk(self):
        tracer = self.inject("pwrite64", "EDQUOT")
        try:
            self.assert_507(self.enter())
            self.assert_reads()
        finally:
            tracer.terminate()
            tracer.wait()
        self.assertTrue(wait_for(lambda: self.enter().status == 201))
        self.assert_stored()


class OpenFiles(Limited):
    def test_a_worker_without_any_left_says_so_and_serves_again(self):
        worker = self.worker()
        used = len(os.listdir(f"/proc/{worker}/fd"))
        soft, hard = resource.prlimit(worker, resource.RLIMIT_NOFILE)
        for more in range(4):
            resource.prlimit(worker, resource.RLIMIT_NOFILE, (used - 1 + more, hard))
            for answer in (self.service.request("GET", "/health"), self.enter()):
                self.assertIn(answer.status, (200, 201, 500, 502, 503, 507), answer)
            self.assertEqual(self.service.sqlite("PRAGMA integrity_check"), ["ok"])
            if self.worker() != worker:
                worker = self.worker()
        resource.prlimit(self.worker(), resource.RLIMIT_NOFILE, (soft, hard))
        self.assertTrue(wait_for(lambda: self.enter().status == 201))
        self.assert_reads()
        self.assert_stored()


class Tools(BackupCase):
    rows = 200

    def test_every_number_of_open_files_does_or_is_told(self):
        """From none beyond the first three to enough."""
        enough = {}
        for command in (("dum-backup", "create"), ("dum-admin", "stats"),
                        ("dum-backup", "verify", "--latest", "1", "--level", "3"),
                        ("dum-backup", "ship")):
            for count in range(4, 40):
                before = self.content()
                done = subprocess.run(
                    ["prlimit", f"--nofile={count}", os.path.join(BIN, command[0]),
                     "--config", self.config, *command[1:]],
                    capture_output=True, check=False)
                place = (command, count, done)
                self.assertEqual(self.content(), before, place)
                if b"in libgcrypt" in done.stderr:
                    continue    # its own start ends a program by SIGABRT then
                self.assertGreaterEqual(done.returncode, 0, place)
                if done.returncode == 0:
                    enough[command] = count
                    break
                # The loader itself may find none for a library.
                self.assertTrue(done.returncode == 127 or done.stderr.startswith(
                    f"{command[0]}: ".encode()), place)
        self.assertEqual(len(enough), 4, enough)
        self.backup("verify", "--all", "--level", "1")
        self.assertEqual([n for n in os.listdir(self.backups) if n.endswith(".partial")],
                         [])


if __name__ == "__main__":
    unittest.main(verbosity=1)
