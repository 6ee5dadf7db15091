"""The file system becomes read-only, as Linux makes one whose disk fails: a
change is refused in plain words, reads go on, nobody spins, and all is well when
it can be written again.

The database lies on a tmpfs of a mount namespace of its own. That is mounted
anew, read-only, at a moment when no worker has it open; what a worker meets that
has it open is EROFS, which strace makes.

Shown to fail: with DUM_EREADONLY an error like others in writer_lock_open() of
lib/store/writer_lock.c nothing can be read; with it left out of give_up_handle()
in fcgi-app/app.c a worker goes on with a handle that can not write.
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

DAYS = "/api/data/daily-usage"
READS = ("/api/data/locations", DAYS + "?page=1", "/api/dashboard/overview",
         "/api/dashboard/usage-trends?days=90")


class OwnDisk(Service):
    """A service whose database alone is on a disk of its own."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.disk = self.state / "disk"
        self.database = self.disk / "data_usage.db"
        self.write_config()
        self.disk.mkdir(mode=0o700)
        become = [] if os.geteuid() == 0 else [
            "--user", "--map-current-user", "--keep-caps"]
        self.wrap = [
            "unshare", "--mount", *become, "sh", "-c",
            'mount -t tmpfs -o "size=32m,mode=700" tmpfs "$1" && shift && exec "$@"',
            "sh", str(self.disk)]

    def remount(self, how):
        """False: it is in use."""
        return subprocess.run(
            [*self.entering(), "mount", "-o", f"remount,{how}", str(self.disk)],
            capture_output=True, check=False).returncode == 0


class ReadOnly(unittest.TestCase):
    def setUp(self):
        self.service = OwnDisk("--workers", "2").start()
        self.addCleanup(self.service.stop)
        self.place = self.service.request("POST", "/api/data/locations",
                                          {"name": "here"}).json()["id"]
        self.day = 0
        for _ in range(5):
            self.assertEqual(self.enter().status, 201)

    def enter(self):
        self.day += 1
        return self.service.request("POST", DAYS, {
            "date": f"2024-{self.day // 28 + 1:02}-{self.day % 28 + 1:02}",
            "location_id": self.place, "usage_gb": 1})

    def make_read_only(self):
        """New workers have nothing open before they are asked."""
        def all_gone():
            for pid in self.service.workers():
                os.kill(pid, signal.SIGKILL)
            return self.service.remount("ro")

        self.assertTrue(wait_for(all_gone))

    def assert_refused(self):
        for _ in range(3):
            answer = self.enter()
            self.assertEqual(answer.status, 503, answer)
            self.assertRegex(answer.headers["Retry-After"], r"^\d+$")

    def assert_heals(self):
        self.assertTrue(wait_for(lambda: self.enter().status == 201))
        for path in (*READS, "/health"):
            self.assertEqual(self.service.request("GET", path).status, 200, path)
        self.assertEqual(self.service.sqlite("PRAGMA integrity_check"), ["ok"])
        self.service.tool("dum-admin", "audit", "verify")

    def test_changes_are_refused_reads_go_on_and_it_heals(self):
        before = self.service.get("/api/dashboard/overview")["total_records"]
        self.make_read_only()
        self.assert_refused()
        for path in READS:
            answer = self.service.request("GET", path)
            self.assertEqual(answer.status, 200, (path, answer))
        self.assertEqual(self.service.get("/api/dashboard/overview")["total_records"],
                         before)
        self.assertEqual(self.service.request("GET", "/health").status, 503)
        self.assertIn("read-only", (self.service.state / "log/api.log").read_text())
        for words in (("dum-import", "-"), ("dum-admin", "location", "add", "x")):
            done = self.service.tool(*words, data="Date,A\n2024-01-01,1\n", status=1)
            self.assertIn("read-only", done.stderr.lower())
        self.assertTrue(self.service.remount("rw"))
        self.assert_heals()

    def test_nobody_spins(self):
        self.make_read_only()
        for _ in range(5):
            self.enter()
        log = self.service.state / "log/api.log"
        lines, used = log.read_text().count("\n"), self.processor_s()
        time.sleep(2)
        self.assertEqual(log.read_text().count("\n"), lines)
        self.assertLess(self.processor_s() - used, 0.5)

    def processor_s(self):
        """What the workers have used of the processor."""
        ticks = 0
        for pid in self.service.workers():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")")[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def test_a_worker_that_has_it_open(self):
        """It can not know what became of its change, and ends."""
        self.service.get("/api/data/locations")
        tracers = []
        for pid in self.service.workers():
            tracers.append(subprocess.Popen(
                ["strace", "-f", "-p", str(pid), "-e", "trace=pwrite64,fdatasync", "-e",
                 "inject=pwrite64,fdatasync:error=EROFS", "-o", "/dev/null"],
                stderr=subprocess.PIPE, text=True))
            self.assertIn("attached", tracers[-1].stderr.readline())
        try:
            answer = self.enter()
            self.assertIn(answer.status, (500, 503), answer)
        finally:
            for tracer in tracers:
                tracer.terminate()
                tracer.wait()
                tracer.stderr.close()
        self.assert_heals()


if __name__ == "__main__":
    unittest.main(verbosity=1)
