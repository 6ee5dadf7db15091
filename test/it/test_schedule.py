"""dum-backup schedule: the entry for cron, and the next run as Python's own
calendar and time zones have it."""

import calendar
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import zoneinfo

BIN = pathlib.Path(os.path.abspath(os.environ["BIN"]))
DEFAULT_SETTINGS = "/etc/data-usage-monitor/dum.conf"
DEFAULT_FILE = "/etc/cron.d/data-usage-monitor-backup"
MINUTE = datetime.timedelta(minutes=1)
UTC = datetime.timezone.utc


def wall(instant, zone):
    return instant.astimezone(zone).replace(tzinfo=None)


def runs_on(period, day):
    return (period == "daily"
            or period == "weekly" and day.weekday() == calendar.SUNDAY
            or period == "monthly" and day.day == 1)


def run_of(day, zone):
    """The first minute of a day at which its clock shows 02:00 or later, None
    where the zone has no such day. PEP 495's folds and gaps, no searching."""
    want = datetime.datetime.combine(day, datetime.time(2))
    first = want.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if wall(first, zone) == want:
        return first
    # A gap: fold 1 counts with the offset behind it, and so lands before it.
    low = want.replace(tzinfo=zone, fold=1).astimezone(UTC)
    high = first
    while high - low > MINUTE:
        middle = low + (high - low) // MINUTE // 2 * MINUTE
        if wall(middle, zone) >= want:
            high = middle
        else:
            low = middle
    return high if wall(high, zone).date() == day else None


def expected(period, now, zone):
    if period == "hourly":
        at = now.replace(second=0) + MINUTE
        while wall(at, zone).minute != 0:
            at += MINUTE
        return at
    day = wall(now, zone).date()
    while True:
        if runs_on(period, day):
            at = run_of(day, zone)
            if at is not None and at > now:
                return at
        day += datetime.timedelta(days=1)


