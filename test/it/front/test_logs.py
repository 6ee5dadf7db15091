"""Logs: what logrotate moves on loses no line, neither of workers nor of those
that rsyslog writes."""

import gzip
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from pool import TOP, Pool

DEBIAN = TOP / "debian"
LOGROTATE = "/usr/sbin/logrotate"
RSYSLOGD = "/usr/sbin/rsyslogd"
ROTATIONS = 4


class Rotated(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="dum-logs-"))
        self.addCleanup(shutil.rmtree, self.dir, True)
        # logrotate looks into no folder that others may write to.
        self.dir.chmod(0o755)

    def rotation(self, source, **instead):
        """The installed file, but for its paths and the user; each is there."""
        text = (DEBIAN / source).read_text()
        for pattern, replacement in instead.values():
            text, found = re.subn(pattern, lambda _, to=replacement: to, text)
            self.assertGreater(found, 0, pattern)
        self.rules = self.dir / "rules"
        self.rules.write_text(text)
        self.rules.chmod(0o644)

    def rotate(self):
        done = subprocess.run([LOGROTATE, "-f", "-s", self.dir / "state", self.rules],
                              capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def lines(self, log):
        """Those of the log and of all that it was before."""
        found = []
        for path in log.parent.glob(f"{log.name}*"):
            data = path.read_bytes()
            found += (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines()
        return found

    def wait_for(self, condition):
        deadline = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def while_rotating(self, write, moved):
        """write(n) for n = 0, 1, ... in a thread, while logs are rotated."""
        written, over, failed = [], threading.Event(), []

        def writer():
            try:
                while not over.is_set():
                    write(len(written))
                    written.append(len(written))
            except Exception as error:              # told in the test's thread
                failed.append(error)
        thread = threading.Thread(target=writer)
        thread.start()
        try:
            for _ in range(ROTATIONS):
                before = len(written)
                self.wait_for(lambda n=before: failed or len(written) > n + 20)
                self.rotate()
                self.wait_for(lambda: failed or moved())
            before = len(written)
            self.wait_for(lambda: failed or len(written) > before + 20)
        finally:
            over.set()
            thread.join(60)
        self.assertEqual(failed, [])
        return len(written)


class WorkersLog(Rotated):
    def test_no_line_of_a_worker_is_lost(self):
        folder = self.dir / "logs"
        folder.mkdir(mode=0o755)
        log = folder / "api.log"
        pool = Pool(self.dir / "pool", settings=f"LOG_FILE={log}\n")
        self.addCleanup(pool.stop)
        self.rotation(
            "data-usage-monitor.logrotate",
            path=("/var/log/data-usage-monitor/", f"{folder}/"),
            user=(r"su datamonitor datamonitor\n", ""),
            owner=(" datamonitor datamonitor\n", "\n"),
            # Whether systemd runs here does not matter; and other users' pools
            # are not this test's.
            systemd=("/run/systemd/system", f"{self.dir}/none"),
            workers=("-u datamonitor -x dum-api", f"-P {pool.process.pid}"))

        def log_in(n):
            status, _ = pool.ask("POST", "/api/auth/login",
                                 b'{"username":"nobody","password":"not the right phrase"}',
                                 address=f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
            self.assertIn(status, (401, 429))

        def moved():
            """No worker has a file open that was moved."""
            kept = [os.readlink(path) for pid in pool.workers()
                    for path in pathlib.Path(f"/proc/{pid}/fd").iterdir()]
            return f"{log}.1" not in kept and len(pool.workers()) == 2
        asked = self.while_rotating(log_in, lambda: self.quiet(moved))
        told = [re.search(rb'user "nobody" from (\S+)$', line) for line in self.lines(log)]
        addresses = [match.group(1) for match in told if match]
        self.assertEqual(len(addresses), asked)
        self.assertEqual(len(set(addresses)), asked)
        names = sorted(path.name for path in folder.iterdir())
        self.assertEqual(names, sorted(
            ["api.log", "api.log.1", *(f"api.log.{n}.gz" for n in range(2, ROTATIONS + 1))]))

    @staticmethod
    def quiet(question):
        """A worker that ends meanwhile has no files: ask again."""
        try:
            return question()
        except OSError:
            return False


class RsyslogsFile(Rotated):
    def setUp(self):
        super().setUp()
        self.log = self.dir / "data-usage-monitor.log"
        self.other = self.dir / "syslog"
        # As Debian's rsyslog.conf: the snippets, then the rest into syslog.
        conf = self.dir / "rsyslog.conf"
        snippet = (DEBIAN / "rsyslog/rsyslog.d/30-data-usage-monitor.conf").read_text()
        snippet = snippet.replace("/var/log/data-usage-monitor.log", str(self.log))
        conf.write_text(
            f'global(workDirectory="{self.dir}")\n'
            'module(load="imuxsock" SysSock.Use="off")\n'
            f'input(type="imuxsock" Socket="{self.dir}/socket" RateLimit.Interval="0")\n'
            f'{snippet}\n*.* action(type="omfile" file="{self.other}")\n')
        done = subprocess.run([RSYSLOGD, "-N1", "-f", conf], capture_output=True, text=True,
                              check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.daemon = subprocess.Popen([RSYSLOGD, "-n", "-f", conf, "-i", self.dir / "pid"])
        self.addCleanup(self.daemon.wait, 30)
        self.addCleanup(self.daemon.terminate)
        self.wait_for((self.dir / "socket").exists)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.connect(str(self.dir / "socket"))

    def send(self, tag, text):
        self.socket.send(f"<28>Nov 24 10:00:00 {tag}[7]: {text}".encode())

    def test_it_has_what_is_ours_and_nothing_else(self):
        for tag in ("data-usage-monitor", "data-usage-monitor-north", "data-usage-monitors",
                    "sshd", "data-usage"):
            self.send(tag, f"said by {tag}.")
        self.wait_for(lambda: self.other.exists() and self.other.read_text().count("said") == 3)
        self.wait_for(lambda: self.log.exists() and self.log.read_text().count("said") >= 2)
        self.assertEqual(re.findall(r"said by (.*)\.", self.log.read_text()),
                         ["data-usage-monitor", "data-usage-monitor-north"])
        self.assertEqual(self.log.stat().st_mode & 0o777, 0o640)

    def test_no_line_of_it_is_lost(self):
        self.rotation("rsyslog/logrotate.d/data-usage-monitor-rsyslog",
                      path=("/var/log/", f"{self.dir}/"),
                      daemon=("/usr/lib/rsyslog/rsyslog-rotate",
                              f"kill -HUP {self.daemon.pid}"))
        sent = self.while_rotating(
            lambda n: (self.send("data-usage-monitor-north", f"line {n} ends"),
                       time.sleep(0.002)), self.log.exists)
        self.wait_for(lambda: len(self.lines(self.log)) >= sent)
        numbers = re.findall(rb"line (\d+) ends", b"\n".join(self.lines(self.log)))
        self.assertEqual(sorted(map(int, numbers)), list(range(sent)))


if __name__ == "__main__":
    unittest.main()
