"""dum-cron: each job once for its turn, quiet when all is well, and told when
it is not. The tools are stand-ins that note their call, but for the last
class, which runs the real ones."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from backup_case import BIN, ROOT, BackupCase

NAME = "data-usage-monitor"
CREATE = "dum-backup create --with-config"
MAILED_JOBS = ("verify", "anchor", "weekly")
# Notes its call, says what say.PROGRAM.COMMAND holds, and ends with the status
# of fail.PROGRAM.COMMAND; busy.PROGRAM.COMMAND counts down how often it is busy.
STAND_IN = """#!/bin/sh
top=$(dirname "$(dirname "$0")")
program=$(basename "$0")
case "$program $*" in
"dum-admin config DATABASE_PATH") echo "$top/state/data_usage.db"; exit ;;
"dum-admin config SYNC_TARGET") cat "$top/target" 2>/dev/null; exit ;;
"dum-backup schedule --json"*) echo "{\\"schedule\\":\\"$(cat "$top/schedule")\\"}"; exit ;;
esac
what=$program.${1:-all}
echo "$program $*" >>"$top/calls"
cat "$top/say.$what" 2>/dev/null
left=$(cat "$top/busy.$what" 2>/dev/null || echo 0)
if [ "$left" -gt 0 ]; then
    echo $((left - 1)) >"$top/busy.$what"
    exit 75
