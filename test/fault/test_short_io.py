"""Reads and writes that do a part of what they were asked for, or are broken off
by a signal (EINTR): every program loops, and the result is the same.

flaky.c does that to about half of them. The answers of a worker go out in
pieces as well.

Shown to fail: with fs_write_all() of lib/base/fsutil.c returning after its first
write(2), backups come out short and are found so when they are read back; with
read(2) in place of fs_read_all() in lib/crypto/secret_key.c half a key is read.
"""

import decimal
import json
import os
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "it")]
import segments  # noqa: E402
from backup_case import BIN, KEY, BackupCase  # noqa: E402
from flaky import Flaky  # noqa: E402
from service import Service, clean_environment  # noqa: E402

DAYS = "/api/data/daily-usage"


class Tools(BackupCase):
    rows = 20000

    def run_cut(self, name, *args, data=None):
        """The program, with half of its reads and writes cut short."""
        flaky = Flaky(self.dir, name)
        flaky.cut_short()
        done = subprocess.run(
            [os.path.join(BIN, name), "--config", self.config, *args],
            input=data, capture_output=True, check=False,
            env=clean_environment(**flaky.env))
        self.assertEqual(done.returncode, 0, done)
        self.assertGreater(flaky.get("cut"), 5, args)
        return done

    def test_a_backup_its_proof_and_the_way_back(self):
        for more in ((), ("--key-file", self.key)):
            done = self.run_cut("dum-backup", "create", "--json", *more)
            name = json.loads(done.stdout)["file"]
            self.backup("verify", name, "--level", "3", *more)
            self.run_cut("dum-backup", "verify", name, "--level", "3", *more)
            plain = self.backup("cat", name, *more).stdout
            self.assertEqual(self.run_cut("dum-backup", "cat", name, *more).stdout, plain)
            saved = self.content()
            self.change("UPDATE daily_usage SET usage_bytes = usage_bytes + 1")
            self.run_cut("dum-backup", "restore", name, "--confirm", *more)
            self.assertEqual(self.content(), saved)
            self.run_cut("dum-backup", "restore", name, "--confirm", "--whole", *more)
            self.assertEqual(self.content(), saved)
        self.assertEqual(self.integrity(), "ok")

    def test_the_journal_is_shipped_and_sealed(self):
        folder = os.path.join(self.backups, "journal")
        for i in range(30):
            self.program("dum-admin", "location", "add", f"p{i}")
            if i % 10 == 0:
                self.run_cut("dum-backup", "ship")
        self.run_cut("dum-backup", "ship", "--seal")
        found = segments.read_all(folder, bytes.fromhex(KEY),
                                  segments.secret_of(self.path("secret.key")))
        self.assertEqual([e["id"] for s in found for e in s.entries],
                         [n for n, in self.query("SELECT id FROM journal ORDER BY id")])

    def test_a_table_goes_in_and_comes_out(self):
        table = "Date,A,B\n" + "".join(
            f"20{y:02}-{m:02}-{d:02},{d},{m}.5\n" for y in range(10, 20)
            for m in range(1, 13) for d in range(1, 29))
        self.run_cut("dum-import", "-", data=table.encode())
        cells = [cell for line in table.splitlines()[1:] for cell in line.split(",")[1:]]
        self.assertEqual(self.query(
            "SELECT count(*), sum(usage_bytes) FROM daily_usage JOIN locations l ON"
            " l.id = location_id WHERE l.name IN ('A', 'B')"),
            [(len(cells), int(sum(map(decimal.Decimal, cells)) * 10**9))])
        self.assertEqual(self.run_cut("dum-export", "--format", "long").stdout,
                         self.program("dum-export", "--format", "long").stdout)
        self.program("dum-admin", "audit", "verify")


class Worker(unittest.TestCase):
    def test_requests_and_answers_come_in_pieces(self):
        service = Service("--workers", "2")
        flaky = Flaky(service.folder, "dum-api")
        service.env = flaky.env
        service.start()
        self.addCleanup(service.stop)
        place = service.request("POST", "/api/data/locations", {"name": "x"}).json()["id"]
        # It blocks signals while it has a request, and libfcgi counts on that.
        flaky.cut_short(broken_off=False)
        for day in range(1, 29):
            answer = service.request("POST", DAYS, {
                "date": f"2024-02-{day:02}", "location_id": place, "usage_gb": day})
            self.assertEqual(answer.status, 201, answer)
        table = "Date,y\n" + "".join(f"20{y:02}-01-{d:02},{d}\n" for y in range(10, 24)
                                     for d in range(1, 32))
        answer = service.request("POST", "/api/imports", table,
                                 {"Content-Type": "text/csv"})
        self.assertEqual(answer.status, 200, answer)
        days = service.get(DAYS + f"?location_id={place}")
        self.assertEqual(sorted(d["usage_gb"] for d in days), list(range(1, 29)))
        self.assertGreater(flaky.get("cut"), 20)
        flaky.calm()
        self.assertEqual(service.get("/api/dashboard/overview")["total_records"],
                         28 + 14 * 31)
        self.assertEqual(service.sqlite("PRAGMA integrity_check"), ["ok"])


if __name__ == "__main__":
    unittest.main(verbosity=1)
