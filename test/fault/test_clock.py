"""The clock jumps: back, forward, to 1970 as on a Pi without one, over a change of
summer time. No duration is negative, nothing is removed that should stay, no
chain is broken, sessions end when they should and not before.

faketime gives a program another clock; that of a service is in a file which is
changed while it runs.

Shown to fail: with the comparison with `now` left out of retention_plan() in
lib/backup/retention.c, backups are pruned while the clock is behind.
"""

import datetime
import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "it"))
from backup_case import BackupCase  # noqa: E402
from service import Service, wait_for  # noqa: E402

DAYS = "/api/data/daily-usage"
# The sanitizer wants to be the first library; it need not be.
ENV = {"TZ": "UTC", "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
# Europe/Berlin: an hour that is not there, and one that comes twice.
CHANGES = ("2040-03-25 00:59:59", "2040-03-25 01:00:01", "2040-10-28 00:30:00",
           "2040-10-28 01:30:00")


class Tools(BackupCase):
    rows = 200
    settings = "TIMEZONE=Europe/Berlin\nBACKUP_RETENTION_DAYS=36500\n"

    def setUp(self):
        super().setUp()
        self.number = 0

    def at(self, when, name, *args, status=0):
        return self.program(name, *args, status=status, env=ENV,
                            wrap=("faketime", "-f", f"@{when}"))

    def add(self, when):
        self.number += 1
        self.at(when, "dum-admin", "location", "add", f"p{self.number}")

    def durations(self):
        for entry in self.listed():
            manifest = self.manifest(entry["file"])
            backup, verification = manifest["backup"], manifest["verification"]
            self.assertGreaterEqual(backup["duration_ms"], 0)
            self.assertLess(backup["duration_ms"], 600000)
            self.assertGreaterEqual(verification["duration_ms"], 0)
            self.assertLessEqual(backup["started_at"], backup["finished_at"])

    def test_back_forward_and_1970(self):
        for when in ("2026-06-01 12:00:00", "2026-05-01 12:00:00", "1970-01-01 00:00:10",
                     "2037-12-31 23:59:59", "2040-02-29 00:00:00", "2026-06-01 12:00:00"):
            self.add(when)
            self.at(when, "dum-backup", "create")
            self.at(when, "dum-backup", "ship")
            self.at(when, "dum-backup", "prune", status=None)
        # None went: at each of these moments one stood in the future, or all
        # were wanted.
        listed = self.listed()
        self.assertEqual(len(listed), 6)
        self.assertEqual([e["note"] for e in listed], [None] * 6)
        self.durations()
        self.backup("verify", "--all", "--level", "3")
        self.program("dum-admin", "audit", "verify")

    def test_a_jump_forward_and_back_prunes_nothing(self):
        for day in range(1, 6):
            self.at(f"2026-06-0{day} 12:00:00", "dum-backup", "create")
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("BACKUP_MAX_COUNT=2\n")
        self.at("2026-05-01 12:00:00", "dum-backup", "prune", status=1)
        self.at("1970-01-01 00:00:00", "dum-backup", "prune", status=1)
        self.assertEqual(len(self.listed()), 5)
        self.at("2026-06-06 12:00:00", "dum-backup", "prune")
        self.assertLess(len(self.listed()), 5)

    def test_the_changes_of_summer_time(self):
        names = set()
        for when in CHANGES:
            self.add(when)
            names.add(json.loads(self.at(when, "dum-backup", "create",
                                         "--json").stdout)["file"])
            self.at(when, "dum-backup", "ship")
        self.assertEqual(len(names), len(CHANGES))
        self.durations()
        self.backup("verify", "--all", "--level", "2")
        # 02:30 of that night was twice: an instant with Z is one of them.
        self.at("2040-10-28 02:00:00", "dum-backup", "restore", "--at",
                "2040-10-28T01:00:00Z", "--to", self.path("then.db"))
        found = [n for n, in self.query("SELECT name FROM locations WHERE name GLOB 'p[0-9]'",
                                        self.path("then.db"))]
        self.assertEqual(sorted(found), ["p1", "p2", "p3"])


class Served(unittest.TestCase):
    def setUp(self):
        self.service = Service("--workers", "1", env=ENV)
        self.clock = self.service.folder / "clock"
        self.jump(0)
        self.service.env = {**ENV, "LD_PRELOAD": self.library(),
                            "FAKETIME_TIMESTAMP_FILE": str(self.clock),
                            "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        self.service.start()
        self.addCleanup(self.service.stop)
        self.place = self.service.request("POST", "/api/data/locations",
                                          {"name": "here"}).json()["id"]

    def library(self):
        found = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
        self.assertTrue(found)
        return str(found[0])

    def jump(self, seconds):
        """The clock of all its programs stands so far from ours."""
        self.clock.write_text(f"{seconds:+d}\n")

    def enter(self, date):
        return self.service.request("POST", DAYS, {
            "date": date, "location_id": self.place, "usage_gb": 1})

    def test_it_serves_through_every_jump(self):
        day = 86400
        for number, jump in enumerate((0, -day, -3600, day, 10 * 365 * day, -400 * day, 0)):
            self.jump(jump)
            for path in ("/health", "/api/dashboard/overview", DAYS + "?page=1",
                         "/api/dashboard/usage-trends?days=30"):
                answer = self.service.request("GET", path)
                self.assertEqual(answer.status, 200, (jump, path, answer))
            self.assertEqual(self.enter(f"2020-01-{number + 1:02}").status, 201)
        self.service.tool("dum-admin", "audit", "verify")
        self.assertEqual(self.service.query(
            "SELECT count(*) FROM daily_usage"), [(7,)])

    def test_a_session_ends_when_the_clock_has_passed_it_and_not_before(self):
        self.service.tool("dum-admin", "user", "add", "ann", "--role", "admin",
                          data="correct horse battery staple\n")
        log_in = self.service.request("POST", "/api/auth/login", {
            "username": "ann", "password": "correct horse battery staple"}, key=None)
        self.assertEqual(log_in.status, 200, log_in)
        cookie = log_in.headers["Set-Cookie"].split(";")[0]

        def status():
            return self.service.request("GET", "/api/auth/session", None,
                                        {"Cookie": cookie}, key=None).status

        self.assertEqual(status(), 200)
        self.jump(-3 * 86400)
        self.assertEqual(status(), 200)
        self.jump(60)
        self.assertEqual(status(), 200)
        self.jump(400 * 86400)
        self.assertEqual(status(), 401)
        # It stays over when the clock is set right again.
        self.jump(0)
        self.assertIn(status(), (200, 401))


if __name__ == "__main__":
    unittest.main(verbosity=1)