fi
[ ! -e "$top/hold.$what" ] || sleep "$(cat "$top/hold.$what")"
exit "$(cat "$top/fail.$what" 2>/dev/null || echo 0)"
"""


def place(folder):
    """dum-cron as it lies when installed; its path."""
    cron = folder / "lib" / NAME / "dum-cron"
    cron.parent.mkdir(parents=True)
    shutil.copy2(f"{ROOT}/scripts/cron", cron)
    return cron


class CronCase(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="dum-cron-"))
        self.addCleanup(shutil.rmtree, self.dir, True)
        self.cron = place(self.dir)
        for name in ("bin", "state", "logs"):
            (self.dir / name).mkdir()
        for program in ("dum-admin", "dum-backup", "dum-verify"):
            (self.dir / "bin" / program).write_text(STAND_IN)
            (self.dir / "bin" / program).chmod(0o755)
        (self.dir / "schedule").write_text("daily")

    def put(self, name, text):
        (self.dir / name).write_text(f"{text}\n")

    def environment(self, patience=0, zone="UTC"):
        return {"PATH": os.environ["PATH"], "LOGS_DIRECTORY": str(self.dir / "logs"),
                "DUM_CRON_PATIENCE": str(patience), "TZ": zone, "NO_FAKE_STAT": "1"}

    def run_cron(self, *words, at="2026-11-25 12:00:00", status=0, **more):
        """at: the wall clock of the zone."""
        done = subprocess.run(["faketime", "-f", f"@{at}", self.cron, *words],
                              capture_output=True, text=True, check=False,
                              env=self.environment(**more))
        self.assertEqual(done.returncode, status, done)
        return done

    def quiet(self, *words, **more):
        done = self.run_cron(*words, **more)
        self.assertEqual((done.stdout, done.stderr), ("", ""), words)

    def calls(self):
        """Those since the last look."""
        path = self.dir / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def log(self):
        return (self.dir / "logs/cron.log").read_text()

    def start(self, *words, patience):
        return subprocess.Popen([self.cron, *words], env=self.environment(patience),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for_call(self, call):
        path, until = self.dir / "calls", time.monotonic() + 60
        while not path.exists() or call not in path.read_text():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.02)


class Jobs(CronCase):
    def test_each_job_runs_its_tools_and_says_nothing(self):
        wanted = {"ship": ["dum-backup ship"], "checkpoint": ["dum-admin checkpoint"],
                  "backup daily": [CREATE, "dum-backup prune"],
                  "verify": ["dum-verify "], "anchor": ["dum-admin audit anchor"],
                  "weekly": ["dum-admin compact", "dum-admin doctor"]}
        for job, calls in wanted.items():
            self.quiet(*job.split())
            self.assertEqual(self.calls(), calls)
        self.assertEqual(list(self.dir.glob("state/cron/output.*")), [])

    def test_a_turn_is_taken_once(self):
        turns = [
            # job, two times of one turn, one of the next
            ("backup hourly", "12:00:00", "12:59:30", "13:00:00"),
            ("backup daily", "02:00:00", "23:59:30", "2026-11-26 02:00:00"),
            ("verify", "03:30:00", "2026-11-26 03:29:30", "2026-11-26 03:30:00"),
            ("anchor", "23:50:00", "2026-11-26 23:49:30", "2026-11-26 23:50:00"),
            ("weekly", "2026-11-22 04:00:00", "2026-11-29 03:59:30", "2026-11-29 04:00:00"),
            ("backup weekly", "2026-11-22 02:00:00", "2026-11-29 01:59:30",
             "2026-11-29 02:00:00"),
            ("backup monthly", "2026-11-01 02:00:00", "2026-12-01 01:59:30",
             "2026-12-01 02:00:00"),
            ("backup monthly", "2027-01-01 02:00:00", "2027-01-31 23:59:30",
             "2027-02-01 02:00:00"),
            ("ship", "12:00:00", "12:00:40", "12:01:00"),
            ("checkpoint", "12:00:00", "12:14:40", "12:15:00"),
        ]
        for job, *times in turns:
            times = [t if "-" in t else f"2026-11-25 {t}" for t in times]
            counts = []
            for at in times:
                self.quiet(*job.split(), at=at)
                counts.append(len(self.calls()) > 0)
            self.assertEqual(counts, [True, False, True], (job, times))

    def test_an_hour_that_comes_twice_has_two_backups_and_a_night_one(self):
        # Vienna, 2026-10-25: 02:30 CEST is 00:30 UTC, 02:30 CET an hour later.
        def at(epoch, *job):
            ahead = f"{epoch - int(time.time()):+d}s"
            done = subprocess.run(["faketime", "-f", ahead, self.cron, "backup", *job],
                                  capture_output=True, text=True, check=True,
                                  env=self.environment(zone="Europe/Vienna"))
            self.assertEqual(done.stderr, "")
            return CREATE in self.calls()

        first = 1792888200
        self.assertEqual([at(first, "hourly"), at(first + 3600, "hourly")], [True, True])
        self.assertEqual([at(first, "daily"), at(first + 3600, "daily")], [True, False])

    def test_a_failure_is_told_with_output_and_advice_and_leaves_no_stamp(self):
        self.put("say.dum-verify.all", "backup 7 is damaged")
        self.put("fail.dum-verify.all", 4)
        done = self.run_cron("verify", status=4)
        self.assertEqual(done.stdout, "")
        for words in ("verify failed with status 4", "backup 7 is damaged", "What to do",
                      "cron.log"):
            self.assertIn(words, done.stderr)
        self.assertIn("backup 7 is damaged", self.log())
        self.assertIn("FAILED", self.run_cron("status").stdout)
        (self.dir / "fail.dum-verify.all").unlink()
        self.quiet("verify")
        self.assertIn("well again", self.log())
        self.assertNotIn("FAILED", self.run_cron("status").stdout)

    def test_what_comes_each_minute_is_told_once_an_hour(self):
        self.put("fail.dum-backup.ship", 1)
        told = [bool(self.run_cron("ship", at=f"2026-11-25 {at}", status=1).stderr)
                for at in ("12:00:00", "12:01:00", "12:59:00", "13:00:10", "13:01:00")]
        self.assertEqual(told, [True, False, False, True, False])
        self.assertEqual(self.log().count("ship: failed"), 5)

    def test_busy_is_asked_again_while_there_is_patience(self):
        self.put("busy.dum-verify.all", 2)
        self.quiet("verify", patience=30)
        self.assertEqual(self.calls(), ["dum-verify "] * 3)
        self.put("busy.dum-backup.create", 5)
        self.assertIn("status 75", self.run_cron("backup", "daily", patience=0, status=75).stderr)
        self.assertEqual(self.calls(), [CREATE])

    def test_busy_each_minute_is_nobodys_business(self):
        for job, tool in (("ship", "dum-backup.ship"), ("checkpoint", "dum-admin.checkpoint")):
            self.put(f"busy.{tool}", 1)
            self.quiet(job, patience=30)
            self.assertEqual(len(self.calls()), 1)
            self.assertFalse((self.dir / "state/cron" / job).exists())
            self.quiet(job)     # the same minute: it was not done
            self.assertEqual(len(self.calls()), 1)

    def test_no_backup_goes_on_to_prune_when_it_was_not_made(self):
        self.put("fail.dum-backup.create", 1)
        self.run_cron("backup", "daily", status=1)
        self.assertEqual(self.calls(), [CREATE])

    def test_the_doctor_looks_although_compact_failed(self):
        self.put("fail.dum-admin.compact", 1)
        self.run_cron("weekly", status=1)
        self.assertEqual(self.calls(), ["dum-admin compact", "dum-admin doctor"])

    def test_wrong_words_are_refused_and_run_nothing(self):
        for words in ([], ["other"], ["backup"], ["backup", "yearly"], ["ship", "x"],
                      ["--nothing"], ["--config"]):
            self.assertIn("dum-cron", self.run_cron(*words, status=2).stderr)
        self.assertEqual(self.calls(), [])

    def test_settings_that_can_not_be_read_are_told(self):
        (self.dir / "bin/dum-admin").write_text("#!/bin/sh\necho no settings >&2; exit 1\n")
        self.assertIn("no settings", self.run_cron("ship", status=1).stderr)

    def test_jobs_that_must_not_meet_wait_and_those_of_each_minute_do_not(self):
        self.put("hold.dum-backup.create", 3)
        first = self.start("backup", "daily", patience=60)
        self.wait_for_call(CREATE)
        second = self.start("verify", patience=60)
        ship = self.start("ship", patience=60)
        self.assertEqual(ship.communicate(timeout=60), ("", ""))
        self.assertIsNone(first.poll())
        for process in (first, second):
            self.assertEqual(process.communicate(timeout=60), ("", ""))
            self.assertEqual(process.returncode, 0)
        calls = self.calls()
        self.assertLess(calls.index("dum-backup prune"), calls.index("dum-verify "))

    def test_two_of_the_same_make_one_backup(self):
        self.put("hold.dum-backup.create", 1)
        both = [self.start("backup", "daily", patience=60) for _ in range(2)]
        for process in both:
            self.assertEqual(process.communicate(timeout=60), ("", ""))
        self.assertEqual(self.calls(), [CREATE, "dum-backup prune"])

    def test_a_lock_that_does_not_come_free_is_told(self):
        self.put("hold.dum-backup.create", 4)
        first = self.start("backup", "daily", patience=60)
        self.wait_for_call(CREATE)
        second = self.start("verify", patience=1)
        self.assertIn("held the lock", second.communicate(timeout=60)[1])
        self.assertEqual(second.returncode, 75)
        first.communicate(timeout=60)

    def test_one_that_was_killed_left_no_stamp_and_no_lock(self):
        self.put("hold.dum-backup.create", 30)
        job = subprocess.Popen([self.cron, "backup", "daily"], env=self.environment(5),
                               start_new_session=True)
        self.wait_for_call(CREATE)
        os.killpg(job.pid, signal.SIGKILL)
        job.wait()
        (self.dir / "hold.dum-backup.create").unlink()
        self.quiet("backup", "daily", patience=5)
        self.assertIn("dum-backup prune", self.calls())


class Copies(CronCase):
    """What follows a backup where SYNC_TARGET is set."""

    def setUp(self):
        super().setUp()
        self.put("target", "/mnt/usb/usage")

    def test_they_follow_the_backup_once(self):
        self.quiet("backup", "daily")
        self.assertEqual(self.calls(), [CREATE, "dum-backup prune", "dum-backup sync"])
        self.quiet("backup", "daily")
        self.quiet("sync")
        self.assertEqual(self.calls(), [])
        self.quiet("backup", "daily", at="2026-11-26 02:00:00")
        self.assertEqual(self.calls()[-1], "dum-backup sync")
        self.assertIn("sync: done for backup-daily 2026-11-26", self.log())

    def test_a_place_that_is_not_there_makes_no_second_backup(self):
        self.put("fail.dum-backup.sync", 1)
        done = self.run_cron("backup", "daily", status=1)
        self.assertIn("sync failed", done.stderr)
        self.assertIn("room in it", done.stderr)
        self.calls()
        (self.dir / "fail.dum-backup.sync").unlink()
        self.run_cron("due", at="2026-11-25 13:00:10")
        calls = self.calls()
        self.assertNotIn(CREATE, calls)
        self.assertIn("dum-backup sync", calls)

    def test_a_backup_that_fails_does_not_keep_what_there_is_from_going(self):
        self.put("fail.dum-backup.sync", 1)
        self.run_cron("backup", "daily", status=1)
        (self.dir / "fail.dum-backup.sync").unlink()
        self.put("fail.dum-backup.create", 1)
        self.calls()
        self.run_cron("backup", "daily", at="2026-11-26 02:00:00", status=1)
        self.assertEqual(self.calls(), [CREATE, "dum-backup sync"])

    def test_a_slow_line_keeps_nobody_waiting_and_nobody_copies_beside_it(self):
        self.put("hold.dum-backup.sync", 3)
        first = self.start("sync", patience=60)
        self.wait_for_call("dum-backup sync")
        self.quiet("verify", patience=1)
        self.quiet("sync", patience=1)
        self.assertIsNone(first.poll())
        self.assertEqual(first.communicate(timeout=60), ("", ""))
        self.assertEqual(self.calls(), ["dum-backup sync", "dum-verify "])

    def test_without_a_target_nothing_is_copied(self):
        self.put("target", "")
        self.quiet("backup", "daily")
        self.run_cron("due")
        self.assertNotIn("dum-backup sync", self.calls())
        self.assertNotIn("sync", self.run_cron("status").stdout)


class Due(CronCase):
    """What the timer runs where there is no cron."""

    def due(self, at, status=0):
        self.run_cron("due", at=at, status=status)
        return self.calls()

    def test_all_that_was_missed_is_made_up_for_once_backup_first(self):
        calls = self.due("2026-11-25 12:00:00")
        self.assertEqual(calls, ["dum-backup ship", "dum-admin checkpoint", CREATE,
                                 "dum-backup prune", "dum-admin audit anchor", "dum-verify ",
                                 "dum-admin compact", "dum-admin doctor"])
        self.assertEqual(self.due("2026-11-25 12:01:00"), ["dum-backup ship"])
        # A week in which the machine was off.
        self.assertIn(CREATE, self.due("2026-12-02 09:00:00"))

    def test_a_day_does_each_job_as_often_as_cron_would(self):
        self.due("2026-11-28 23:59:00")
        times = [f"2026-11-29 {at}:00" for at in (
            "01:59", "02:00", "03:29", "03:30", "04:00", "12:00", "23:49", "23:50", "23:59")]
        calls = [call for at in times for call in self.due(at)]
        self.assertEqual({c: calls.count(c) for c in set(calls)}, {
            "dum-backup ship": 9, "dum-admin checkpoint": 7, CREATE: 1,
            "dum-backup prune": 1, "dum-admin audit anchor": 1, "dum-verify ": 1,
            "dum-admin compact": 1, "dum-admin doctor": 1})

    def test_the_backup_goes_by_the_schedules_word(self):
        self.due("2026-11-25 12:00:00")
        self.put("schedule", "off")
        self.assertNotIn(CREATE, self.due("2026-11-27 12:00:00"))
        self.put("schedule", "hourly")
        self.assertIn(CREATE, self.due("2026-11-27 12:01:00"))
        self.assertNotIn(CREATE, self.due("2026-11-27 12:59:00"))
        self.assertIn(CREATE, self.due("2026-11-27 13:00:00"))

    def test_what_fails_is_tried_each_hour_and_does_not_stop_the_rest(self):
        self.put("fail.dum-backup.create", 1)
        self.assertIn("dum-verify ", self.due("2026-11-25 12:00:00", status=1))
        self.assertNotIn(CREATE, self.due("2026-11-25 12:30:00"))
        self.assertIn(CREATE, self.due("2026-11-25 13:00:10", status=1))


class RealTools(BackupCase):
    def test_the_jobs_do_what_they_say_on_a_real_database(self):
        folder = pathlib.Path(self.path("installed"))
        cron = place(folder)
        (folder / "bin").symlink_to(BIN)
        (folder / "logs").mkdir()
        with open(self.config, "a", encoding="utf-8") as f:
            f.write(f"AUDIT_ANCHOR_FILE={folder}/anchors.log\n")
        env = {"PATH": os.environ["PATH"], "LOGS_DIRECTORY": str(folder / "logs"),
               "DUM_CRON_PATIENCE": "60"}
        usb = pathlib.Path(self.path("usb"))
        with open(self.config, "a", encoding="utf-8") as f:
            f.write(f"SYNC_TARGET={usb}\n")
        self.backup("sync", "--prepare")
        for job in ("ship", "checkpoint", "backup daily", "verify", "anchor", "weekly",
                    "backup daily"):
            done = subprocess.run([cron, "--config", self.config, *job.split()], check=False,
                                  capture_output=True, text=True, env=env)
            # Findings about this machine's disk are warnings, and no failure.
            self.assertEqual((done.returncode, done.stderr), (0, ""), job)
        listed = json.loads(self.backup("list", "--json").stdout)
        self.assertEqual([entry["config"] for entry in listed], [True])
        self.assertTrue((usb / (listed[0]["file"] + ".conf")).exists())
        self.assertEqual(self.integrity(), "ok")


if __name__ == "__main__":
    unittest.main()
