"""No memory: a tool says so, changes nothing, and is no crash; a worker goes on
serving, or ends and is replaced.

flaky.c refuses memory at the N-th time that a program asks for it, once or from
then on; N goes over an even choice, with DUM_LONG=1 over all of them.

Shown to fail, before they were there: without gcrypt_end_by() in tools/tool.c a
tool ends by SIGABRT; with json_object_set_new() not looked at in lib/backup/
manifest.c a proof leaves a backup that is found damaged.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import unittest
from http.client import HTTPException

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "it")]
from backup_case import BIN, BackupCase  # noqa: E402
from flaky import Flaky  # noqa: E402
from form import choose  # noqa: E402
from service import Service, clean_environment, wait_for  # noqa: E402

DAYS = "/api/data/daily-usage"
TABLE = "Date,A,B\n" + "".join(f"2024-03-{d:02},{d},1.5\n" for d in range(1, 29))


class Tools(BackupCase):
    rows = 60
    most = 15       # places of a program, in short

    def run_flaky(self, flaky, name, *args):
        return subprocess.run(
            [os.path.join(BIN, name), "--config", self.config, *args],
            input=TABLE.encode(), capture_output=True, check=False,
            env=clean_environment(**flaky.env))

    def folder(self):
        """The backups and what is beside them. Locks are nothing, and what is not
        whole is cleared away by the next run, if this one had no memory for it."""
        if not os.path.isdir(self.backups):
            return set()
        return {n for n in os.listdir(self.backups)
                if not n.endswith((".lock", ".partial"))}

    def assert_refused(self, flaky, done, place):
        """No crash, a message of its own, and nothing that was begun is left."""
        if b"in libgcrypt" in done.stderr:
            return      # its own start ends a program so, and is told nothing
        self.assertGreaterEqual(done.returncode, 0, (place, done))
        self.assertEqual(flaky.get("signal"), 0, (place, done))
        if done.returncode == 0:
            return
        self.assertIn(done.returncode, (1, 4), (place, done))
        self.assertRegex(done.stderr.decode(), r"\A(dum-\w+: .+\n)+", (place, done))

    def sweep(self, name, *args, reset=None):
        """Refuse memory at each place; how often it failed."""
        flaky = Flaky(self.dir, name)
        if reset:
            reset()
        done = self.run_flaky(flaky, name, *args)
        self.assertEqual(done.returncode, 0, done)
        asked = flaky.get("asked")
        failed = 0
        for number in choose(asked, self.most):
            for for_good in (False, True):
                place = (name, args, number, for_good)
                if reset:
                    reset()
                before = (self.content(), self.folder())
                flaky.refuse(number, for_good)
                done = self.run_flaky(flaky, name, *args)
                self.assert_refused(flaky, done, place)
                failed += done.returncode != 0
                if done.returncode != 0 and b"stored all the same" not in done.stderr:
                    self.assertEqual((self.content(), self.folder()), before,
                                     (place, done))
        self.assertEqual(self.integrity(), "ok")
        self.program("dum-admin", "audit", "verify")
        print(f"# {name} {args[0]}: {asked} times asked, {failed} failures told")
        self.assertGreater(failed, 5)

    def remove_backups(self):
        for name in self.folder():
            if name.startswith("data_usage_backup"):
                os.unlink(os.path.join(self.backups, name))

    def test_a_location_is_added_or_not(self):
        count = iter(range(100000))
        flaky = Flaky(self.dir, "dum-admin")
        self.assertEqual(self.run_flaky(flaky, "dum-admin", "location", "add",
                                        "first").returncode, 0)
        for number in choose(flaky.get("asked"), self.most):
            name = f"place-{next(count)}"
            flaky.refuse(number)
            done = self.run_flaky(flaky, "dum-admin", "location", "add", name)
            self.assert_refused(flaky, done, number)
            found = self.query(f"SELECT count(*) FROM locations WHERE name = '{name}'")
            self.assertEqual(found, [(int(done.returncode == 0),)], (number, done))
        self.program("dum-admin", "audit", "verify")

    def test_an_import(self):
        self.sweep("dum-import", "-")

    def test_an_export(self):
        self.sweep("dum-export", "--format", "long")

    def test_a_backup(self):
        self.sweep("dum-backup", "create", reset=self.remove_backups)

    def test_an_encrypted_backup(self):
        self.sweep("dum-backup", "create", "--key-file", self.key,
                   reset=self.remove_backups)

    def test_a_proof(self):
        name = self.create()
        self.sweep("dum-backup", "verify", name, "--level", "3")
        # No memory is no damage of the backup.
        self.assertEqual([e["state"] for e in self.listed()], ["proven"])

    def test_a_restore(self):
        name = self.create()

        def reset():
            for other in self.folder():
                if other.removesuffix(".json") != name:
                    os.unlink(os.path.join(self.backups, other))
            self.change("UPDATE daily_usage SET usage_bytes = usage_bytes + 1")

        flaky = Flaky(self.dir, "dum-backup")
        saved = self.content()
        reset()
        args = ("restore", name, "--confirm")
        self.assertEqual(self.run_flaky(flaky, "dum-backup", *args).returncode, 0)
        old = new = 0
        for number in choose(flaky.get("asked"), self.most):
            reset()
            changed = self.content()
            flaky.refuse(number)
            done = self.run_flaky(flaky, "dum-backup", *args)
            self.assert_refused(flaky, done, number)
            now = self.content()
            self.assertIn(now, (changed, saved), number)
            # That the fresh backup after it failed is told, too.
            self.assertEqual(now == saved, b"\nrestored " in b"\n" + done.stdout,
                             (number, done))
            old += now == changed
            new += now == saved
        self.assertTrue(old, (old, new))
        self.assertEqual(self.integrity(), "ok")


class Worker(unittest.TestCase):
    most = 20

    def setUp(self):
        self.service = Service("--workers", "1")
        self.service.folder.mkdir(exist_ok=True)
        self.flaky = Flaky(self.service.folder, "dum-api")
        self.service.env = self.flaky.env
        self.service.start()
        self.log = self.service.state / "log/api.log"
        self.addCleanup(self.service.stop)
        self.place = self.service.request("POST", "/api/data/locations",
                                          {"name": "here"}).json()["id"]

    def ask(self, method, path, body=None):
        """What came; None where the worker ended in the middle of it, which was
        no crash, but what libfcgi does without memory for its buffers."""
        before = self.log.stat().st_size
        try:
            answer = self.service.request(method, path, body)
        except HTTPException:   # a list that was broken off
            answer = None
        if self.flaky.get("signal") == signal.SIGABRT:
            self.flaky.set(signal=0)
            # The other is what assert() says without memory to say more.
            self.assertRegex(self.log.read_text()[before:],
                             r"fcgiapp\.c|Unexpected error\.")
        self.assertEqual(self.flaky.get("signal"), 0, (path, answer))
        return None if answer is None or answer.status == 502 else answer

    def back(self):
        """It, or the next one, serves again."""
        self.flaky.calm()
        self.assertTrue(wait_for(
            lambda: self.service.request("GET", "/health").status == 200))

    def sweep(self, method, path, body=None, good=(200, 201, 204)):
        # As often as each answer is made anew, and once more for the count.
        self.flaky.calm()
        answer = self.ask(method, path, body)
        self.assertIn(answer.status, good, answer)
        asked = self.flaky.get("asked")
        statuses = []
        for number in choose(asked, self.most):
            self.flaky.refuse(number)
            answer = self.ask(method, path, body)
            statuses.append(answer and answer.status)
            if answer is not None and answer.status not in good:
                self.assertIn(answer.status, (500, 503), (path, number, answer))
                self.assertIn("detail", json.loads(answer.body))
            self.back()
        return asked, statuses

    def test_reads(self):
        for path in ("/api/data/locations", DAYS + "?page=1", "/api/dashboard/overview",
                     "/api/dashboard/usage-trends?days=30", "/health"):
            asked, statuses = self.sweep("GET", path)
            print(f"# {path}: {asked} times asked, {statuses.count(500)} times 500,"
                  f" {statuses.count(None)} times ended")

    def test_changes_are_stored_if_and_only_if_that_was_told(self):
        self.flaky.calm()
        self.assertEqual(self.service.request("POST", DAYS, {
            "date": "2024-01-01", "location_id": self.place,
            "usage_gb": 1}).status, 201)
        asked = self.flaky.get("asked")
        failed = 0
        for turn, number in enumerate(choose(asked, self.most)):
            date = f"20{10 + turn // 336:02}-{turn // 28 % 12 + 1:02}-{turn % 28 + 1:02}"
            self.flaky.refuse(number)
            answer = self.ask("POST", DAYS, {"date": date, "usage_gb": 1,
                                             "location_id": self.place})
            self.back()
            stored = self.service.query(
                "SELECT count(*) FROM daily_usage WHERE date = ?", date)[0][0]
            if answer is not None:
                # jansson does not tell no memory from no JSON.
                self.assertIn(answer.status, (201, 400, 500, 503), (number, answer))
                self.assertEqual(stored, int(answer.status == 201), (number, answer))
                failed += answer.status != 201
        print(f"# {asked} times asked, {failed} refused")
        self.assertGreater(failed, 3)
        self.assertEqual(self.service.sqlite("PRAGMA integrity_check"), ["ok"])
        self.service.tool("dum-admin", "audit", "verify")

    def test_one_that_gets_none_for_a_while_serves_again_when_there_is_some(self):
        for number in range(1, 6):
            self.flaky.refuse(number, for_good=True)
            answer = self.ask("GET", "/api/dashboard/overview")
            self.assertTrue(answer is None or answer.status >= 500, answer)
            self.back()
        self.assertEqual(self.service.request(
            "GET", "/api/dashboard/overview").status, 200)


if __name__ == "__main__":
    unittest.main(verbosity=1)