class Schedule(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="dum-schedule-"))
        cls.addClassCleanup(shutil.rmtree, cls.dir, True)
        cls.dir.chmod(0o755)
        cls.tool = cls.dir / "bin/dum-backup"
        cls.tool.parent.mkdir()
        shutil.copy2(BIN / "dum-backup", cls.tool)
        cls.cron = cls.dir / "lib/data-usage-monitor/dum-cron"
        cls.cron.parent.mkdir(parents=True)
        cls.cron.write_text("#!/bin/sh\necho ran \"$@\"\n")
        cls.cron.chmod(0o755)

    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.dir))
        folder.chmod(0o755)
        self.file = folder / "entry"

    def schedule(self, *words, status=0, wrap=(), file=None):
        done = subprocess.run(
            [*wrap, self.tool, "schedule", *words, "--cron-file", file or self.file],
            capture_output=True, text=True, check=False,
            env={"PATH": os.environ["PATH"]}, cwd=self.dir)
        self.assertEqual(done.returncode, status, done)
        return done

    def next_run(self, zone, now):
        """What the tool says at an instant; the faked clock ticks from there."""
        done = self.schedule("--json", "--zone", zone,
                             wrap=("env", "TZ=UTC", "faketime", "-f",
                                   now.strftime("%Y-%m-%d %H:%M:%S")))
        return datetime.datetime.fromisoformat(
            json.loads(done.stdout)["next"].replace("Z", "+00:00"))

    def test_each_word_writes_its_line(self):
        lines = {"hourly": "0 * * * *", "daily": "0 2 * * *",
                 "weekly": "0 2 * * 0", "monthly": "0 2 1 * *"}
        for word, fields in lines.items():
            self.schedule(word)
            text = self.file.read_text()
            self.assertTrue(text.startswith(f"# schedule: {word} "), text)
            jobs = [line for line in text.splitlines() if line[:1].isdigit()]
            self.assertEqual(jobs, [f"{fields} datamonitor [ ! -x {self.cron} ] "
                                    f"|| {self.cron} backup {word}"])
            self.assertTrue(text.endswith("\n"))    # cron drops a last line without
            self.assertEqual(self.file.stat().st_mode & 0o7777, 0o644)

    def test_what_the_line_runs_runs(self):
        self.schedule("daily")
        command = self.file.read_text().splitlines()[-1].split(" datamonitor ")[1]
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout, "ran backup daily\n")
        gone = command.replace("dum-cron", "dum-gone")
        subprocess.run(["sh", "-c", gone], check=True)  # a removed package is quiet

    def test_off_leaves_a_file_that_says_so(self):
        self.schedule("daily")
        self.schedule("off")
        self.assertTrue(self.file.read_text().startswith("# schedule: off "))
        self.assertNotIn("datamonitor [", self.file.read_text())
        told = json.loads(self.schedule("--json").stdout)
        self.assertEqual((told["schedule"], told["next"]), ("off", None))

    def test_none_yet_is_told_apart_from_off(self):
        done = self.schedule(status=1)
        self.assertIn("no schedule yet", done.stdout)
        self.assertIsNone(json.loads(self.schedule("--json", status=1).stdout)["schedule"])

    def test_another_word_replaces_the_file_whole(self):
        self.schedule("hourly")
        before = self.file.stat().st_ino
        self.schedule("monthly")
        self.assertNotEqual(self.file.stat().st_ino, before)
        self.assertEqual(os.listdir(self.file.parent), [self.file.name])

    def test_a_line_changed_by_hand_has_no_next_run_that_we_know(self):
        self.schedule("daily")
        self.file.write_text(self.file.read_text().replace("\n0 2 ", "\n30 4 "))
        told = json.loads(self.schedule("--json").stdout)
        self.assertEqual((told["schedule"], told["next"], told["as_written"]),
                         ("daily", None, False))
        self.assertIn("changed by hand", self.schedule().stdout)

    def test_a_job_below_off_is_not_off(self):
        self.schedule("off")
        self.file.write_text(self.file.read_text() + "0 5 * * * root backup\n")
        self.assertFalse(json.loads(self.schedule("--json").stdout)["as_written"])

    def test_a_foreign_file_is_not_taken_for_a_schedule(self):
        self.file.write_text("0 1 * * * root other\n")
        self.assertIn("first line", self.schedule(status=2).stderr)

    def test_an_instance_is_known_by_the_path_of_its_settings(self):
        for path, user in (("/etc/data-usage-monitor-north/dum.conf", "datamonitor-north"),
                           ("/etc/data-usage-monitor-n0/dum.conf", "datamonitor-n0"),
                           ("/etc/data-usage-monitor/dum.conf", None),
                           ("/etc/data-usage-monitor-a-b/dum.conf", None),
                           ("/etc/data-usage-monitor-a/b/dum.conf", None),
                           ("/etc/data-usage-monitor-/dum.conf", None),
                           ("/etc/data-usage-monitor-north/other.conf", None)):
            self.schedule("daily", "--config", path)
            job = self.file.read_text().splitlines()[-1]
            given = "" if path == DEFAULT_SETTINGS else f" --config {path}"
            self.assertRegex(job, rf"^0 2 \* \* \* {user or 'datamonitor'} "
                                  rf".*/dum-cron{given} backup daily$")

    def test_the_entry_names_settings_that_are_not_the_usual_ones(self):
        self.schedule("daily", "--config", "own/dum.conf")
        self.assertTrue(self.file.read_text().endswith(
            f"/dum-cron --config {self.dir}/own/dum.conf backup daily\n"))
        self.assertEqual(json.loads(self.schedule("--json").stdout)["schedule"], "daily")
        # cron would take it apart.
        self.assertIn("%", self.schedule("daily", "--config", "/x%y/dum.conf", status=2).stderr)

    def test_wrong_words_users_and_zones_are_refused_and_write_nothing(self):
        for words in (["yearly"], ["daily", "--user", "a b"],
                      ["daily", "--user", "x\n* * * * * root y"],
                      ["daily", "--user", "-u"], ["daily", "--zone", "Mars/One"]):
            self.assertTrue(self.schedule(*words, status=2).stderr, words)
            self.assertFalse(self.file.exists(), words)

    def test_without_dum_cron_there_is_no_entry(self):
        bare = self.dir / "bare/bin/dum-backup"
        bare.parent.mkdir(parents=True)
        shutil.copy2(self.tool, bare)
        done = subprocess.run([bare, "schedule", "daily", "--cron-file", self.file],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("dum-cron", done.stderr)
        self.assertFalse(self.file.exists())
        # Nothing is needed for nothing to be run.
        subprocess.run([bare, "schedule", "off", "--cron-file", self.file], check=True)
        self.assertIn("off (never)", self.file.read_text())

    def test_a_user_that_is_not_there_is_told_since_cron_says_nothing(self):
        done = self.schedule("daily", "--user", "nobody-of-that-name")
        self.assertIn("there is no user nobody-of-that-name yet", done.stderr)
        self.assertIn(" nobody-of-that-name ", self.file.read_text())
        self.assertEqual(self.schedule("daily", "--user", "root").stderr, "")

    @unittest.skipUnless(os.getuid() == 0, "root changes to somebody else")
    def test_somebody_else_is_told_that_it_takes_root(self):
        as_nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        self.assertIn("only root", self.schedule("daily", status=1, wrap=as_nobody).stderr)
        self.schedule("weekly")
        self.assertIn("weekly", self.schedule(wrap=as_nobody).stdout)   # may look

    def test_the_next_run_is_pythons_around_each_change_of_the_clock(self):
        cases = [
            # put forward at 02:00, back at 02:00: 01:00 comes twice
            ("America/New_York", (2026, 3, 8), (2026, 11, 1)),
            # forward at 02:00, back at 03:00: 02:00 comes twice
            ("Europe/Vienna", (2026, 3, 29), (2026, 10, 25)),
            # forward at 01:00, back at 02:00
            ("Europe/London", (2026, 3, 29), (2026, 10, 25)),
            # by half an hour, at 02:00
            ("Australia/Lord_Howe", (2026, 10, 4), (2026, 4, 5)),
            # a whole day left out
            ("Pacific/Apia", (2011, 12, 30), (2011, 9, 24)),
        ]
        looked = 0
        for name, *days in cases:
            zone = zoneinfo.ZoneInfo(name)
            for day in days:
                two = datetime.datetime(*day, 2, tzinfo=zone).astimezone(UTC)
                for period in ("hourly", "daily", "weekly", "monthly"):
                    self.schedule(period)
                    for minutes in ((-1500, -61, -31, -1, 0, 59, 121)
                                    if period in ("hourly", "daily") else (-1500, -1, 61)):
                        now = two + datetime.timedelta(minutes=minutes, seconds=7)
                        self.assertEqual(self.next_run(name, now),
                                         expected(period, now, zone), (name, period, now))
                        looked += 1
        self.assertEqual(looked, 200)

    def test_the_reference_knows_what_is_in_the_almanac(self):
        zone = zoneinfo.ZoneInfo("America/New_York")
        now = datetime.datetime(2026, 3, 8, 6, 0, tzinfo=UTC)
        self.assertEqual(expected("daily", now, zone).isoformat(), "2026-03-08T07:00:00+00:00")
        zone = zoneinfo.ZoneInfo("Europe/Vienna")
        now = datetime.datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
        self.assertEqual(expected("daily", now, zone).isoformat(), "2026-10-25T00:00:00+00:00")
        self.assertIsNone(run_of(datetime.date(2011, 12, 30), zoneinfo.ZoneInfo("Pacific/Apia")))

    def test_the_time_zone_of_the_login_and_of_the_settings_do_not_matter(self):
        self.schedule("daily")
        told = {zone: self.schedule(wrap=("env", f"TZ={zone}", "TIMEZONE=Asia/Tokyo")).stdout
                for zone in ("America/New_York", "Asia/Tokyo", "UTC")}
        self.assertEqual(len(set(told.values())), 1, told)


if __name__ == "__main__":
    unittest.main()
