"""A hundred who write at once: no acknowledged write is lost, nobody is told
anything but 201 or 503 with Retry-After, and all get their turn.

Shown to fail: with SQL_BEGIN_CHANGE of sql/queries/transaction.sql a plain BEGIN
and writer_lock_take() of lib/store/writer_lock.c taking no lock, changes are
refused with 500 (SQLITE_BUSY_SNAPSHOT among them, which BEGIN IMMEDIATE is
against).
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import shutil
import threading
import time
import unittest
from http.client import HTTPException

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "it")]
from backup_case import BIN, BackupCase  # noqa: E402
from form import LONG  # noqa: E402
from service import Service  # noqa: E402

SECONDS = 60 if LONG else 6
MANY = 100
DAYS = "/api/data/daily-usage"


class Writer(threading.Thread):
    def __init__(self, service, place, stop):
        super().__init__()
        self.service, self.place, self.stop = service, place, stop
        self.acked, self.other = {}, []
        self.refused, self.slowest = 0, 0.0

    def run(self):
        client = self.service.client()
        number = 0
        while not self.stop.is_set():
            number += 1
            date = f"{2000 + number // 336}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"
            self.enter(client, date, number)
        client.close()

    def enter(self, client, date, number):
        """Again for as long as it is told to come again."""
        while True:
            start = time.monotonic()
            try:
                answer = client.request("POST", DAYS, {
                    "date": date, "location_id": self.place, "usage_gb": number})
            except (OSError, HTTPException) as error:
                self.other.append(repr(error))
                return
            self.slowest = max(self.slowest, time.monotonic() - start)
            if answer.status == 201:
                self.acked[date] = number
                return
            if answer.status != 503 or not (answer.headers["Retry-After"] or "").isdigit():
                self.other.append(answer)
                return
            self.refused += 1
            if self.stop.is_set():
                return
            time.sleep(0.05)


class ThroughThePool(unittest.TestCase):
    def test_a_hundred_clients(self):
        service = Service("--workers", "4").start()
        self.addCleanup(service.stop)
        service.tool("dum-import", "-", data="Date," + ",".join(
            f"p{i}" for i in range(MANY)) + "\n1999-01-01" + ",1" * MANY + "\n")
        stop = threading.Event()
        writers = [Writer(service, i + 1, stop) for i in range(MANY)]
        for writer in writers:
            writer.start()
        time.sleep(SECONDS)
        stop.set()
        for writer in writers:
            writer.join()
        counts = sorted(len(w.acked) for w in writers)
        print(f"# {sum(counts)} acknowledged, {counts[0]} to {counts[-1]} each, the"
              f" slowest after {max(w.slowest for w in writers):.2f} s,"
              f" {sum(w.refused for w in writers)} times told to come again")
        self.assertEqual([w.other for w in writers if w.other], [])
        self.assertGreater(counts[0], 0)
        for writer in writers:
            stored = dict(service.query(
                "SELECT date, usage_bytes / 1000000000 FROM daily_usage WHERE"
                " location_id = ? AND date >= '2000'", writer.place))
            self.assertEqual(stored, writer.acked)
        log = (service.state / "log/api.log").read_text()
        self.assertNotIn("snapshot", log.lower())
        self.assertNotIn(": 500: ", log)
        self.assertEqual(service.sqlite("PRAGMA integrity_check"), ["ok"])
        service.tool("dum-admin", "audit", "verify")


class Processes(BackupCase):
    rows = 100

    def test_a_hundred_programs(self):
        outside = tempfile.mkdtemp(prefix="dum-many.")
        self.addCleanup(shutil.rmtree, outside)
        programs = [subprocess.Popen(
            [os.path.join(BIN, "dum-admin"), "--config", self.config, "location", "add",
             f"many-{i}"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            for i in range(MANY)]
        said = [p.communicate()[1] for p in programs]
        statuses = [p.returncode for p in programs]
        self.assertLessEqual(set(statuses), {0, 75}, said)
        found = {n for n, in self.query("SELECT name FROM locations WHERE name"
                                        " LIKE 'many-%'")}
        self.assertEqual(found, {f"many-{i}" for i, status in enumerate(statuses)
                                 if status == 0})
        self.assertGreater(len(found), 0)
        self.program("dum-admin", "audit", "verify")


if __name__ == "__main__":
    unittest.main(verbosity=1)
